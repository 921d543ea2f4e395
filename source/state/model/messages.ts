/** Everything that can come in, and everything that can be wanted of the outside. Facts are past tense, wishes imperative. */
import type {Answer, Facts, Question} from '../../core/github/facts.ts';
import type {Observation} from '../../core/releases/observation.ts';
import type {TierName} from '../../core/pipeline/pipeline.ts';
import type {Plan, PlanCommit, Wish} from '../../core/plan/plan.ts';
import type {RecordInput} from '../../core/history/record.ts';
import type {Preferences} from '../../core/settings/preferences.ts';
import type {InputsRead, RunDone, RunRefusal, RunWish} from '../../core/runs/runs.ts';
import type {Confirmation, Hotfix, OperationsReading, Refusal} from '../../world.ts';
import type {TestsQuestion, TestsReading} from '../../core/tests/tests.ts';
import type {RecordMessage} from './record-state.ts';
import type {ReplayEffect, ReplayMessage} from './replay-state.ts';
import type {JobLogEffect, JobLogMessage} from './job-log-messages.ts';
import type {RunAbout} from './run-dialog.ts';
import type {Place, State} from './state.ts';
import type {Times} from './times.ts';

export type Message =
	| JobLogMessage
	// Facts
	| {type: 'started'; cached: {facts: Facts; savedAt: number} | null}
	| ({type: 'poll-came-due'; generation: number} & Times)
	| ({type: 'answered'; generation: number; answer: Answer; random: number} & Times)
	| ({type: 'ticked'} & Times)
	| {type: 'resized'; columns: number; rows: number}
	/** `chunk`: keys that came in one event have the same serial; without it the key came alone. */
	| {type: 'key-pressed'; key: string; chunk?: {serial: number; size: number}}
	| {type: 'pasted'; text: string}
	| {type: 'cache-save-failed'; because: string}
	| {type: 'opened'; url: string; ok: boolean}
	| {type: 'copied'; text: string; ok: boolean}
	/** null: this World has no operations. */
	| ({type: 'operations-read'; generation: number; reading: OperationsReading | null} & Times)
	| ({type: 'operations-changed'; generation: number} & Times)
	| ({type: 'operations-refreshed'; generation: number} & Times)
	| ({type: 'observed'; generation: number; observation: Observation} & Times)
	| ({type: 'planned'; generation: number; plan: Plan} & Times)
	| ({type: 'hotfixes-read'; generation: number; result: {ok: true; branches: readonly Hotfix[]} | Refusal} & Times)
	/** A start, a stop, a lock, a sign-off: what came of what was asked for by hand. */
	| ({type: 'carried-out'; generation: number; result: {ok: true; id?: string; note?: string} | Refusal} & Times)
	| ({
			type: 'log-read';
			generation: number;
			operation: string;
			size: {lines: number; bytes: number; isWhole: boolean};
			from: number;
			lines: readonly string[];
	  } & Times)
	| ({type: 'log-searched'; generation: number; line: number | null; ordinal: number | null; count: number} & Times)
	| RecordMessage
	| ReplayMessage
	| ({type: 'inputs-read'; generation: number; result: InputsRead} & Times)
	/** `runBefore`: of a start, the run that the tier had before. */
	| ({
			type: 'run-acted';
			generation: number;
			wish: RunWish;
			about: RunAbout;
			runBefore: number | null;
			result: RunDone | RunRefusal;
	  } & Times)
	// Wishes
	| {type: 'intend-run'; what: 'rerun' | 'cancel' | 'e2e' | 'smoke' | 'deploy'}
	/** Of a choice in a form. */
	| {type: 'change-value'; by: 1 | -1}
	| {type: 'intend'; what: 'deploy' | 'roll-back' | 'lock' | 'unpin' | 'stop'}
	| {type: 'intend-release'; what: 'promote' | 'sign-off' | 'review' | 'hotfix'}
	| ({type: 'tests-read'; generation: number; reading: TestsReading} & Times)
	| {type: 'step-failure'; by: -1 | 1}
	| {type: 'open-failure'}
	| {type: 'copy-failure'}
	| {type: 'attach'}
	| {type: 'confirm'}
	/** The other answer than `confirm`: no approval. */
	| {type: 'decline'}
	| {type: 'break-glass'}
	| {type: 'pass-lock'}
	| {type: 'cancel'}
	| {type: 'reload'}
	| {type: 'other-release'}
	/** The scripts of the checkout may be run for the list of releases. */
	| {type: 'agree-scripts'}
	| {type: 'next-field'}
	| {type: 'break-lock'}
	| {type: 'follow-log'}
	| {type: 'wrap-log'}
	| {type: 'shift-log'; by: number}
	| {type: 'move'; by: number}
	| {type: 'jump'; to: 'first' | 'last'}
	| {type: 'page'; direction: -1 | 1; share: number}
	| {type: 'choose-tier'; tier: TierName}
	| {type: 'step-tier'; by: -1 | 1}
	| {type: 'step-job'; by: -1 | 1}
	| {type: 'enter'}
	| {type: 'go'; place: Place}
	| {type: 'back'}
	| {type: 'follow-active'}
	| {type: 'show'; overlay: 'help' | 'palette' | 'search'}
	| {type: 'dismiss'}
	| {type: 'accept'}
	| {type: 'write'; text: string}
	| {type: 'erase'; what: 'character' | 'all'}
	| {type: 'search-next'; direction: -1 | 1}
	| {type: 'refresh'}
	| {type: 'open-page'}
	| {type: 'open-site'; environment: string}
	| {type: 'copy-address'}
	| {type: 'copy-sha'}
	| {type: 'prefer'; preferences: Partial<Preferences>}
	| {type: 'suspend'}
	| {type: 'repaint'}
	| {type: 'quit'; exitCode: number};

