/**
Logs of jobs as GitHub gives them: none while the job runs, an address for a minute, on which nothing is filed in the first
seconds; none of what never began; none any more after the retention.
*/
import type {Flood, Outgoing} from '../calls/exchange.ts';
import {fraction} from '../model/identity.ts';
import {type Job, type Run, type State, type Step, jobUrl, repositoryUrl} from '../model/model.ts';
import {type Reply, message, notFound} from '../calls/rest-reply.ts';

const retentionMs = 90 * 24 * 3_600_000;
/** Until the log of a finished job is filed: 1 to 5 s. */
const filedAfterMs = (job: Job) => 1000 + Math.round(fraction(`log ${job.id}`) * 4000);
export const plannedLog = (state: State, job: Job) =>
	state.plans.get(state.runs.get(job.runId)?.about ?? '')?.logs?.[job.name];

/** It never had a runner. */
export const neverBegan = (job: Job) =>
	job.conclusion === 'skipped' || (job.conclusion === 'cancelled' && job.steps.length === 0);

/** No log before the job has ended; then an address that holds for a minute. */
export function logAddress(state: State, job: Job, storageUrl: string): Reply {
	if (job.status !== 'completed' || neverBegan(job)) {
		return notFound();
	}
	if (state.now - (job.completedAt ?? state.now) > retentionMs || plannedLog(state, job) === 'expired') {
		return message(410, 'Server Error');
	}
	return {status: 302, headers: {location: `${storageUrl}/_logs/${job.id}?expires=${state.now + 60_000}`}};
}

const stamp = (at: number) => new Date(at).toISOString().replace('Z', '0000Z');
const specs = ['login', 'chapters', 'toolbar', 'preview', 'export', 'search'];
const doings = [
	'opens the page',
	'saves what was typed',
	'shows the newest text',
	'keeps its place after a reload',
	'says what went wrong',
	'undoes the last change',
];

type Write = (at: number, text: string) => void;

/** As Playwright's list reporter prints: a line for each test, then what failed, with its place and what was expected. */
function writeTests(job: Job, step: Step, write: Write): void {
	const total = job.definition.tests ?? 0;
	const [first] = job.annotations;
	const failed = step.conclusion === 'success' ? 0 : Math.max(1, Math.round(fraction(`failed ${job.id}`) * 3));
	const nameOf = (test: number) =>
		`[chromium] › e2e/${specs[test % specs.length]!}.spec.ts:${12 + ((test * 7) % 90)}:3 › ${specs[test % specs.length]!} › ${doings[test % doings.length]!}`;
	const isRed = (test: number) => test > total - 6 && test <= total - 6 + failed;
	write(step.startsAt + 1000, `\n\u001B[2mRunning ${total} tests using 2 workers\u001B[22m\n`);
	for (let test = 1; test <= total; test++) {
		const at = step.startsAt + Math.round(((step.endsAt - step.startsAt) * test) / (total + 2));
		const took = `\u001B[2m(${(0.4 + fraction(`${job.id} ${test}`) * 6).toFixed(1)}s)\u001B[22m`;
		write(
			at,
			isRed(test)
				? `  \u001B[31m✘\u001B[39m ${String(test).padStart(3)} ${test === total - 5 && first?.title ? `[chromium] › ${first.path}:${first.line}:3 › ${first.title}` : nameOf(test)} ${took}`
				: `  \u001B[32m✓\u001B[39m ${String(test).padStart(3)} \u001B[2m${nameOf(test)}\u001B[22m ${took}`,
		);
	}
	if (failed === 0) {
		write(step.endsAt, `\n  \u001B[32m${total} passed\u001B[39m`);
		return;
	}
	for (let number = 1; number <= failed; number++) {
		const test = total - 6 + number;
		const isFirst = number === 1 && first?.title;
		const [spec, line] = isFirst
			? [first.path, first.line]
			: [`e2e/${specs[test % specs.length]!}.spec.ts`, 12 + ((test * 7) % 90)];
		const title = isFirst ? `[chromium] › ${first.path}:${first.line}:3 › ${first.title}` : nameOf(test);
		write(
			step.endsAt,
			`\n\n  \u001B[31m${number}) ${title} ${'─'.repeat(8)}\u001B[39m\n\n    Error: \u001B[2mexpect(\u001B[22m\u001B[31mlocator\u001B[39m\u001B[2m).\u001B[22mtoHaveText\u001B[2m(\u001B[22m\u001B[32mexpected\u001B[39m\u001B[2m)\u001B[22m${isFirst ? ` ${first.message}` : ''}\n\n    Expected string: \u001B[32m"Chapter 2"\u001B[39m\n    Received string: \u001B[31m"Chapter 1"\u001B[39m\n\n    \u001B[90m  ${line - 1} |\u001B[39m   await page.getByRole('button', {name: 'Save'}).click();\n    \u001B[31m\u001B[1m>\u001B[22m\u001B[39m\u001B[90m ${line} |\u001B[39m   await expect(page.locator('h1')).toHaveText('Chapter 2');\n    \u001B[90m     |\u001B[39m                                  \u001B[31m\u001B[1m^\u001B[22m\u001B[39m\n        at \u001B[90m/home/runner/work/auto-author/\u001B[39m${spec}:${line}:36`,
		);
	}
	write(step.endsAt, `\n  \u001B[31m${failed} failed\u001B[39m\n  \u001B[32m${total - failed} passed\u001B[39m`);
}

