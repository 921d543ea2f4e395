/** Who has to approve what goes to production, over REST: the only place that names teams to a token without the scope read:org. */
import type {EnvironmentRules} from '../../core/github/facts.ts';
import {parseRules} from './parse-rest.ts';
import type {Rest} from '../http/rest.ts';
import type {Tally} from '../http/tally.ts';

/** `repository`: OWNER/NAME. null: it could not be read, which the tally notes. */
export async function readRules(rest: Rest, repository: string, tally: Tally): Promise<EnvironmentRules | null> {
	const owner = repository.split('/', 1)[0] ?? '';
	const found = await tally.without(
		'approvals of production',
		rest.find(
			'/environments/production',
			(body: Parameters<typeof parseRules>[0]) => parseRules(body, owner),
			tally,
		),
	);
	return found && (found.value ?? parseRules(null, owner));
}