/** What update wants done; `effects.ts` is the one file that does it. */
export type Effect =
	| JobLogEffect
	| {type: 'wait-for-poll'; generation: number; afterMs: number}
	| {type: 'ask'; generation: number; question: Question}
	| {type: 'tick'; afterMs: number}
	| {type: 'save-cache'; facts: Facts; savedAt: number}
	| {type: 'open'; url: string}
	| {type: 'copy'; text: string}
	| {type: 'save-preferences'; change: Partial<Preferences>}
	| {type: 'read-operations'; generation: number}
	/** Answers `operations-changed` when something has changed, not before and not after so many milliseconds. */
	| {type: 'watch-operations'; generation: number; atLeastMs: number; atMostMs: number}
	| {type: 'refresh-operations'; generation: number; environments: readonly string[]; afterMs: number}
	| {type: 'observe'; environment: string; generation: number; afterMs: number}
	| {type: 'plan'; generation: number; wish: Wish; history: readonly PlanCommit[]}
	| {type: 'start-operation'; generation: number; plan: Plan; confirmation: Confirmation}
	| {type: 'stop-operation'; generation: number; operation: string; thenRollBack: boolean}
	| {type: 'lock'; generation: number; environment: string; reason: string}
	| {type: 'unlock'; generation: number; environment: string; breaking: {id: string; reason: string} | null}
	| {type: 'unpin'; generation: number; environment: string; reason: string}
	| {type: 'sign-off'; generation: number; sha: string; name: string; given: boolean; note: string | null}
	| {
			type: 'review';
			generation: number;
			runId: number;
			environment: string;
			decision: 'approve' | 'reject';
			comment: string;
	  }
	| {type: 'read-hotfixes'; generation: number}
	| {type: 'act-on-run'; generation: number; wish: RunWish; about: RunAbout; runBefore: number | null}
	| {type: 'read-inputs'; generation: number; workflow: string; ref: string}
	/** `from`: number of the first line, or the last `count` lines. */
	| {type: 'read-log'; generation: number; operation: string; afterMs: number; from: number | 'end'; count: number}
	| {type: 'search-log'; generation: number; operation: string; text: string; from: number; direction: -1 | 1}
	| {type: 'read-tests'; generation: number; question: TestsQuestion}
	| {type: 'close-log'}
	| {type: 'record'; entries: readonly RecordInput[]}
	| {type: 'read-past'; atMost: number}
	| ReplayEffect
	| {type: 'suspend'}
	| {type: 'repaint'}
	| {type: 'quit'; exitCode: number};

export type Next = readonly [state: State, effects: readonly Effect[]];
