/** What a supervisor carries from step to step: the request, where its traces lie, the journal and the locks. */
import type {JournalEvent} from '../../core/operations/journal.ts';
import {foldRecords, nothingFolded} from '../../core/operations/journal-fold.ts';
import type {Folded} from '../../core/operations/journal-fold.ts';
import type {Plan} from '../../core/plan/plan.ts';
import type {EnvironmentSettings} from '../../core/settings/settings.ts';
import {usageFailure} from '../../errors.ts';
import {JournalFailure} from '../journal/journal.ts';
import type {Journal} from '../journal/journal.ts';
import {createJournalReader} from '../journal/journal-reader.ts';
import {pathsIn, statePaths} from '../files/paths.ts';
import type {OperationPaths, StatePaths} from '../files/paths.ts';
import {readRequest} from '../request/request.ts';
import type {OperationRequest} from '../request/request.ts';
import type {Surroundings} from './surroundings.ts';

export type Supervision = {
	id: string;
	request: OperationRequest;
	plan: Plan;
	environment: EnvironmentSettings;
	files: OperationPaths;
	paths: StatePaths;
	journal: Journal;
	around: Surroundings;
	/** What the journal knows now; reading again costs only what is new. */
	folded(): Promise<Folded>;
	/** Supervises another operation, whose supervisor is dead, to its end; false: somebody else does. */
	takeOver(directory: string): Promise<boolean>;
};

/** Throws a `Failure` (usage) for a folder without a request, or one for an environment that the settings do not have. */
export const openSupervision = (
	directory: string,
	around: Surroundings,
	takeOver: Supervision['takeOver'],
): Supervision => {
	const request = readRequest(directory);
	const {plan, settings} = request;
	const environment = settings.environments.find(({name}) => name === plan.environment);
	if (environment === undefined)
		throw usageFailure(`There is no environment ${plan.environment}`, 'look at deployctl.yml');
	const paths = statePaths(request.state, request.gitHubHost, request.repository);
	const reader = createJournalReader(paths.journal);
	let known = nothingFolded;
	const folded = async () => {
		const {records, isFresh} = await reader.read();
		known = foldRecords(isFresh ? nothingFolded : known, records);
		return known;
	};
	return {
		id: plan.id,
		request,
		plan,
		environment,
		files: pathsIn(directory),
		paths,
		journal: around.openJournal(paths, () => around.clock.now()),
		around,
		folded,
		takeOver,
	};
};

const pauseMs = 2000;
const patienceMs = 10 * 60_000;

/**
Writes what has already happened. A full disk may get room again, so this tries for ten minutes; then it throws, and the next start
settles the operation from what is there.
*/
export const insist = async ({journal, around}: Supervision, events: readonly JournalEvent[]): Promise<void> => {
	for (const until = around.clock.now() + patienceMs; ;) {
		try {
			await journal.append(events);
			return;
		} catch (error) {
			if (!(error instanceof JournalFailure) || around.clock.now() >= until) throw error;
			around.say(`${error.message}: ${error.because}`);
			await around.clock.after(pauseMs);
		}
	}
};
