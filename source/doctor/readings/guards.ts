/** GitHub's own rules, which alone stop whoever may write: tags in the names of branches, rulesets, owners of files. Each read by itself. */
import type {Probe, Probed} from '../../github/probe.ts';
import type {GuardsReading, Read, RulesetReading} from '../model/model.ts';

type Body = Readonly<Record<string, unknown>>;
const fields = (value: unknown): Body => (typeof value === 'object' && value !== null ? (value as Body) : {});
const texts = (value: unknown): readonly string[] =>
	Array.isArray(value) ? value.filter(one => typeof one === 'string') : [];
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const failed = ({kind, because, next}: Extract<Probed, {ok: false}>): Extract<Read<never>, {ok: false}> => ({
	ok: false,
	kind,
	because,
	next,
});

/** A repository with more has somebody who looks after them. */
const rulesetsAtMost = 30;

/** Tags called like a branch of ours: whoever says the bare name may get the tag. */
const readTags = async (probe: Probe, branches: readonly string[]): Promise<Read<readonly string[]>> => {
	const found: string[] = [];
	for (const branch of branches) {
		const answer = await probe.get(
			`/git/matching-refs/tags/${branch.split('/').map(encodeURIComponent).join('/')}`,
		);
		if (!answer.ok && answer.kind !== 'absent') return failed(answer);
		// The question is for all that begin so.
		if (
			answer.ok &&
			Array.isArray(answer.body) &&
			answer.body.some(ref => text(fields(ref)['ref']) === `refs/tags/${branch}`)
		)
			found.push(branch);
	}
	return {ok: true, value: found};
};

const rulesetFrom = (body: Body): RulesetReading => {
	const names = fields(fields(body['conditions'])['ref_name']);
	const rules = Array.isArray(body['rules']) ? body['rules'].map(fields) : [];
	return {
		name: text(body['name']),
		target: text(body['target']),
		types: rules.map(rule => text(rule['type'])),
		include: texts(names['include']),
		exclude: texts(names['exclude']),
		paths: rules
			.filter(rule => rule['type'] === 'file_path_restriction')
			.flatMap(rule => texts(fields(rule['parameters'])['restricted_file_paths'])),
		bypass: Array.isArray(body['bypass_actors']) ? body['bypass_actors'].length : null,
	};
};

/** Those that are in force, of the organisation too. */
const readRulesets = async (probe: Probe): Promise<Read<readonly RulesetReading[]>> => {
	const answer = await probe.list('/rulesets?includes_parents=true', body => {
		if (!Array.isArray(body)) throw new TypeError('no list of rulesets');
		return body.map(fields);
	});
	if (!answer.ok) return failed(answer);
	const active = answer.items
		.filter(({enforcement, id}) => enforcement === 'active' && typeof id === 'number')
		.slice(0, rulesetsAtMost);
	const read = await Promise.all(active.map(({id}) => probe.get(`/rulesets/${String(id)}?includes_parents=true`)));
	const lacking = read.find(each => !each.ok);
	return lacking?.ok === false
		? failed(lacking)
		: {ok: true, value: read.flatMap(each => (each.ok ? [rulesetFrom(fields(each.body))] : []))};
};

/** In the order in which GitHub looks for it. `value` null: there is none. */
const readOwners = async (probe: Probe, branch: string): Promise<Read<string | null>> => {
	for (const path of ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS']) {
		const answer = await probe.get(`/contents/${path}?ref=${encodeURIComponent(branch)}`);
		if (answer.ok)
			return {
				ok: true,
				value: Buffer.from(text(fields(answer.body)['content']), 'base64')
					.toString('utf8')
					.slice(0, 200_000),
			};
		if (answer.kind !== 'absent') return failed(answer);
	}
	return {ok: true, value: null};
};

export const readGuards = async (
	probe: Probe,
	{staging, production}: {staging: string; production: string},
): Promise<GuardsReading> => {
	const [tags, rulesets, owners] = await Promise.all([
		readTags(probe, [...new Set([staging, production])]),
		readRulesets(probe),
		readOwners(probe, production),
	]);
	return {tags, rulesets, owners};
};
