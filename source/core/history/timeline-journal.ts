/** The journal's records as items of a timeline: operations with how long their steps took, locks, pins, what was asked of GitHub's runs. */
import {duration} from '../text/duration.ts';
import {nameOf, tellInstances} from '../releases/instances.ts';
import type {JournalRecord} from '../operations/journal.ts';
import type {OperationKind} from '../operations/operation.ts';
import type {Status} from '../pipeline/pipeline.ts';
import {sanitise, sentence} from '../text/sanitise.ts';
import type {ReleaseRef} from '../releases/release-ref.ts';
import type {TimelineItem} from './timeline-item.ts';

type Of<Type extends JournalRecord['type']> = Extract<JournalRecord, {type: Type}>;
type Known = {
	kind: OperationKind;
	environment: string;
	sha: string | null;
	operator: string;
	at: number;
	title: string;
	steps: Map<string, number>;
};

const nouns = {deploy: 'Deployment', rollback: 'Rollback', promote: 'Promotion'} as const;
const name = (ref: ReleaseRef | null): string => (ref === null ? 'an unknown release' : nameOf(ref));
const why = (because: string | null | undefined): string =>
	because === null || because === undefined || because === '' ? '' : `: ${because}`;

const titleOf = ({kind, environment, to, sha}: Of<'requested'>): string => {
	const what = to === null ? (sha?.slice(0, 7) ?? 'an unknown release') : nameOf(to);
	return kind === 'rollback'
		? `Rollback of ${environment} to ${what}`
		: `${nouns[kind] ?? kind} of ${what} to ${environment}`;
};

const blank = {who: null, environment: null, sha: null, operation: null, seenAt: null, turn: null} as const;
const outcomes = {succeeded: 'passed', failed: 'failed', 'rolled-back': 'failed', interrupted: 'failed'} as const;

type Told = {status: Status; text: string} & Partial<Pick<TimelineItem, 'who' | 'sha' | 'turn' | 'operation'>>;

const stepKey = ({step, host}: {step: string; host: string | null}) => `${step}\n${host ?? ''}`;

const ofStep = (event: Of<'step-began' | 'step-passed' | 'step-failed'>, known: Known): Told | null => {
	if (event.type === 'step-began') {
		if (!known.steps.has(stepKey(event))) known.steps.set(stepKey(event), event.at);
		return null;
	}
	const began = known.steps.get(stepKey(event));
	known.steps.delete(stepKey(event));
	const took = began === undefined ? '' : ` in ${duration((event.at - began) / 1000)}`;
	const isFailed = event.type === 'step-failed';
	return {
		status: isFailed ? 'failed' : 'passed',
		text: `step ${event.step}${event.host === null ? '' : ` on ${event.host}`} ${isFailed ? 'failed' : 'passed'}${took}${isFailed ? why(event.note) : ''}`,
	};
};

const ofOperation = (event: JournalRecord, known: Known): Told | null => {
	switch (event.type) {
		case 'locked':
			return event.remote === 'passed'
				? {status: 'unknown', text: `goes past a lock on GitHub${why(event.because)}`}
				: event.remote === 'unreachable'
					? {
							status: 'unknown',
							text: `locked on this machine alone, GitHub could not be asked${why(event.because)}`,
						}
					: null;
		case 'observed':
			return {
				status: event.instances.some(({health}) => health === false) ? 'failed' : 'none',
				text: `${event.when === 'before' ? 'before' : 'afterwards'}: ${tellInstances(event.instances)}`,
			};
		case 'step-began':
		case 'step-passed':
		case 'step-failed':
			return ofStep(event, known);
		case 'stop-requested':
			return {
				status: 'cancelled',
				who: event.by,
				text: `${known.title} to be stopped${event.thenRollBack ? ' and rolled back' : ''}`,
			};
		case 'signalled':
			return {status: 'cancelled', text: `${event.signal}${why(event.because)}`};
		case 'script-ended':
			return event.cause === null
				? null
				: {
						status: 'failed',
						text: `the script ended with ${event.exitCode ?? 'no exit code'}${why(event.cause)}`,
					};
		case 'adopted':
			return {status: 'unknown', text: `taken over by another process${why(event.because)}`};
		case 'finished': {
			const isGood = event.outcome === 'succeeded';
			return {
				status: outcomes[event.outcome] ?? 'unknown',
				text: `${known.title} ${event.outcome} in ${duration((event.at - known.at) / 1000)}: ${sentence(event.because)}`,
				turn: {to: isGood ? 'good' : 'bad', name: `operating on ${known.environment}`},
			};
		}
		default:
			return null;
	}
};

