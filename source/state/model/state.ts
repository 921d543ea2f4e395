/** All that the program knows. Plain data: the screen is a picture of it, tests write it down. */
import type {Change} from '../../core/snapshot/changes.ts';
import type {Facts, ReadFailure} from '../../core/github/facts.ts';
import type {Snapshot, TierName} from '../../core/pipeline/pipeline.ts';
import type {Preferences} from '../../core/settings/preferences.ts';
import type {Settings} from '../../core/settings/settings.ts';
import type {Dialog} from './dialog.ts';
import type {ReplayPart} from './replay-state.ts';
import {notRecording, type RecordPart} from './record-state.ts';
import type {JobLogPart} from './job-log-state.ts';
import type {RunAsked} from './run-dialog.ts';
import {initialOperations, type LogView, type OperationsPart} from './operations-state.ts';
import {initialTests, type TestsPart} from './tests-state.ts';

/** Where the operator is. A detail belongs to the commit that it was opened on. */
export type Place =
	| {name: 'tests'; tier: TierName; from: 'board' | 'tier'}
	| {name: 'board'}
	| {name: 'tier'; tier: TierName}
	| {name: 'job'; tier: TierName; jobId: number}
	| JobLogPlace
	| {name: 'gate'}
	| {name: 'events'}
	| {name: 'operations'}
	| {name: 'operation'; id: string; from: 'board' | 'operations'};
/** `jobId`: of the log that has the keys. */
export type JobLogPlace = {name: 'job-log'; tier: TierName; jobId: number; from: Exclude<Place, {name: 'job-log'}>};
export type Overlay =
	| {name: 'help'; cursor: number}
	| {name: 'palette'; query: string; index: number}
	| {name: 'search'; query: string};
export type Toast = {text: string; tone: 'plain' | 'good' | 'warn'; untilWall: number};

/** The one poller. Exactly one wait or one question is under way, and it carries this generation. */
export type Poll = {
	generation: number;
	phase: 'waiting' | 'asking';
	askedAtWall: number;
	/** Wall time of the next question while waiting. */
	nextAtWall: number;
	/** Why it is slower than the median. */
	because: string | null;
	lastOverviewAtWall: number | null;
	/** So many commits the last overview was asked for. */
	commitsAsked: number;
	/** Wall time of the last good answer; null before the first. */
	answeredAtWall: number | null;
	failures: number;
	failure: ReadFailure | null;
	path: 'graphql' | 'rest';
	/** What an answer lacked. */
	partial: readonly string[];
	latenciesMs: readonly number[];
	costPerPoll: number;
	/** Our own points and GitHub's count since the window began, to see what others use up. */
	budget: {resetAt: number; remaining: number; ownSince: number; at: number} | null;
	foreignPerSecond: number;
	/** GitHub's clock minus ours, milliseconds. */
	clockSkewMs: number | null;
};

export type View = {
	place: Place;
	overlay: Overlay | null;
	/** null: whatever is active, else the newest. A commit, once chosen, stays chosen. */
	selectedSha: string | null;
	/** The commit that the open detail belongs to, so that looking at it chooses nothing; null on the board. */
	detailSha: string | null;
	tier: TierName;
	selectedJobId: number | null;
	/** Row of the detail list (steps, conditions, events) that the operator is at. */
	cursor: number;
	/** First row shown of the list in view, so that it scrolls only when the cursor comes near its edge. */
	top: number;
	/** Somebody went on at the end of the candidates: older ones are read, too, from then on. */
	wantsOlder: boolean;
	/** The last search among the candidates. */
	query: string;
	/** Id of the operation that is chosen in the list; null: the newest. */
	operationId: string | null;
};

/** The last key: when it came, and with how many others in one chunk. Wall time, milliseconds. */
export type Hands = {
	chunk: number;
	size: number;
	key: string;
	at: number;
	before: {key: string; at: number} | null;
	/** How often the same key came before it, each time shortly after the last. */ again: number;
};

/** `key`: the one that was refused, which may be pressed again. Wall time, milliseconds. */
export type Deaf = {key: string; untilWall: number};

export type State = {
	repository: string;
	settings: Settings;
	preferences: Preferences;
	/** Says "demo" and how fast; null for the real thing. */
	demo: {scenario: string; speed: number} | null;
	readOnly: boolean;
	columns: number;
	rows: number;
	/** Pipeline time and wall time of the last message that told, milliseconds since the epoch. */
	now: number;
	wallNow: number;
	/** Counts spinner frames. */
	frame: number;
	facts: Facts | null;
	snapshot: Snapshot | null;
	/** Whether the snapshot came from GitHub in this run or from the disk. */
	origin: 'nothing' | 'cache' | 'github';
	/** When the pipeline last changed, pipeline time. */
	changedAt: number;
	/** When this program began to look, pipeline time. */
	beganAt: number;
	/** When a screen was last open here, wall time; null: never, or it is not told. */
	leftAt: number | null;
	/** Newest last; at most 300. */
	events: readonly Change[];
	poll: Poll;
	savedAtWall: number | null;
	view: View;
	operations: OperationsPart;
	tests: TestsPart;
	/** Over everything else while it is open. */
	dialog: Dialog | null;
	/** Of the operation in view. */
	log: LogView | null;
	/** Logs of jobs, while they are in view. */
	jobLogs: JobLogPart | null;
	/** The log of this tier's failure opens as soon as its jobs are read, unless another key comes first. */
	wantedLog: {sha: string; tier: TierName} | null;
	/** Asked of GitHub's runs, and not to be seen there yet; the newest last. */
	asked: readonly RunAsked[];
	hands: Hands;
	/** A dialog or a line to type in was refused: what follows was meant for it, until a pause. null: every key is heard. */
	deaf: Deaf | null;
	toast: Toast | null;
	record: RecordPart;
	/** null: what is shown is now. */
	replay: ReplayPart | null;
};

export type Beginning = Pick<
	State,
	'repository' | 'settings' | 'preferences' | 'demo' | 'readOnly' | 'columns' | 'rows' | 'now' | 'wallNow'
> &
	Partial<Pick<State, 'record' | 'replay' | 'leftAt'>>;

export const initialState = (beginning: Beginning): State => ({
	...beginning,
	frame: 0,
	facts: null,
	snapshot: null,
	origin: 'nothing',
	changedAt: beginning.now,
	beganAt: beginning.now,
	leftAt: beginning.leftAt ?? null,
	events: [],
	poll: {
		generation: 0,
		phase: 'waiting',
		askedAtWall: beginning.wallNow,
		nextAtWall: beginning.wallNow,
		because: null,
		lastOverviewAtWall: null,
		commitsAsked: 0,
		answeredAtWall: null,
		failures: 0,
		failure: null,
		path: 'graphql',
		partial: [],
		latenciesMs: [],
		costPerPoll: 1,
		budget: null,
		foreignPerSecond: 0,
		clockSkewMs: null,
	},
	savedAtWall: null,
	view: {
		place: {name: 'board'},
		overlay: null,
		selectedSha: null,
		detailSha: null,
		tier: 'fast',
		selectedJobId: null,
		cursor: 0,
		top: 0,
		wantsOlder: false,
		query: '',
		operationId: null,
	},
	operations: initialOperations,
	tests: initialTests,
	dialog: null,
	log: null,
	jobLogs: null,
	wantedLog: null,
	asked: [],
	hands: {chunk: 0, size: 1, key: '', at: 0, before: null, again: 0},
	deaf: null,
	toast: null,
	record: beginning.record ?? notRecording,
	replay: beginning.replay ?? null,
});
