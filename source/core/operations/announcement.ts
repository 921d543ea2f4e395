/** What others are told about an operation, and how loudly. Pure. */
import {duration} from '../text/duration.ts';
import {overall} from '../releases/observation.ts';
import type {Operation, OperationKind} from './operation.ts';
import {clauses, sentence} from '../text/sanitise.ts';
import type {ReleaseRef} from '../releases/release-ref.ts';

/** `critical` wakes somebody up. */
export type Severity = 'critical' | 'warning' | 'info';
export type Announcement = {
	severity: Severity;
	/** One line without a full stop. */
	title: string;
	text: string;
	/** null: not about an operation. */
	operation: string | null;
	kind: OperationKind | 'lock-broken';
	environment: string;
	from: ReleaseRef | null;
	to: ReleaseRef | null;
	sha: string | null;
	operator: string;
	host: string | null;
	outcome: Operation['outcome'] | null;
	because: string;
	next: string | null;
	/** Of the environment, when it ended. */
	health: boolean | 'unknown';
	/** Wall time, milliseconds. */
	startedAt: number;
	finishedAt: number | null;
	/** Of the commit, for people. */
	url: string | null;
};

const nameOf = (ref: ReleaseRef | null): string => (ref === null ? 'an unknown release' : ref.release);
/** The commit is what people know a release by. */
const shortOf = ({sha, to}: Operation): string => sha?.slice(0, 7) ?? to?.sha?.slice(0, 7) ?? nameOf(to);

const rollback = (operation: Operation): [Severity, string] => {
	const {environment, outcome, to} = operation;
	switch (outcome) {
		case 'running':
			return ['critical', `Rollback of ${environment} to ${nameOf(to)} started`];
		case 'succeeded':
			return ['critical', `${environment} was rolled back to ${nameOf(to)}`];
		case 'failed':
		case 'rolled-back':
			return ['critical', `Rollback of ${environment} to ${nameOf(to)} failed`];
		case 'interrupted':
			return ['critical', `Rollback of ${environment} to ${nameOf(to)} needs somebody to look`];
	}
};

/** A broken glass wakes somebody up, when it begins as well as when it ends. */
const glass = (operation: Operation): [Severity, string] | null => {
	const {outcome, environment, operator} = operation;
	const what = `${shortOf(operation)} to ${environment} with break-glass`;
	switch (outcome) {
		case 'running':
			return ['critical', `${operator} promotes ${what}`];
		case 'succeeded':
			return ['critical', `${operator} promoted ${what}`];
		case 'failed':
			return ['critical', `The promotion of ${what} failed, nothing changed`];
		case 'rolled-back':
			return ['critical', `The promotion of ${what} failed and was rolled back`];
		case 'interrupted':
			return ['critical', `The promotion of ${what} needs somebody to look`];
	}
};

const deployment = (operation: Operation): [Severity, string] | null => {
	if (operation.promotion?.breakGlass != null) return glass(operation);
	const {environment, outcome, kind} = operation;
	const what = `${kind === 'promote' ? 'Promotion' : 'Deployment'} of ${shortOf(operation)} to ${environment}`;
	switch (outcome) {
		// Not worth anybody's attention: its end will be.
		case 'running':
			return null;
		case 'succeeded':
			return ['info', `${what} finished`];
		case 'failed':
			return ['warning', `${what} failed, nothing changed`];
		case 'rolled-back':
			return ['critical', `${what} failed and was rolled back`];
		case 'interrupted':
			return ['critical', `${what} needs somebody to look`];
	}
};

const wayOf = ({promotion, passedLock}: Operation): readonly string[] => [
	...(passedLock == null ? [] : [`It goes past the lock of ${passedLock.holder}, which stays`]),
	...(promotion?.breakGlass == null
		? []
		: [
				clauses(
					`Break-glass: ${promotion.breakGlass.reason}`,
					`bypassed ${promotion.breakGlass.conditions.join(', ')}`,
				),
			]),
	...(promotion?.hotfix == null ? [] : [`A hotfix from ${promotion.hotfix}: merge it back`]),
];

const textOf = (operation: Operation): string => {
	const {because, next, from, to, operator, host, startedAt, finishedAt} = operation;
	const took = finishedAt === null ? '' : `, in ${duration((finishedAt - startedAt) / 1000)}`;
	return [
		because,
		...wayOf(operation),
		`${nameOf(from)} → ${nameOf(to)}, by ${operator} on ${host}${took}`,
		...(next === null ? [] : [`Next: ${next}`]),
	]
		.map(sentence)
		.join(' ');
};

/** null: nobody needs to be told. `url`: of the commit, for people. */
export const announcementOf = (operation: Operation, url: string | null): Announcement | null => {
	const said = operation.kind === 'rollback' ? rollback(operation) : deployment(operation);
	if (said === null) return null;
	const [severity, title] = said;
	const {id, kind, environment, from, to, sha, operator, host, outcome, because, next, startedAt, finishedAt, after} =
		operation;
	return {
		severity,
		title,
		text: textOf(operation),
		operation: id,
		kind,
		environment,
		from,
		to,
		sha: sha ?? to?.sha ?? null,
		operator,
		host,
		outcome,
		because,
		next,
		health: after === null ? 'unknown' : overall({instances: after}).health,
		startedAt,
		finishedAt,
		url,
	};
};

/** Break-glass is announced: somebody removed another one's lock. */
export const breakAnnouncement = ({
	environment,
	holder,
	by,
	reason,
	at,
}: {
	environment: string;
	holder: string;
	by: string;
	reason: string;
	at: number;
}): Announcement => ({
	severity: 'warning',
	title: `The lock of ${holder} on ${environment} was broken by ${by}`,
	text: sentence(`Reason: ${reason}`),
	operation: null,
	kind: 'lock-broken',
	environment,
	from: null,
	to: null,
	sha: null,
	operator: by,
	host: null,
	outcome: null,
	because: reason,
	next: null,
	health: 'unknown',
	startedAt: at,
	finishedAt: at,
	url: null,
});