function writeStep(job: Job, step: Step, write: Write): void {
	write(
		step.startsAt,
		`##[group]Run ${step.name}\n\u001B[36;1m${step.name}\u001B[0m\nshell: /usr/bin/bash -e {0}\nenv:\n  CI: true\n##[endgroup]`,
	);
	const seconds = Math.max(1, Math.round((step.endsAt - step.startsAt) / 1000));
	const isTests = job.definition.tests !== undefined && /test|journeys/i.test(step.name);
	if (isTests) {
		writeTests(job, step, write);
	}
	for (let second = 1; second < (isTests ? 0 : Math.min(seconds, 400)); second += 1) {
		write(
			step.startsAt + second * 1000,
			`\u001B[32m✓\u001B[0m ${step.name} ${second}/${seconds} (${Math.round(fraction(`${job.id} ${step.number} ${second}`) * 900) + 20} ms)`,
		);
	}
	if (step.conclusion !== 'success') {
		const [first] = job.annotations;
		write(step.endsAt, `\u001B[31m✗ ${first?.title ?? step.name}\u001B[0m`);
		for (const {level, message: text, path, line} of job.annotations) {
			write(
				step.endsAt,
				`##[${level === 'failure' ? 'error' : 'warning'}]${path === '.github' ? '' : `${path}:${line}: `}${text}`,
			);
		}
	}
}

/** The log of each step that ran: what the runner says of itself stands in the first and in the last of them. Null: of a job that had no step. */
export function stepLogs(state: State, run: Run, job: Job): ReadonlyArray<{step: Step | null; text: string}> {
	const ran = job.steps.filter(step => step.conclusion !== 'skipped');
	const began = job.startedAt ?? job.createdAt;
	return (ran.length === 0 ? [null] : ran).map((step, index, all) => {
		const lines: string[] = [];
		const write: Write = (at, text) => {
			lines.push(...text.split('\n').map(line => `${stamp(at)} ${line}`));
		};
		if (index === 0) {
			write(
				began,
				`Current runner version: '2.330.0'\n##[group]Runner Image Provisioner\nHosted Compute Agent\nVersion: 20260930.1\n##[endgroup]\nJob: ${job.name}  ${jobUrl(state, job)}`,
			);
		}
		if (step) {
			writeStep(job, step, write);
		}
		if (index === all.length - 1) {
			write(
				job.completedAt ?? job.createdAt,
				`Cleaning up orphan processes of ${repositoryUrl(state)}@${run.sha}`,
			);
		}
		return {step, text: `${lines.join('\n')}\n`};
	});
}

/** The log as GitHub keeps it: a byte order mark, a time on each line, groups, colours. Only for finished jobs. */
export const logOf = (state: State, run: Run, job: Job): string =>
	job.output ??
	`\uFEFF${stepLogs(state, run, job)
		.map(({text}) => text)
		.join('')}`;

/** Some kilobytes of lines, or of none. Nothing in it is masked or wrong. */
function blockOf(isOneLine: boolean): Buffer {
	const line = (index: number) =>
		`2026-11-23T09:00:00.${String(index % 10_000_000).padStart(7, '0')}Z \u001B[32minfo\u001B[0m request ${index} GET /api/v1/articles/${(index * 7919) % 100_000} 200 in ${(index * 31) % 900} ms`;
	const lines = Array.from({length: 4096}, (_, index) => line(index));
	return Buffer.from(isOneLine ? lines.join(' ').replaceAll('\n', ' ') : `${lines.join('\n')}\n`);
}

type Asked = {
	id: number;
	range: string | undefined;
	headers: Readonly<Record<string, string>>;
	state: State;
	now: number;
};

/** A log out of the store, or the part of it that was asked for. null: nothing is filed there (yet). */
export function answerLog({id, range, headers, state, now}: Asked): Outgoing | null {
	const job = state.jobs.get(id);
	if (!job || now - (job.completedAt ?? now) < filedAfterMs(job)) {
		return null;
	}
	const planned = plannedLog(state, job);
	const isLarge = typeof planned === 'object';
	const text = isLarge ? '' : logOf(state, state.runs.get(job.runId)!, job);
	const length = isLarge ? planned.bytes : Buffer.byteLength(text);
	const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
	if (from > 0 && from >= length) {
		return {
			status: 416,
			headers: {...headers, 'content-type': 'application/xml'},
			body: '<?xml version="1.0" encoding="utf-8"?><Error><Code>InvalidRange</Code></Error>',
		};
	}
	const whole = {
		...headers,
		'content-type': 'text/plain; charset=utf-8',
		'accept-ranges': 'bytes',
		...(from > 0 ? {'content-range': `bytes ${from}-${length - 1}/${length}`} : {}),
	};
	const flood: Flood | null = isLarge
		? {block: blockOf(planned.isOneLine ?? false), from, bytes: length - from}
		: null;
	return {
		status: from > 0 ? 206 : 200,
		headers: whole,
		body: isLarge ? '' : Buffer.from(text).subarray(from).toString(),
		...(flood && {flood}),
	};
}