const ofEnvironment = (event: JournalRecord): (Told & {subject: string; environment: string | null}) | null => {
	switch (event.type) {
		case 'marked-bad':
			return {
				subject: 'mark',
				environment: event.environment,
				who: event.by,
				operation: event.operation,
				status: 'none',
				text: `${event.release} marked bad on ${event.environment}${why(event.because)}`,
			};
		case 'pinned':
			return {
				subject: 'pin',
				environment: event.environment,
				who: event.by,
				operation: event.operation,
				status: 'none',
				text: `${event.release} pinned on ${event.environment}: not to be shipped again${why(event.because)}`,
			};
		case 'unpinned':
			return {
				subject: 'pin',
				environment: event.environment,
				who: event.by,
				status: 'none',
				text: `${event.release} unpinned on ${event.environment}${why(event.because)}`,
			};
		case 'human-lock-taken':
			return {
				subject: 'lock',
				environment: event.environment,
				who: event.by,
				status: 'none',
				text: `${event.environment} locked${why(event.reason)}`,
			};
		case 'human-lock-released':
			return {
				subject: 'lock',
				environment: event.environment,
				who: event.by,
				status: 'none',
				text: `${event.environment} unlocked`,
			};
		case 'lock-broken':
			return {
				subject: 'lock',
				environment: event.environment,
				who: event.by,
				status: 'cancelled',
				text: `the lock of ${event.holder} on ${event.environment} broken${why(event.reason)}`,
			};
		case 'run-asked':
			return {subject: 'run', environment: null, who: event.by, status: 'none', text: `${event.what}: asked for`};
		case 'run-answered':
			return event.outcome === 'done'
				? null
				: {
						subject: 'run',
						environment: null,
						status: event.outcome === 'refused' ? 'failed' : 'unknown',
						text:
							event.outcome === 'refused'
								? `GitHub was asked in vain${why(event.because)}`
								: `whether GitHub took it is not known${why(event.because)}`,
					};
		case 'signed-off':
			return {
				subject: 'sign-off',
				environment: null,
				sha: event.sha,
				who: event.by,
				status: event.given ? 'passed' : 'cancelled',
				text: `sign-off ${event.name} for ${event.sha.slice(0, 7)} ${event.given ? 'given' : 'taken back'}${why(event.note)}`,
			};
		case 'reviewed':
			return {
				subject: 'review',
				environment: event.environment,
				who: event.by,
				status: event.decision === 'approve' ? 'passed' : 'failed',
				text: `run ${event.run} ${event.decision === 'approve' ? 'approved' : 'rejected'} for ${event.environment}${why(event.comment)}`,
			};
		case 'published':
			return {subject: 'announce', environment: null, status: 'none', text: `announced: ${event.what}`};
		case 'given-up':
			return {
				subject: 'announce',
				environment: null,
				status: 'failed',
				text: `never announced${why(event.because)}`,
			};
		case 'torn-line':
			return {
				subject: 'journal',
				environment: null,
				status: 'unknown',
				text: `a crash or a full disk cut off a line of the journal (${event.bytes} bytes)`,
			};
		default:
			return null;
	}
};

/** `clock` tells wall time as GitHub's. Records of operations whose beginning is not there are told all the same. */
export const journalItems = (
	records: readonly JournalRecord[],
	clock: (wall: number) => number,
): readonly TimelineItem[] => {
	const operations = new Map<string, Known>();
	return records.flatMap((event): readonly TimelineItem[] => {
		const item = {...blank, at: clock(event.at), kind: 'done'} as const;
		if (event.type === 'requested') {
			const title = titleOf(event);
			const {kind, environment, sha, operator, at, operation, from, host, promotion} = event;
			operations.set(operation, {kind, environment, sha, operator, at, title, steps: new Map()});
			const glass = promotion?.breakGlass
				? `, past ${promotion.breakGlass.conditions.join(', ')} (${promotion.breakGlass.reason})`
				: '';
			return [
				{
					...item,
					subject: kind,
					status: 'running',
					environment,
					sha: sha ?? event.to?.sha ?? null,
					operation,
					who: operator,
					text: sanitise(`${title} begun on ${host}, from ${name(from)}${glass}`, 1000),
				},
			];
		}
		const own = ofEnvironment(event);
		if (own !== null) return [{...item, ...own, text: sanitise(own.text, 1000)}];
		const id = 'operation' in event ? event.operation : null;
		const known = id === null ? undefined : operations.get(id);
		if (id === null || known === undefined) return [];
		const told = ofOperation(event, known);
		return told === null
			? []
			: [
					{
						...item,
						subject: known.kind,
						environment: known.environment,
						sha: known.sha,
						operation: id,
						...told,
						text: sanitise(told.text, 1000),
					},
				];
	});
};
