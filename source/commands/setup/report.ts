/** `deployctl report`: progress and results of tests that are not Playwright's, and the page of all shards. */
import {createReadStream, type Dirent} from 'node:fs';
import {appendFile, readdir, readFile, stat} from 'node:fs/promises';
import {once} from 'node:events';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Readable, Writable} from 'node:stream';
import {StringDecoder} from 'node:string_decoder';
import {secretsFrom} from '../../core/text/mask.ts';
import {resultFile} from '../../core/tests/results.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import {exitCodes, Failure, usageFailure} from '../../errors.ts';
import {createJunitReader, type JunitReader} from '../../reporter/junit.ts';
import {surroundingsOf} from '../../reporter/environment.ts';
import {type Expected, mergeShards} from '../../reporter/merge.ts';
import {followProgress} from '../../reporter/follow.ts';
import {createPublisher} from '../../reporter/publisher.ts';
import {createSession, type Session} from '../../reporter/session.ts';
import {createTapReader, type TapEvent} from '../../reporter/tap.ts';
import type {Context} from '../desk/context.ts';
import {plural} from '../../core/text/plural.ts';

type Flags = {junit: boolean; tap: boolean; merge: boolean; follow: boolean; shards: number | null; allowTodo: boolean};
type ReportContext = Pick<Context, 'env' | 'output' | 'signal'> & {stdin: Readable; stdout: Writable};

const settleAfterMs = 250;
/** Nobody waits behind it but the end of the job, and all failures are known at once. */
const junitFlushMs = 45_000;
const resultsAtMost = 20_000_000;

const later = (afterMs: number, stays: boolean, call: () => void) => {
	const timer = setTimeout(call, afterMs);
	if (!stays) timer.unref();
	return () => clearTimeout(timer);
};

const sessionFor = ({env, output}: ReportContext, flushAtMostMs?: number): Session =>
	createSession({
		env,
		fetch: globalThis.fetch,
		now: Date.now,
		later,
		warn: line => output.error(`${line}\n`),
		...(flushAtMostMs !== undefined && {flushAtMostMs}),
	});

const noFile = (path: string, error: unknown) =>
	new Failure(`${path} cannot be read.`, {
		because: (error as NodeJS.ErrnoException).code ?? 'unknown error',
		next: 'name the file that the tests have written',
		exitCode: exitCodes.failed,
		cause: error,
	});

const take = (session: Session, events: readonly TapEvent[]) => {
	for (const event of events) {
		if (event.type === 'ended') session.ended(event.test);
		if (event.type === 'started') session.started(event.title);
		if (event.type === 'expected') session.begin(event.total);
		if (event.type === 'bailed') session.outside('TAP', `Bail out! ${event.because}`);
	}
};

/** As it is; a slow reader slows down the tests, as without us. One that has gone does not: the tests are read to their end. */
const passOn = async (stdout: Writable, chunk: Buffer): Promise<void> => {
	if (stdout.destroyed || stdout.write(chunk)) return;
	await Promise.race([once(stdout, 'drain'), once(stdout, 'close')]).catch(() => {});
};

const reportTap = async (context: ReportContext, path: string | undefined, allowTodo: boolean): Promise<number> => {
	const {stdin, stdout, signal, output} = context;
	const session = sessionFor(context);
	const reader = createTapReader({allowTodo});
	const decoder = new StringDecoder('utf8');
	const source = path === undefined || path === '-' ? stdin : createReadStream(path);
	let forget = () => {};
	session.begin(0);
	const stop = () => source.destroy();
	signal.addEventListener('abort', stop, {once: true});
	try {
		for await (const chunk of source as AsyncIterable<Buffer>) {
			forget();
			if (source === stdin) await passOn(stdout, chunk);
			take(session, reader.write(decoder.write(chunk)));
			forget = later(settleAfterMs, false, () => take(session, reader.settle()));
		}
	} catch (error) {
		if (!signal.aborted) throw path === undefined ? error : noFile(path, error);
	} finally {
		forget();
		signal.removeEventListener('abort', stop);
	}
	const {events, wrong, reason, excused, marked} = reader.end();
	take(session, events);
	if (signal.aborted) {
		await session.end('interrupted');
		return exitCodes.interrupted;
	}
	const result = await session.end(wrong === null ? 'passed' : 'failed');
	if (wrong !== null) output.error(`deployctl: the tests did not pass: ${wrong}.${todoHint(marked)}\n`);
	if (excused > 0)
		output.error(
			`deployctl: ${plural(excused, 'failed test is', 'failed tests are')} marked TODO and counted as skipped (--allow-todo).\n`,
		);
	return codeOf(output, result, reason);
};

