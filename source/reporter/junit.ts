/** JUnit's XML, as any runner of tests writes it: none of them has a common description, so each place is looked for where it may be. */
import type {RawTest} from './collector.ts';
import {createXmlReader} from './xml.ts';
import {plural} from '../core/text/plural.ts';

export type JunitReader = {
	/** False: it is broken from here on. */
	write(piece: string): boolean;
	/** `isWhole`: nothing was missing at its end. `skipped`: tests that a suite says were skipped, and that look as if they had passed. */
	end(): {isWhole: boolean; skipped: number};
};

/** What a suite says of itself and its tests do not: something failed outside of any test, or tests are missing. */
export type SuiteFault = {location: string; message: string};

type Attributes = Readonly<Record<string, string>>;
type Case = {
	attributes: Attributes;
	failure: {message: string; text: string} | null;
	isSkipped: boolean;
	flaky: number;
	errors: number;
	/** Names of the elements around, from its child on. */ inside: string[];
};
/** Counts with those of the suites within. */
type Suite = {
	attributes: Attributes;
	tests: number;
	wrong: number;
	skipped: number;
	/** Skipped ones that no test tells. */ unnamed: number;
	/** What is written beside the tests. */ text: string;
	errors: number;
	inside: string | null;
};

/** Without the prefix of a namespace. */
const localName = (name: string): string => name.slice(name.lastIndexOf(':') + 1);

const wrong = new Set(['failure', 'error']);
const again = new Set(['flakyFailure', 'flakyError', 'rerunFailure', 'rerunError']);
/** Of an output or a message nobody reads more. */
const textAtMost = 20_000;

/** `1.234`, `1,234.5`: seconds. */
const secondsOf = (text: string | undefined): number => {
	const seconds = Number((text ?? '').replaceAll(',', ''));
	return Number.isFinite(seconds) ? seconds : 0;
};

const isFile = (text: string | undefined): text is string =>
	text !== undefined && (/[/\\]/.test(text) || /\.[cm]?[jt]sx?$|\.py$|\.rb$|\.java$/.test(text));

/** Where no element tells it: googletest's `notrun`, CTest's `fail`, and words like them. */
const statusOf = ({status, result}: Attributes): 'failed' | 'skipped' | null => {
	const words = [status, result].map(word => word?.toLowerCase().replaceAll(/[^a-z]/g, '') ?? '');
	if (words.some(word => /^(?:fail|failed|failure|error|errored|broken|timeout|timedout|aborted)$/.test(word)))
		return 'failed';
	return words.some(word => /^(?:notrun|skip|skipped|disabled|suppressed|ignored|pending)$/.test(word))
		? 'skipped'
		: null;
};
/** What CTest says of a test that it could not run: the run fails, and the test is called skipped all the same. */
const notRunnable =
	/^(?:unable to find|failed to start|required files missing|fixture dependency failed|missing configuration|insufficient resources)/i;
const isWrong = ({failure, attributes}: Case) => failure !== null || statusOf(attributes) === 'failed';

/** @param id of a test: tests of the same name in the same place get numbers */
const testOf = (made: Case, suite: Attributes, id: string): RawTest => {
	const {attributes, failure, isSkipped, flaky, errors} = made;
	const {classname, name, line} = attributes;
	const file = attributes['file'] ?? attributes['filepath'] ?? suite['file'] ?? suite['filepath'];
	const place =
		file ??
		(isFile(classname)
			? classname
			: isFile(suite['name'])
				? suite['name']
				: (classname ?? suite['name'] ?? 'JUnit'));
	const block =
		classname !== undefined && classname !== place && !name?.startsWith(classname) ? classname : undefined;
	const outcome = isWrong(made)
		? 'failed'
		: isSkipped || statusOf(attributes) === 'skipped'
			? 'skipped'
			: flaky > 0
				? 'flaky'
				: 'passed';
	const message =
		outcome !== 'failed'
			? null
			: failure
				? ([failure.message, failure.text].find(text => text.trim() !== '') ?? 'failed')
				: `failed, says its status: ${attributes['status'] ?? attributes['result'] ?? ''}`;
	return {
		id,
		location: `${place}${line === undefined || !/^\d{1,7}$/.test(line) ? '' : `:${line}`}`,
		title: [...(block === undefined ? [] : [block]), name ?? 'without a name'].join(' › '),
		outcome,
		durationMs: secondsOf(attributes['time']) * 1000,
		tries: 1 + (flaky > 0 ? flaky : 0) + Math.max(0, errors - 1),
		error: message === null ? null : {message, location: null},
	};
};

/** `3`, `3.0`, `1,000`; what is no number announces nothing. */
const announced = (text: string | undefined): number =>
	text !== undefined && /^(?:\d{1,9}|\d{1,3}(?:,\d{3})+)(?:\.0+)?$/.test(text.trim())
		? Number(text.replaceAll(',', ''))
		: 0;
const tests = (count: number) => plural(count, 'test');

/** Catch2 announces its assertions as tests. This name of a host, of which it never writes another, is how it is known. */
const countsAssertions = ({hostname}: Attributes): boolean => hostname === 'tbd';

