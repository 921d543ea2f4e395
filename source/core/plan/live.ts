/** What is live in an environment, as far as anybody knows, and what a rollback finds around it. Pure. */
import {type Folded, isDoneByWord} from '../operations/journal-fold.ts';
import {isSameVersion, type Observation, overall} from '../releases/observation.ts';
import {commitIn} from '../releases/version.ts';
import type {Around} from '../releases/offers.ts';
import type {Operation} from '../operations/operation.ts';
import type {PlanCommit} from './plan.ts';
import type {Release} from '../releases/release.ts';
import type {ReleaseRef} from '../releases/release-ref.ts';

const lastOf = ({operations}: Folded, environment: string, isIt: (operation: Operation) => boolean): Operation | null =>
	[...operations.values()].findLast(({operation}) => operation.environment === environment && isIt(operation))
		?.operation ?? null;

export const runningOn = (folded: Folded, environment: string): Operation | null =>
	lastOf(folded, environment, ({outcome}) => outcome === 'running');
export const lastEnded = (folded: Folded, environment: string): Operation | null =>
	lastOf(folded, environment, ({finishedAt}) => finishedAt !== null);

const isId = (text: string) => /^\d{14}-[0-9a-f]{7,40}$/.test(text);
const isCommit = (text: string) => /^[0-9a-f]{7,40}$/.test(text);

/** The commit in full, where anything knows it. */
const fullSha = (short: string, releases: readonly Release[], history: readonly PlanCommit[]): string | null => {
	if (!isCommit(short)) return null;
	const known = [...history.map(({sha}) => sha), ...releases.flatMap(({sha}) => (sha === null ? [] : [sha]))].filter(
		sha => sha.startsWith(short),
	);
	return known.toSorted((a, b) => b.length - a.length)[0] ?? short;
};

/** What was observed last: by us, or by the operation that ended since. */
export const newestObservation = (
	observation: Observation | null,
	folded: Folded,
	environment: string,
): Observation | null => {
	const last = lastEnded(folded, environment);
	if (last === null || (observation !== null && observation.readAt >= last.finishedAt!)) return observation;
	return last.after === null ? null : {environment, readAt: last.finishedAt!, instances: last.after};
};

/** What is live: by the environment's own word, else by its script's, else by our journal's last. `observation` null: not asked yet. */
export const liveRef = (
	observation: Observation | null,
	releases: readonly Release[],
	folded: Folded,
	environment: string,
	history: readonly PlanCommit[] = [],
): ReleaseRef | null => {
	const {version, isMixed} = observation === null ? {version: null, isMixed: false} : overall(observation);
	const isReported = ({id, sha}: Release) => version !== null && isSameVersion(version, {release: id, sha});
	// A version that names no commit does not contradict the scripts, nor the journal.
	const commit = version === null ? null : commitIn(version);
	const listed = releases.filter(({isLive}) => isLive === true);
	const release = listed.find(isReported) ?? releases.find(isReported) ?? (commit === null ? listed[0] : undefined);
	if (release)
		return {release: release.id, sha: release.sha === null ? null : fullSha(release.sha, releases, history)};
	if (commit !== null) return {release: isId(version!) ? version! : commit, sha: fullSha(commit, releases, history)};
	const last = isMixed ? null : lastEnded(folded, environment);
	if (last?.outcome === 'succeeded' || (last !== null && isDoneByWord(folded.operations.get(last.id)!)))
		return last.to;
	return last?.outcome === 'failed' || last?.outcome === 'rolled-back' ? last.from : null;
};

/**
Around what a rollback chooses. A deployment that runs will have to be stopped: what it brings counts as live, and what it leaves is gone
back to. So is what an interrupted one left.
*/
export const aroundOf = (folded: Folded, environment: string, live: ReleaseRef | null): Around => {
	const running = runningOn(folded, environment);
	const last = running ?? lastEnded(folded, environment);
	const isLeaving = last !== null && last.kind !== 'rollback' && (last === running || last.outcome === 'interrupted');
	if (!isLeaving || last.from === null) return {live, left: null};
	return last === running
		? {live: last.to ?? live, left: {release: last.from.release, how: 'running'}}
		: {live, left: {release: last.from.release, how: 'interrupted'}};
};