/** @param count of failures that may be marked */
const todoHint = (count: number): string =>
	count === 0
		? ''
		: ` ${plural(count, 'failure looks', 'failures look')} like TODO: a mark and a part of a name are the same here. Where the runner writes \\# in names, give --allow-todo.`;

/** Says why it is no success, where no failed test does; or that there was nothing to do in this one of several shards. */
const codeOf = (
	output: ReportContext['output'],
	{verdict, because}: Pick<Awaited<ReturnType<Session['end']>>, 'verdict' | 'because'>,
	reason: string | null = null,
): number => {
	if (because !== null)
		output.error(
			`deployctl: ${verdict === 'passed' ? '' : 'the tests did not pass: '}${because}${reason === null ? '' : ` (${reason})`}${verdict === 'passed' ? ': whether any test was run is for --merge to say, of all shards' : ''}.\n`,
		);
	return verdict === 'passed' ? exitCodes.done : exitCodes.failed;
};

/** The file itself, or all of that kind below the folder, in the order of their names. */
const filesAt = async (path: string, isOne: (name: string) => boolean): Promise<string[]> => {
	try {
		if (!(await stat(path)).isDirectory()) return [path];
		const entries: Dirent[] = await readdir(path, {recursive: true, withFileTypes: true});
		return entries
			.filter(entry => entry.isFile() && isOne(entry.name))
			.map(entry => join(entry.parentPath, entry.name))
			.sort();
	} catch (error) {
		throw noFile(path, error);
	}
};

const readJunit = async (
	file: string,
	...handlers: Parameters<typeof createJunitReader>
): Promise<ReturnType<JunitReader['end']>> => {
	const reader = createJunitReader(...handlers);
	const decoder = new StringDecoder('utf8');
	try {
		for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
			if (!reader.write(decoder.write(chunk))) break;
		}
	} catch (error) {
		throw noFile(file, error);
	}
	return reader.end();
};

const reportJunit = async (context: ReportContext, path: string): Promise<number> => {
	const files = await filesAt(path, name => /\.xml$/i.test(name));
	if (files.length === 0)
		throw new Failure(`There is no XML file in ${path}.`, {
			next: 'name the folder that the tests have written to',
			exitCode: exitCodes.failed,
		});
	const session = sessionFor(context, junitFlushMs);
	session.begin(0);
	let [broken, ran, unnamed] = [0, 0, 0];
	for (const file of files) {
		const {isWhole, skipped} = await readJunit(
			file,
			test => {
				ran += test.outcome === 'skipped' ? 0 : 1;
				session.ended({...test, id: `${file} ${test.id}`});
			},
			({location, message}) => {
				ran += 1;
				session.outside(location, message);
				context.output.error(
					`deployctl: ${file}, ${sanitise(location, 200)}: ${sanitise(message.split('\n').at(-1)!, 500)}\n`,
				);
			},
		);
		unnamed += skipped;
		if (isWhole) continue;
		broken += 1;
		context.output.error(
			`deployctl: ${file} is not a whole JUnit report; what stands before the fault was taken.\n`,
		);
	}
	// A suite may count as skipped what looks as if it had passed.
	const isIdle = ran > 0 && unnamed >= ran && session.surroundings.identity.shard.total === 1;
	if (isIdle)
		context.output.error('deployctl: the tests did not pass: the suites say that all tests were skipped.\n');
	// A report without its end is of tests that did not come to theirs.
	const result = await session.end(broken > 0 ? 'interrupted' : isIdle ? 'failed' : 'passed');
	const count = (outcome: string) => result.tests.filter(test => test.outcome === outcome).length;
	context.output.write(
		`${result.tests.length + result.omitted} tests, ${count('failed')} failed, ${count('flaky')} flaky, ${count('skipped')} skipped\n`,
	);
	return codeOf(context.output, result);
};

