/** A record of the journal as one line for people. */
import {dateTime, duration} from '../../core/text/duration.ts';
import {nameOf, tellInstances} from '../../core/releases/instances.ts';
import type {JournalEvent, JournalRecord} from '../../core/operations/journal.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import {commandText} from './plan-text.ts';
import type {ReleaseRef} from '../../core/releases/release-ref.ts';

const name = (ref: ReleaseRef | null): string => (ref === null ? 'unknown' : nameOf(ref));
const why = (because: string | null): string => (because === null ? '' : `: ${because}`);
const onHost = (host: string | null): string => (host === null ? '' : ` on ${host}`);

const locked = {
	taken: 'locked, on GitHub too',
	unreachable: 'locked on this machine alone, GitHub could not be asked',
	'not-configured': 'locked on this machine',
	passed: 'locked on this machine alone, past the lock on GitHub',
} as const;

const ofOperation = (event: JournalEvent): string | null => {
	switch (event.type) {
		case 'requested':
			return `${event.kind} of ${event.environment} from ${name(event.from)} to ${name(event.to)} asked for by ${event.operator} on ${event.host}${event.passedLock === undefined ? '' : `, past the lock of ${event.passedLock.holder}`}${event.phrase === null ? '' : `, confirmed with "${event.phrase}"`}${event.usualSeconds === null ? '' : `, median ${duration(event.usualSeconds)}`}`;
		case 'locked':
			return `${locked[event.remote]}${why(event.because)} (lock ${event.lock})`;
		case 'observed':
			return `${event.when === 'before' ? 'before' : 'afterwards'}: ${tellInstances(event.instances)}`;
		case 'starting':
			return `starting ${commandText(event.command)} in ${event.directory}`;
		case 'spawned':
			return `the script runs as process ${event.pid}`;
		case 'step-began':
			return `step ${event.step}${onHost(event.host)} began${why(event.note)}`;
		case 'step-passed':
			return `step ${event.step}${onHost(event.host)} passed${why(event.note)}`;
		case 'step-failed':
			return `step ${event.step}${onHost(event.host)} failed${why(event.note)}`;
		case 'stop-requested':
			return `to be stopped, says ${event.by}${event.thenRollBack ? ', and rolled back' : ''}`;
		case 'signalled':
			return `${event.signal}: ${event.because}${event.leftovers === 0 ? '' : `, ${event.leftovers} processes left`}`;
		case 'script-ended':
			return `the script ended with ${event.exitCode ?? 'no exit code'}${event.result === null ? '' : `, it says ${event.result}`}${why(event.cause)}`;
		case 'finished':
			return `${event.outcome} (exit code ${event.exitCode}): ${event.because}`;
		case 'unlocked':
			return `unlocked${why(event.because)} (lock ${event.lock})`;
		case 'adopted':
			return `taken over${why(event.because)}`;
		default:
			return null;
	}
};

const ofEnvironment = (event: JournalEvent): string => {
	switch (event.type) {
		case 'queued':
			return `to be announced: ${event.what}`;
		case 'published':
			return `announced: ${event.what}`;
		case 'given-up':
			return `never announced${why(event.because)}`;
		case 'marked-bad':
			return `${event.environment}: ${event.release} marked bad by ${event.by}${why(event.because)}`;
		case 'pinned':
			return `${event.environment}: ${event.release} pinned by ${event.by}${why(event.because)}`;
		case 'unpinned':
			return `${event.environment}: ${event.release} unpinned by ${event.by}${why(event.because)}`;
		case 'human-lock-taken':
			return `${event.environment} locked by ${event.by}: ${event.reason} (lock ${event.lock})`;
		case 'human-lock-released':
			return `${event.environment} unlocked by ${event.by} (lock ${event.lock})`;
		case 'lock-broken':
			return `${event.environment}: the lock ${event.lock} of ${event.holder} broken by ${event.by}: ${event.reason}`;
		case 'run-asked':
			return `${event.what}: asked for by ${event.by} on ${event.host} (act ${event.act})`;
		case 'run-answered':
			return `${event.outcome === 'done' ? 'GitHub took it' : event.outcome === 'refused' ? 'it was refused' : 'whether GitHub took it is not known'}${event.run === null ? '' : `, run ${event.run}`}${why(event.because)} (act ${event.act})`;
		case 'signed-off':
			return `sign-off ${event.name} for ${event.sha.slice(0, 7)} ${event.given ? 'given' : 'taken back'} by ${event.by}${why(event.note)}`;
		case 'reviewed':
			return `run ${event.run} ${event.decision === 'approve' ? 'approved' : 'rejected'} for ${event.environment} by ${event.by}${why(event.comment)}`;
		case 'torn-line':
			return `a crash or a full disk cut off the line before (${event.bytes} bytes)`;
		// A record of a later version.
		default:
			return event.type;
	}
};

/** `2026-11-24 02:03:04  #12  20261124T020304Z-deploy-staging-1f9c  locked, on GitHub too` */
export const auditLine = (record: JournalRecord): string => {
	const operation = 'operation' in record && record.operation !== null ? `  ${record.operation}` : '';
	return `${dateTime(record.at)}  #${record.seq}${sanitise(operation, 200) === '' ? '' : `  ${sanitise(operation, 200)}`}  ${sanitise(ofOperation(record) ?? ofEnvironment(record), 2000)}`;
};
