/** Turns what the script says into the journal's step events: few, in order, and never more than the journal can take. */
import type {JournalEvent} from '../../core/operations/journal.ts';
import {endLineOf, noteOf} from '../../core/operations/protocol.ts';
import type {EndLine, ParsedLine, ProtocolLine} from '../../core/operations/protocol.ts';

type StepEvent = Extract<JournalEvent, {type: 'step-began' | 'step-passed' | 'step-failed'}>;

/** More different steps than any script has; a hostile one's further steps are left to the log. */
const mostSteps = 300;
const eventsPerSecond = 20;
const burst = 60;

export type StepRecorder = {
	take(line: ParsedLine): void;
	/** A word of the supervisor itself, about whatever runs now. */
	remark(note: string): void;
	/** What may be written now; `all` when the script is over. `isProgressOnly`: nothing began or ended, only notes changed. */
	due(nowMs: number, all?: boolean): {events: readonly StepEvent[]; isProgressOnly: boolean};
	/** What runs now; null: nothing that we know of. */
	current(): string | null;
	/** The script's last word, if it was said. */
	endLine(): EndLine | null;
	/** A version of the protocol that we do not know; then nothing of it is believed. */
	unsupported(): string | null;
};

/** `endsWith`: whose last line counts, where a script runs inside of another; null: anybody's. `alreadyWritten`: beginnings and ends of steps that the journal has, when a supervisor takes over. `mask` removes secrets. */
export const createStepRecorder = (
	operation: string,
	mask: (text: string) => string,
	alreadyWritten = 0,
	endsWith: string | null = null,
): StepRecorder => {
	// The log is read from its begin again: as many events as the journal has are passed over, in their order.
	let skip = alreadyWritten;
	let pending: StepEvent[] = [];
	const running = new Map<string, {step: string; host: string | null}>();
	const names = new Set<string>();
	let ended: {line: EndLine; isOfHost: boolean} | null = null;
	let other: string | null = null;
	let allowance = {events: burst, at: 0};

	const push = (event: StepEvent) => {
		const last = pending.findLastIndex(({step, host}) => step === event.step && host === event.host);
		// Only the latest probe of a step is of interest.
		if (pending[last]?.type === 'step-began' && pending[last].note !== null)
			pending[last] = {...pending[last], note: event.note};
		else pending.push(event);
	};

	const maskedWord = (text: string | null) => (text === null ? null : mask(text));
	const masked = ({exit, result, live, cause, text}: EndLine): EndLine => ({
		exit,
		result: maskedWord(result),
		live: maskedWord(live),
		cause: maskedWord(cause),
		...(text != null && {text: mask(text)}),
	});

	/** A probe, or a note: a word about a step that runs. */
	const word = ({verb, step: name}: {verb: string; step: string}, key: string, note: string | null) => {
		const target = running.get(key) ?? (verb === 'note' ? [...running.values()].at(-1) : undefined);
		if (target === undefined || note === null || skip > 0) return;
		push({
			type: 'step-began',
			operation,
			...target,
			note: verb === 'note' && target.step !== name ? `${name}: ${note}` : note,
		});
	};

	const step = (line: ProtocolLine) => {
		const host = line.values['host'] === undefined ? null : mask(line.values['host']);
		const name = mask(line.step);
		const key = `${name}\n${host}`;
		const said = noteOf(line);
		const note = said === null ? null : mask(said);
		if (line.verb === 'probe' || line.verb === 'note') return word({verb: line.verb, step: name}, key, note);
		names.add(key);
		if (names.size > mostSteps) return;
		if (line.verb === 'begin') running.set(key, {step: name, host});
		else running.delete(key);
		if (skip > 0) skip--;
		else if (line.verb === 'begin') pending.push({type: 'step-began', operation, step: name, host, note: null});
		else
			pending.push({
				type: line.verb === 'ok' ? 'step-passed' : 'step-failed',
				operation,
				step: name,
				host,
				note: line.verb === 'ok' && line.text === null ? null : note,
			});
	};

	return {
		take(parsed) {
			if (parsed.kind === 'unsupported') other ??= parsed.version;
			if (parsed.kind !== 'line' || parsed.line.verb === 'would') return;
			if (parsed.line.verb === 'end') {
				if (endsWith !== null && parsed.line.step !== endsWith) return;
				const isOfHost = parsed.line.values['host'] !== undefined;
				// The driver's own word counts more than a host's.
				if (ended === null || ended.isOfHost || !isOfHost)
					ended = {line: masked(endLineOf(parsed.line)), isOfHost};
			} else if (pending.length < 10 * mostSteps) step(parsed.line);
		},
		remark(note) {
			const target = [...running.values()].at(-1) ?? {step: 'script', host: null};
			push({type: 'step-began', operation, ...target, note});
		},
		due(nowMs, all = false) {
			allowance = {
				events: Math.min(
					burst,
					allowance.events + (Math.max(0, nowMs - allowance.at) / 1000) * eventsPerSecond,
				),
				at: nowMs,
			};
			const events = pending.slice(0, all ? 2 * mostSteps : Math.floor(allowance.events));
			pending = pending.slice(events.length);
			allowance.events = Math.max(0, allowance.events - events.length);
			return {events, isProgressOnly: events.every(({type, note}) => type === 'step-began' && note !== null)};
		},
		current: () => [...running.values()].at(-1)?.step ?? null,
		endLine: () => (other === null ? (ended?.line ?? null) : null),
		unsupported: () => other,
	};
};