/** In a workflow that was started by the end of another run, the results are of that one. */
const whoseResults = (env: ReportContext['env']): Expected => {
	const {runId} = surroundingsOf(env).identity;
	const sha = env['SHA']?.trim().toLowerCase() ?? '';
	return {
		sha: /^[\da-f]{40}$/.test(sha) ? sha : null,
		runId: runId === 0 || env['GITHUB_EVENT_NAME'] === 'workflow_run' ? null : runId,
	};
};

const reportMerge = async ({env, output}: ReportContext, path: string, shards: number | null): Promise<number> => {
	const files = await filesAt(path, name => name === resultFile || /^deployctl-.*\.json$/.test(name));
	const values = await Promise.all(
		files.map(async file => {
			try {
				return [
					file,
					(await stat(file)).size > resultsAtMost
						? null
						: (JSON.parse(await readFile(file, 'utf8')) as unknown),
				] as const;
			} catch {
				return [file, null] as const;
			}
		}),
	);
	const {markdown, problems} = mergeShards(new Map(values), shards, whoseResults(env));
	const summary = env['GITHUB_STEP_SUMMARY'];
	if (summary) await appendFile(summary, markdown);
	else output.write(markdown);
	for (const problem of problems) output.error(`deployctl: ${problem}\n`);
	return problems.length === 0 ? exitCodes.done : exitCodes.failed;
};

/** Posts what the tests write, until it is told that they have ended. What cannot be posted is a line in the log, and no failure. */
const reportProgress = async ({env, output, signal}: ReportContext, path: string): Promise<number> => {
	const warn = (line: string) => output.error(`${line}\n`);
	const {identity, target, because} = surroundingsOf({...env, DEPLOYCTL_PROGRESS: undefined});
	if (target === null) {
		warn(
			`deployctl: nothing is said about this shard while it runs${because === null ? ': this is no workflow' : `, because ${because}`}.`,
		);
		return exitCodes.done;
	}
	await followProgress({
		path,
		signal,
		secrets: secretsFrom(env),
		publisher: () => createPublisher({identity, target, fetch: globalThis.fetch, now: Date.now, later, warn}),
		pause: async ms => sleep(ms, undefined, {signal}).catch(() => undefined),
	});
	return exitCodes.done;
};

export const runReport = async (context: ReportContext, flags: Flags, path: string | undefined): Promise<number> => {
	const kinds = [flags.junit, flags.tap, flags.merge, flags.follow].filter(Boolean).length;
	if (kinds !== 1)
		throw usageFailure(
			'Say what there is to report: one of --tap, --junit, --follow, --merge.',
			'deployctl report --help',
		);
	if (flags.shards !== null && !flags.merge) throw usageFailure('--shards goes with --merge.');
	if (flags.allowTodo && !flags.tap) throw usageFailure('--allow-todo goes with --tap.');
	if (flags.tap) return reportTap(context, path, flags.allowTodo);
	const kind = flags.junit ? 'junit' : flags.follow ? 'follow' : 'merge';
	if (path === undefined)
		throw usageFailure(
			`--${kind} needs a file${flags.follow ? '' : ' or a folder'}.`,
			`deployctl report --${kind} FILE`,
		);
	if (flags.follow) return reportProgress(context, path);
	return flags.junit ? reportJunit(context, path) : reportMerge(context, path, flags.shards);
};
