/** JUnit's XML, as any runner of tests writes it: none of them has a common description, so each place is looked for where it may be. */
import type {RawTest} from './collector.ts';
import {createXmlReader} from './xml.ts';

export type JunitReader = {
	/** False: it is broken from here on. */
	write(piece: string): boolean;
	/** `isWhole`: nothing was missing at its end. */
	end(): {isWhole: boolean};
};

type Open = {attributes: Readonly<Record<string, string>>; failure: {message: string; text: string} | null; isSkipped: boolean; flaky: number; errors: number; inside: string | null};

const wrong = new Set(['failure', 'error']);
const again = new Set(['flakyFailure', 'flakyError', 'rerunFailure', 'rerunError']);
/** Of an output or a message nobody reads more. */
const textAtMost = 20_000;

/** `1.234`, `1,234.5`: seconds. */
const secondsOf = (text: string | undefined): number => {
	const seconds = Number((text ?? '').replaceAll(',', ''));
	return Number.isFinite(seconds) ? seconds : 0;
};

const isFile = (text: string | undefined): text is string => text !== undefined && (/[/\\]/.test(text) || /\.[cm]?[jt]sx?$|\.py$|\.rb$|\.java$/.test(text));

/** @param id of a test: tests of the same name in the same place get numbers */
const testOf = ({attributes, failure, isSkipped, flaky, errors}: Open, suite: Readonly<Record<string, string>>, id: string): RawTest => {
	const {classname, name, line} = attributes;
	const file = attributes['file'] ?? attributes['filepath'] ?? suite['file'] ?? suite['filepath'];
	const place = file ?? (isFile(classname) ? classname : isFile(suite['name']) ? suite['name'] : classname ?? suite['name'] ?? 'JUnit');
	const block = classname !== undefined && classname !== place && !name?.startsWith(classname) ? classname : undefined;
	const outcome = failure ? 'failed' : isSkipped ? 'skipped' : flaky > 0 ? 'flaky' : 'passed';
	const message = failure ? [failure.message, failure.text].find(text => text.trim() !== '') ?? 'failed' : null;
	return {
		id, location: `${place}${line === undefined || !/^\d{1,7}$/.test(line) ? '' : `:${line}`}`, title: [...(block === undefined ? [] : [block]), name ?? 'without a name'].join(' › '), outcome,
		durationMs: secondsOf(attributes['time']) * 1000, tries: 1 + (flaky > 0 ? flaky : 0) + Math.max(0, errors - 1), error: message === null ? null : {message, location: null},
	};
};

export const createJunitReader = (found: (test: RawTest) => void): JunitReader => {
	const suites: Array<Readonly<Record<string, string>>> = [];
	const seen = new Map<string, number>();
	let open: Open | null = null;
	let isReport = false;
	const reader = createXmlReader({
		open(name, attributes) {
			if (name === 'testsuite' || name === 'testsuites') {
				isReport = true;
				suites.push(attributes);
			} else if (name === 'testcase') {
				open = {attributes, failure: null, isSkipped: false, flaky: 0, errors: 0, inside: null};
			} else if (open !== null && open.inside === null) {
				open.inside = name;
				if (wrong.has(name)) {
					open.errors += 1;
					open.failure ??= {message: attributes['message'] ?? '', text: ''};
				}
				if (name === 'skipped') open.isSkipped = true;
				if (again.has(name)) open.flaky += 1;
			}
		},
		text(text) {
			if (open?.inside && wrong.has(open.inside) && open.failure && open.failure.text.length < textAtMost) open.failure.text += text.slice(0, textAtMost);
		},
		close(name) {
			if (name === 'testsuite' || name === 'testsuites') {
				suites.pop();
			} else if (name === 'testcase' && open !== null) {
				const suite = suites.at(-1) ?? {};
				const key = JSON.stringify([suite['name'], open.attributes['classname'], open.attributes['file'], open.attributes['name']]);
				const count = (seen.get(key) ?? 0) + 1;
				seen.set(key, count);
				found(testOf(open, suite, `${key} ${count}`));
				open = null;
			} else if (open !== null && open.inside === name) {
				open.inside = null;
			}
		},
	});
	return {
		write: piece => reader.write(piece),
		end: () => ({isWhole: reader.end() && isReport}),
	};
};
