/**
`deployctl/playwright-reporter`: says on the commit how far each shard is while Playwright runs, failures the moment they are final, and
leaves the whole result as a file. It needs nothing of Playwright but to be called; the shapes below are what it reads of 1.40 and later.
*/
import {isAbsolute, relative, sep} from 'node:path';
import type {TestOutcome} from '../core/tests/results.ts';
import {fetchThrough} from '../edges/network.ts';
import {createSession, type Session} from './session.ts';

type Place = {file: string; line: number};
type TestError = {message?: string | undefined; value?: string | undefined; location?: Place | undefined};
type Config = {
	rootDir?: string;
	configFile?: string | undefined;
	shard?: {current: number; total: number} | null;
	projects?: ReadonlyArray<{name: string}>;
};
type Test = {
	id: string;
	title: string;
	location: Place;
	retries: number;
	titlePath(): string[];
	results: readonly Result[];
	outcome(): 'skipped' | 'expected' | 'unexpected' | 'flaky';
};
type Result = {
	retry: number;
	duration: number;
	status: string;
	error?: TestError | undefined;
	errors?: readonly TestError[];
};
type Suite = {allTests(): readonly Test[]};
type FullResult = {status: string};

export type ReporterOptions = {
	/** Where the result file goes; default: what DEPLOYCTL_RESULTS says, else nowhere. */
	results?: string;
};

const outcomes: Readonly<Record<ReturnType<Test['outcome']>, TestOutcome>> = {
	skipped: 'skipped',
	expected: 'passed',
	unexpected: 'failed',
	flaky: 'flaky',
};

const textOf = (error: TestError | undefined): string =>
	(error?.message ?? error?.value ?? 'failed without a message').replace(/^Error: /, '');

const later = (afterMs: number, stays: boolean, call: () => void) => {
	const timer = setTimeout(call, afterMs);
	if (!stays) timer.unref();
	return () => clearTimeout(timer);
};

/** Called with `new`, as Playwright does. */
export default function DeployctlReporter(options: ReporterOptions = {}) {
	const {env} = process;
	let session: Session | null = null;
	let config: Config = {};
	/** What runs now, oldest first. */
	const running = new Map<string, string>();
	/** What failed before it began. */
	const early: TestError[] = [];
	const warn = (line: string) => {
		process.stderr.write(`${line}\n`);
	};

	/** Relative to the repository; outside of it, as it is. */
	const fileOf = (file: string): string => {
		for (const root of [env['GITHUB_WORKSPACE'], process.cwd(), config.rootDir]) {
			const path = root ? relative(root, file) : '..';
			if (!path.startsWith('..') && !isAbsolute(path)) return path.split(sep).join('/');
		}
		return file;
	};
	const placeOf = ({file, line}: Place) => `${fileOf(file)}:${line}`;
	const titleOf = (test: Test): string => {
		const [, project = '', , ...names] = test.titlePath();
		return `${(config.projects?.length ?? 0) > 1 && project !== '' ? `[${project}] ` : ''}${names.join(' › ')}`;
	};

	const open = (): Session =>
		createSession({
			env,
			shard: config.shard ? {index: config.shard.current, total: config.shard.total} : null,
			fetch: fetchThrough(env, globalThis.fetch),
			now: Date.now,
			later,
			warn,
			resultsPath: options.results ?? null,
		});
	const outside = (to: Session, error: TestError) =>
		to.outside(
			error.location ? placeOf(error.location) : fileOf(config.configFile ?? 'playwright.config'),
			textOf(error),
		);

	return {
		printsToStdio: () => false,
		onBegin(given: Config, suite: Suite) {
			config = given;
			session = open();
			session.begin(suite.allTests().length);
			for (const error of early.splice(0)) outside(session, error);
		},
		onTestBegin(test: Test) {
			running.set(test.id, `${placeOf(test.location)} › ${titleOf(test)}`);
			session?.started([...running.values()].at(-1)!);
		},
		onTestEnd(test: Test, result: Result) {
			running.delete(test.id);
			const outcome = test.outcome();
			// One that failed is tried again while it has tries left; one that was interrupted came to nothing.
			const isFinal =
				result.status !== 'interrupted' && (outcome !== 'unexpected' || result.retry >= test.retries);
			session?.now([...running.values()].at(-1) ?? null);
			if (isFinal) {
				// Of the last try that failed, also where a later one passed.
				const error =
					outcome === 'unexpected' || outcome === 'flaky'
						? test.results.map(one => one.error ?? one.errors?.[0]).findLast(one => one !== undefined)
						: undefined;
				session?.ended({
					id: test.id,
					location: placeOf(test.location),
					title: titleOf(test),
					outcome: outcomes[outcome],
					durationMs: result.duration,
					tries: result.retry + 1,
					error:
						outcome === 'unexpected' || error !== undefined
							? {message: textOf(error), location: error?.location ? placeOf(error.location) : null}
							: null,
				});
			}
		},
		onError(error: TestError) {
			if (session) outside(session, error);
			else early.push(error);
		},
		async onEnd({status}: FullResult) {
			// It may end before it has begun: a file that cannot be loaded, no tests found. That is a result, too.
			session ??= open();
			for (const error of early.splice(0)) outside(session, error);
			const {verdict, because} = await session.end(
				status === 'passed' ? 'passed' : status === 'interrupted' ? 'interrupted' : 'failed',
			);
			if (because !== null)
				warn(`deployctl: ${because}${verdict === 'passed' ? '' : `: this shard is told as ${verdict}`}.`);
		},
	};
}
