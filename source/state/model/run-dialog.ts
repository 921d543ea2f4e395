/** Dialogs about GitHub's runs, and what has been asked for and does not show yet. Bound to the run and the attempt that were in view. */
import type {DispatchInput} from '../../core/runs/dispatch-inputs.ts';
import type {TierName} from '../../core/pipeline/pipeline.ts';
import type {RunSubject} from '../../core/runs/effects.ts';
import type {Repeat, RunWish, Seen} from '../../core/runs/runs.ts';
import type {Typing} from './typing.ts';

type Acting = {phase: 'ready' | 'starting'; refusal: {because: string; next: string; exitCode: number} | null};

/** What a dialog is about; stays as it was when it opened. */
export type RunAbout = {subject: RunSubject; sha: string; title: string; number: number | null};

export type RepeatRow = {which: Repeat; debug: boolean};
/** Which jobs. */
export type RerunDialog = {name: 'rerun'; about: RunAbout; seen: Seen; rows: readonly RepeatRow[]; row: number};
/** What will be done, and a key or a phrase for it. `runBefore`: of a start, the run that the tier had when the dialog opened. */
export type RunActDialog = {
	name: 'run-act';
	about: RunAbout;
	wish: RunWish;
	runBefore: number | null;
	phrase: string | null;
	typed: string;
	typing: Typing;
} & Acting;
/** `inputs` null: not known. `field` 0 is the branch. */
export type StartDialog = {
	name: 'start-run';
	about: RunAbout;
	tier: TierName;
	workflow: string;
	runBefore: number | null;
	ref: string;
	/** The branch that the inputs were read from; null: none yet. */
	readRef: string | null;
	isReading: boolean;
	inputs: readonly DispatchInput[] | null;
	because: string | null;
	values: Readonly<Record<string, string>>;
	field: number;
};
export type RunDialog = RerunDialog | RunActDialog | StartDialog;

/** Asked for, taken by GitHub, and not to be seen yet. */
export type RunAsked = {
	kind: RunWish['kind'];
	about: RunAbout;
	/** null: GitHub has not said which run it became. */
	runId: number | null;
	/** What there was before: the attempt and its jobs, or the tier's run. */
	seen: Seen | null;
	runBefore: number | null;
	/** The attempt that is waited for. */
	attempt: number | null;
	force: boolean;
	atWall: number;
};

/** From then on it is said that it takes too long, and a cancellation may be forced. */
export const askedLateMs = 60_000;
/** Forgotten after so long. */
export const askedForgottenMs = 10 * 60_000;

const runDialogs: ReadonlySet<string> = new Set(['rerun', 'run-act', 'start-run']);
export const isRunDialog = <Dialog extends {name: string}>(
	dialog: Dialog | null,
): dialog is Extract<Dialog, {name: RunDialog['name']}> => dialog !== null && runDialogs.has(dialog.name);

/** Names of the inputs that the form asks for: the commit is given. */
export const formNames = ({inputs, values}: StartDialog): readonly string[] =>
	(inputs?.map(({name}) => name) ?? Object.keys(values)).filter(name => name !== 'sha');
