/** Entries of the record as items of a timeline. */
import type {JournalRecord} from '../operations/journal.ts';
import type {Status} from '../pipeline/pipeline.ts';
import {sentence} from '../text/sanitise.ts';
import type {History} from './timeline-source.ts';
import type {TimelineItem} from './timeline-item.ts';

type Entry = History['entries'][number];
type Of<Kind extends Entry['kind']> = Extract<Entry, {kind: Kind}>;

const blank = {who: null, environment: null, sha: null, operation: null, turn: null} as const;
const tierTurns: ReadonlySet<string> = new Set(['tier', 'environment', 'test']);

/**
A commit's tier that is red is bad for everybody behind it: the tier turns good with the next green one, of whichever commit. The first
test that fails is the sign, minutes before its tier is red; that it was a flake the green tier says.
*/
const ofChange = ({change, at}: Of<'change'>): TimelineItem => {
	const {subject, status, text, sha, kind} = change;
	const to = status === 'failed' ? 'bad' : status === 'passed' ? 'good' : null;
	// The tier is the deployment to staging: what came right there, by a rollback, too, is right again.
	const name =
		kind === 'environment'
			? `the deployment to ${subject}`
			: subject === 'deploy'
				? 'the deployment to staging'
				: `the tier ${subject}`;
	return {
		...blank,
		at: change.at,
		kind: 'sign',
		subject,
		status,
		text,
		sha,
		environment: kind === 'environment' ? subject : null,
		seenAt: at,
		turn: to !== null && tierTurns.has(kind) ? {to, name} : null,
	};
};

const ofHealth = ({at, environment, health, version, isMixed, because}: Of<'health'>): TimelineItem => {
	const status: Status = isMixed || health === false ? 'failed' : health === true ? 'passed' : 'unknown';
	const what = isMixed
		? 'is mixed'
		: health === true
			? 'is healthy'
			: health === false
				? 'is unhealthy'
				: 'does not tell how it is';
	return {
		...blank,
		at,
		kind: 'sign',
		subject: environment,
		environment,
		status,
		seenAt: at,
		text: `${environment} ${what}${version === null ? '' : `, reports ${version}`}${because === null ? '' : `: ${because}`}`,
		turn:
			status === 'unknown'
				? null
				: {to: status === 'failed' ? 'bad' : 'good', name: `the health of ${environment}`},
	};
};

const ofGitHub = ({at, state, because}: Of<'github'>): TimelineItem => ({
	...blank,
	at,
	kind: 'github',
	subject: 'github',
	status: state === 'up' ? 'passed' : 'unknown',
	seenAt: at,
	text:
		state === 'up'
			? 'GitHub answers again.'
			: state === 'down'
				? `GitHub could not be read${because === null ? '' : `: ${sentence(because)}`}`
				: `GitHub left something out${because === null ? '' : `: ${sentence(because)}`}`,
});

const ofLock = ({at, environment, by, reason}: Of<'lock'>): TimelineItem => ({
	...blank,
	at,
	kind: 'done',
	subject: 'lock',
	environment,
	who: by,
	status: 'none',
	seenAt: at,
	text:
		by === null
			? `${environment} is free again`
			: `${environment} is locked by ${by}${reason === null || reason === '' ? '' : `: ${reason}`}`,
});

/** The journal tells these itself, as soon as they are done. */
const journalled: ReadonlySet<string> = new Set(['deploy', 'rollback', 'promote', 'stop', 'lock', 'unlock', 'unpin']);
/** These, too, but where the journal could not take them: then the answer says so. */
const saidOnGitHub: ReadonlySet<string> = new Set(['sign-off', 'review']);

const ofAsked = (asked: Of<'asked'>, answer: Of<'answered'> | undefined): TimelineItem | null => {
	if (answer?.ok && (journalled.has(asked.what) || (answer.because === null && saidOnGitHub.has(asked.what))))
		return null;
	const {at, what, environment, sha, by, text} = asked;
	const outcome =
		answer === undefined
			? ' (what came of it is not recorded)'
			: answer.ok
				? answer.because === null
					? ''
					: ` (${answer.because})`
				: `: refused, ${answer.because ?? 'without a reason'}`;
	return {
		...blank,
		at,
		kind: 'done',
		subject: what,
		environment,
		sha,
		who: by,
		status: answer === undefined ? 'unknown' : answer.ok ? 'passed' : 'failed',
		text: `${text}${outcome}`,
		seenAt: at,
	};
};

/** Within this time the answer of a lock or a sign-off comes, and the journal's line about the same lock. */
const answerMs = 10 * 60_000;

/** Entries come file by file, so that what was asked for and its answer stand near each other. */
export const recordItems = (entries: readonly Entry[], journal: readonly JournalRecord[]): readonly TimelineItem[] => {
	const locks = new Set(journal.flatMap(record => ('lock' in record ? [record.lock] : [])));
	return entries.flatMap((entry, index): readonly TimelineItem[] => {
		switch (entry.kind) {
			case 'change':
				return entry.change.kind === 'operation' ? [] : [ofChange(entry)];
			case 'health':
				return [ofHealth(entry)];
			case 'github':
				return [ofGitHub(entry)];
			// Those of this machine are in the journal, with who and why.
			case 'lock':
				return entry.lock !== null && locks.has(entry.lock) ? [] : [ofLock(entry)];
			case 'asked': {
				const answer = entries
					.slice(index, index + 400)
					.find(
						(each): each is Of<'answered'> =>
							each.kind === 'answered' &&
							each.serial === entry.serial &&
							each.wall >= entry.wall &&
							each.wall - entry.wall < answerMs,
					);
				return [ofAsked(entry, answer)].filter(item => item !== null);
			}
			case 'answered':
				return [];
		}
	});
};