/**
What a suite announces against what is in it. Its numbers may be its own or those of the suites within as well: only too little is a fault.
Skipped tests may be counted and not listed.
*/
const faultsOf = ({
	attributes,
	tests: found,
	wrong: failed,
	skipped,
	unnamed,
	text,
	errors,
}: Suite): {failures: string[]; missing: number; skipped: number} => {
	const said = announced(attributes['failures']) + announced(attributes['errors']);
	const unsaid = Math.max(errors, said - failed);
	const listed = skipped + unnamed;
	const leftOut =
		Math.max(announced(attributes['skipped']), announced(attributes['ignored'])) +
		announced(attributes['disabled']);
	const left = Math.max(0, leftOut - listed);
	const absent = countsAssertions(attributes) ? 0 : Math.max(0, announced(attributes['tests']) - found);
	const missing = Math.max(0, absent - left);
	const own = text.trim();
	return {
		failures: [
			...(unsaid > 0
				? [
						`${own === '' ? '' : `${own}\n`}The suite says that ${said > failed ? said : failed + errors} failed, and names ${failed}: something failed outside of its tests.`,
					]
				: []),
			...(missing > 0
				? [
						`The suite announces ${tests(announced(attributes['tests']))}, and holds ${found}: ${missing} did not come to their end.`,
					]
				: []),
		],
		missing,
		skipped: Math.min(Math.max(0, left - absent), found - listed),
	};
};

/** @param found a test has ended @param faulty a suite's numbers are not those of its tests */
export const createJunitReader = (
	found: (test: RawTest) => void,
	faulty: (fault: SuiteFault) => void = () => {},
): JunitReader => {
	const suites: Suite[] = [];
	const seen = new Map<string, number>();
	const cases: Case[] = [];
	let isReport = false;
	let skipped = 0;

	const end = (one: Case) => {
		const suite = suites.at(-1);
		const key = JSON.stringify([
			suite?.attributes['name'],
			one.attributes['classname'],
			one.attributes['file'],
			one.attributes['name'],
		]);
		const count = (seen.get(key) ?? 0) + 1;
		seen.set(key, count);
		const made = testOf(one, suite?.attributes ?? {}, `${key} ${count}`);
		if (suite) {
			suite.tests += 1;
			// Some count those as failures that passed when they were tried again.
			suite.wrong += made.outcome === 'failed' ? Math.max(1, one.errors) : one.flaky;
			suite.skipped += made.outcome === 'skipped' ? 1 : 0;
		}
		found(made);
	};
	const endSuite = (suite: Suite) => {
		const {failures, missing, skipped: unnamed} = faultsOf(suite);
		const {name, file, filepath} = suite.attributes;
		for (const message of failures) faulty({location: file ?? filepath ?? name ?? 'JUnit', message});
		const said = announced(suite.attributes['failures']) + announced(suite.attributes['errors']);
		const around = suites.at(-1);
		if (!around) skipped += suite.unnamed + unnamed;
		else {
			// What was told of it is not told again of the suite around it.
			around.tests += suite.tests + missing;
			around.wrong += Math.max(suite.wrong + suite.errors, said);
			around.skipped += suite.skipped;
			around.unnamed += suite.unnamed + unnamed;
		}
	};
	const within = (one: Case, name: string, attributes: Attributes) => {
		const isAgain = one.inside.some(around => again.has(around));
		if (wrong.has(name) && !isAgain) {
			one.errors += 1;
			one.failure ??= {message: attributes['message'] ?? '', text: ''};
		}
		const why = attributes['message'] ?? '';
		if (name === 'skipped' && one.inside.length === 0) one.isSkipped = true;
		if (name === 'skipped' && one.attributes['status'] === 'notrun' && notRunnable.test(why))
			one.failure ??= {message: why, text: ''};
		if (again.has(name)) one.flaky += 1;
		one.inside.push(name);
	};
	const reader = createXmlReader({
		open(qualified, attributes) {
			const name = localName(qualified);
			const one = cases.at(-1);
			const suite = suites.at(-1);
			if (name === 'testsuite' || name === 'testsuites') {
				isReport = true;
				suites.push({
					attributes,
					tests: 0,
					wrong: 0,
					skipped: 0,
					unnamed: 0,
					text: '',
					errors: 0,
					inside: null,
				});
			} else if (name === 'testcase') {
				cases.push({attributes, failure: null, isSkipped: false, flaky: 0, errors: 0, inside: []});
			} else if (one !== undefined) {
				within(one, name, attributes);
			} else if (suite !== undefined && suite.inside === null) {
				suite.inside = name;
				if (!wrong.has(name)) return;
				suite.errors += 1;
				suite.text += `${attributes['message'] ?? ''}\n`;
			}
		},
		text(text) {
			const one = cases.at(-1);
			const suite = suites.at(-1);
			if (one !== undefined) {
				if (one.failure && one.inside.some(name => wrong.has(name)) && one.failure.text.length < textAtMost)
					one.failure.text += text.slice(0, textAtMost);
			} else if (
				suite?.inside &&
				(wrong.has(suite.inside) || suite.inside === 'system-err') &&
				suite.text.length < textAtMost
			) {
				suite.text += text.slice(0, textAtMost);
			}
		},
		close(qualified) {
			const name = localName(qualified);
			const one = cases.at(-1);
			const suite = suites.at(-1);
			if (name === 'testsuite' || name === 'testsuites') {
				suites.pop();
				if (suite) endSuite(suite);
			} else if (name === 'testcase') {
				cases.pop();
				if (one) end(one);
			} else if (one !== undefined) {
				one.inside.pop();
			} else if (suite?.inside === name) {
				suite.inside = null;
			}
		},
	});
	return {
		write: piece => reader.write(piece),
		end: () => ({isWhole: reader.end() && isReport, skipped}),
	};
};
