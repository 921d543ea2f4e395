/**
The journal's records: what happened to operations, locks and marks, in the order in which it was written. The file is append-only JSON
lines; `operations/journal/journal.ts` writes it. Times are wall time, milliseconds.
*/
import type {InstanceReading} from '../releases/observation.ts';
import type {OperationKind, OperationPromotion, Outcome, PassedLock, ScriptKind} from './operation.ts';
import type {ReleaseRef} from '../releases/release-ref.ts';

export type JournalEvent =
	/** Intent: written before anything is done. Without it nothing happens. */
	| {
			type: 'requested';
			operation: string;
			kind: OperationKind;
			environment: string;
			from: ReleaseRef | null;
			to: ReleaseRef | null;
			sha: string | null;
			operator: string;
			host: string;
			command: readonly string[];
			scriptKind: ScriptKind;
			planHash: string;
			usualSeconds: number | null;
			p95Seconds: number | null;
			phrase: string | null;
			/** Of a promotion. */ promotion?: OperationPromotion;
			/** Of a rollback that goes past a lock on GitHub. */ passedLock?: PassedLock;
	  }
	| {
			type: 'locked';
			operation: string;
			lock: string;
			remote: 'taken' | 'unreachable' | 'not-configured' | 'passed';
			because: string | null;
	  }
	| {type: 'observed'; operation: string; when: 'before' | 'after'; instances: readonly InstanceReading[]}
	/** Write-ahead of the script's start: from here on something may have run. */
	| {type: 'starting'; operation: string; command: readonly string[]; directory: string}
	| {type: 'spawned'; operation: string; pid: number; processStartedAt: string | null}
	| {
			type: 'step-began' | 'step-passed' | 'step-failed';
			operation: string;
			step: string;
			host: string | null;
			note: string | null;
	  }
	| {type: 'stop-requested'; operation: string; by: string; thenRollBack: boolean}
	| {type: 'signalled'; operation: string; signal: 'SIGTERM' | 'SIGKILL'; because: string; leftovers: number}
	| {
			type: 'script-ended';
			operation: string;
			exitCode: number | null;
			result: string | null;
			live: string | null;
			cause: string | null;
			/** Its last word, for people. */ text?: string | null;
	  }
	| {
			type: 'finished';
			operation: string;
			outcome: Outcome;
			exitCode: number;
			because: string;
			next: string | null;
			live: string | null;
			log: {bytes: number; sha256: string} | null;
	  }
	| {type: 'unlocked'; operation: string; lock: string; because: string | null}
	/** Another process took over after its supervisor died. */
	| {type: 'adopted'; operation: string; because: string}
	| {type: 'queued' | 'published'; operation: string | null; item: string; what: string}
	| {type: 'given-up'; operation: string | null; item: string; because: string}
	| {
			type: 'marked-bad';
			operation: string | null;
			environment: string;
			release: string;
			sha: string | null;
			by: string;
			because: string;
	  }
	| {
			type: 'pinned' | 'unpinned';
			operation: string | null;
			environment: string;
			release: string;
			sha: string | null;
			by: string;
			because: string;
	  }
	| {type: 'human-lock-taken'; environment: string; lock: string; by: string; reason: string}
	| {type: 'human-lock-released'; environment: string; lock: string; by: string}
	| {type: 'lock-broken'; environment: string; lock: string; holder: string; by: string; reason: string}
	/** A run on GitHub is to be re-run, cancelled or started: written before it is sent. `act` binds the two; `what` says it in words. */
	| {
			type: 'run-asked';
			act: string;
			kind: 'rerun' | 'cancel' | 'approve' | 'start';
			run: number | null;
			attempt: number | null;
			sha: string | null;
			what: string;
			by: string;
			host: string;
	  }
	/** What came of it. `unknown`: the answer got lost, and reading again has not told. */
	| {
			type: 'run-answered';
			act: string;
			outcome: 'done' | 'refused' | 'unknown';
			run: number | null;
			because: string | null;
	  }
	/** Said on GitHub under somebody's own name, written once GitHub has taken it: there it stands whatever this file says. */
	| {type: 'signed-off'; name: string; sha: string; given: boolean; by: string; note: string | null}
	| {type: 'reviewed'; run: number; environment: string; decision: 'approve' | 'reject'; by: string; comment: string}
	/** A line that a crash or a full disk cut off before this one: its length and its hash, so that the chain can be checked across it. */
	| {type: 'torn-line'; bytes: number; sha256: string};

/** `seq` counts from 1; `hash` is the SHA-256 over the previous hash and the rest of the record. */
export type JournalRecord = JournalEvent & {v: 1; seq: number; at: number; previous: string; hash: string};
