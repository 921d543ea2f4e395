/** The line protocol as our own promoter speaks it: whoever watches sees the steps of a promotion as those of a script. */
import {sanitise} from '../../core/text/sanitise.ts';
import type {Clock} from '../../world.ts';

/** How a promotion ended. `exit` as of the contract; 31 to 34 say that production's branch or production itself has changed. */
export type Ending = {
	exit: 0 | 10 | 11 | 12 | 20 | 30 | 31 | 32 | 33 | 34 | 40;
	result: string;
	/** The commit that is live; null: not known. */ live?: string | null;
	because: string;
	next?: string;
};

export type Speech = {
	begin(step: string): void;
	ok(step: string, text?: string): void;
	fail(step: string, text: string): void;
	/** What a running step does now; said once while it does not change. */
	note(step: string, text: string, values?: Readonly<Record<string, string | number>>): void;
	end(ending: Ending): void;
};

const longest = 700;
const word = (text: string | number) => sanitise(String(text), 120).replaceAll(/[\s=]+/g, '-') || '-';

/** `write` takes whole lines. */
export const createSpeech = (write: (line: string) => void, clock: Clock): Speech => {
	const since = clock.now();
	const last = new Map<string, string>();
	const say = (verb: string, step: string, values: Readonly<Record<string, string | number>>, text = '') => {
		const now = clock.now();
		const pairs = Object.entries(values)
			.map(([key, value]) => ` ${key}=${word(value)}`)
			.join('');
		write(
			`deployctl/1 ${new Date(now).toISOString()} +${((now - since) / 1000).toFixed(3)} ${verb} ${word(step)}${pairs}${text === '' ? '' : ` -- ${sanitise(text, longest)}`}\n`,
		);
	};
	return {
		begin: step => say('begin', step, {}),
		ok: (step, text) => say('ok', step, {}, text),
		fail: (step, text) => say('fail', step, {}, text),
		note(step, text, values = {}) {
			const said = JSON.stringify([text, values]);
			if (last.get(step) === said) return;
			last.set(step, said);
			say('probe', step, values, text);
		},
		end: ({exit, result, live, because, next}) =>
			say(
				'end',
				'promote',
				{exit, result, live: live ?? '-'},
				next === undefined ? because : `${because} Next: ${next}`,
			),
	};
};
