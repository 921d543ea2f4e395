/**
The log of a job, brought to the disk: GitHub answers with an address that holds for a minute and lies on another host, where
the token must not go. A log may have any length: it is streamed, and gone on with where the connection broke off.
*/
import {type FileHandle, mkdir, open, rename, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {
	absenceOf,
	absent,
	type LogAbsent,
	type LogComing,
	type LogFetch,
	type LoggedJob,
} from '../../core/runs/job-log.ts';
import {proxyOf} from '../../core/github/proxy.ts';
import {passes} from '../../core/polling/read-kinds.ts';
import type {Clock} from '../../world.ts';
import {isAllowed} from '../http/download.ts';
import {classify} from '../failures/failures.ts';
import {keptLog, makeRoom, type LogCache} from './log-cache.ts';
import {noRoom, patience} from '../http/patience.ts';
import {apiHeaders, type Endpoint, isRedirect} from '../http/transport.ts';
import {onTheWay, refusalKept, Trouble} from '../failures/trouble.ts';
import {httpTime} from '../failures/values.ts';
import type {Circumstances} from '../failures/circumstances.ts';

export type JobLogOptions = {
	endpoint: Endpoint;
	/** OWNER/NAME */
	repository: string;
	/** The wall's. */
	clock: Clock;
	cache: LogCache;
	fetch?: typeof globalThis.fetch;
	/** Without a byte for so long, the connection counts as broken. */
	silentMs?: number;
	/** Tries for one log before it is given up for now. */
	tries?: number;
};

const redirectsAtMost = 5;
const retentionMs = 90 * 24 * 3_600_000;
/** After a job's end GitHub may say "not found" for so long before that means anything. */
const filedWithinMs = 180_000;
const pauseMs = 1000;

type Body = {status: number; headers: Headers; stream: ReadableStream<Uint8Array> | null};

const isPage = ({headers}: Body) => (headers.get('content-type') ?? '').includes('text/html');
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

/** The text of a short answer; of a long one its beginning. */
async function textOf({stream}: Body): Promise<string> {
	let text = '';
	for await (const chunk of stream ?? []) {
		text += Buffer.from(chunk).toString('utf8');
		if (text.length > 4096) {
			break;
		}
	}
	return text;
}

export function createLogFetch({
	endpoint,
	repository,
	clock,
	cache,
	fetch,
	silentMs = 30_000,
	tries = 4,
}: JobLogOptions): LogFetch {
	const apiOrigin = new URL(endpoint.apiUrl).origin;
	let skewMs: number | null = null;
	const circumstances = (): Circumstances => ({
		now: clock.now(),
		skewMs,
		host: endpoint.host,
		repository,
		token: endpoint.token,
		needs: 'read access to Actions of the repository (classic tokens: the scope "repo")',
	});

	const patiently = patience(clock, silentMs);

	const tooLarge = absent(
		'disk',
		`The log is larger than ${megabytes(cache.bytesAtMost)}, which is all that logs may take of this disk.`,
		"The job's page on GitHub shows it (o).",
	);

	/** Follows to the log. The token goes to the API's own origin, and there only while a repository has been renamed. */
	async function request(job: LoggedJob, from: number, signal: AbortSignal): Promise<Body> {
		let url = `${endpoint.apiUrl}/repos/${repository}/actions/jobs/${job.id}/logs`;
		let isApi = true;
		for (let hop = 0; hop <= redirectsAtMost; hop++) {
			// Compressed, a length would say nothing of what arrives.
			const headers: Record<string, string> = {
				...(isApi ? apiHeaders(endpoint) : {'user-agent': 'deployctl'}),
				'accept-encoding': 'identity',
				...(from > 0 ? {range: `bytes=${from}-`} : {}),
			};
			const target = url;
			const by = fetch ?? globalThis.fetch;
			const response: Response = await patiently(signal, async (stop): Promise<Response> =>
				by(target, {headers, redirect: 'manual', signal: AbortSignal.any([stop, signal])}),
			).catch((error: unknown) => {
				throw error instanceof Trouble ? onTheWay(error, proxyOf(by, target)) : error;
			});
			const theirs = isApi ? httpTime(response.headers.get('date') ?? undefined) : null;
			skewMs = theirs === null ? skewMs : theirs - clock.now();
			const location = response.headers.get('location');
			if (!isRedirect(response.status) || location === null) {
				return {status: response.status, headers: response.headers, stream: response.body};
			}

			await response.body?.cancel();
			const to = URL.canParse(location, url) ? new URL(location, url) : null;
			const isRenamed: boolean = isApi && response.status !== 302 && response.status !== 303;
			// A log's address holds a signature.
			if (to === null || !isAllowed(to, endpoint) || (isRenamed && to.origin !== apiOrigin)) {
				throw new Trouble({kind: 'redirect', status: response.status, to: to?.href ?? ''});
			}
			isApi = isRenamed;
			url = to.href;
		}
		throw new Trouble({kind: 'redirect', status: 302, to: url});
	}

	/** What an answer without a log means for this job. @throws {Trouble} what is worth another try */
	function meaning(job: LoggedJob, {status, headers}: Body, text: string): LogAbsent {
		const now = clock.now();
		const sinceEnd = job.finishedAt === null ? null : now + (skewMs ?? 0) - job.finishedAt;
		const failure = classify(
			{kind: 'http', status, headers: Object.fromEntries(headers), body: text.slice(0, refusalKept)},
			circumstances(),
		);
		// What a token must not see is "not found", too, and GitHub says beside it what the token lacks.
		if (status === 404 && failure.kind === 'forbidden') {
			return absent('not-permitted', failure.because, failure.next ?? null);
		}

		if (
			status === 410 ||
			((status === 404 || /BlobNotFound/.test(text)) && sinceEnd !== null && sinceEnd > retentionMs)
		) {
			return absent(
				'expired',
				'GitHub has removed the log: it keeps logs for as long as the repository says, 90 days unless that was changed.',
			);
		}

		if (status === 404 || /BlobNotFound|ResourceNotFound/.test(text)) {
			if (job.status === 'cancelled') {
				return absent('cancelled', 'The job was cancelled, and GitHub has no log of it.');
			}
			if (job.status === 'unknown' && sinceEnd === null) {
				return absent(
					'gone',
					'GitHub has no log under this number: there is no such job, it has not ended, or the token may not read it.',
				);
			}
			return sinceEnd !== null && sinceEnd > filedWithinMs
				? absent(
						'gone',
						'GitHub has no log of this job: it was deleted, or the token may not read it.',
						"The job's page on GitHub may still show it (o).",
					)
				: absent('soon', 'The job has just ended, and GitHub has not filed its log yet.', null, now);
		}

		return !passes(failure.kind)
			? absent('not-permitted', failure.because, failure.next ?? null)
			: absent('unreachable', failure.because, failure.next ?? null, failure.retryAt ?? now);
	}

	/** Writes what comes behind what is there. Resolves with the length that the log has by now. */
	async function take(
		body: Body,
		file: FileHandle,
		from: number,
		signal: AbortSignal,
		took: (bytes: number) => void,
	): Promise<number> {
		let at = from;
		const reader = body.stream?.getReader();
		try {
			for (;;) {
				const {done, value} = await patiently(
					signal,
					async () => reader?.read() ?? {done: true, value: undefined},
				);
				// The disk is also the journal's: without room for that nothing can be rolled back.
				if (done || value === undefined || at > cache.bytesAtMost) {
					return at;
				}
				for (let written = 0; written < value.length;) {
					const {bytesWritten} = await file.write(value, written, value.length - written, at + written);
					written += bytesWritten;
				}
				at += value.length;
				took(at);
			}
		} finally {
			await reader?.cancel().catch(() => {});
		}
	}

	/** One log, from its first byte to its last, over as many connections as that takes. */
	async function bring(
		job: LoggedJob,
		path: string,
		signal: AbortSignal,
		coming: (log: LogComing) => void,
	): Promise<LogAbsent | number> {
		const file = await open(path, 'w+', 0o600);
		let bytes = 0;
		let total: number | null = null;
		let trouble: Trouble | null = null;
		try {
			for (let attempt = 0, refused = 0; attempt < tries; attempt++) {
				if (attempt > 0) {
					await clock.after(pauseMs * 2 ** (attempt - 1), signal);
				}
				try {
					const body = await request(job, bytes, signal);
					const isWhole = body.status === 200;
					if (isPage(body)) {
						throw new Trouble({kind: 'malformed', status: body.status, headers: {}, body: '<'});
					}
					if (!isWhole && body.status !== 206) {
						const text = await textOf(body);
						// 416: what was left is nothing. An address that was too old is asked for once more.
						if (body.status === 416 && bytes > 0) {
							return bytes;
						}
						if (body.status === 403 && /AuthenticationFailed|expired/i.test(text) && refused++ === 0) {
							throw new Trouble({
								kind: 'network',
								error: new Error('the address of the log was too old'),
							});
						}
						return meaning(job, body, text);
					}
					if (isWhole && bytes > 0) {
						await file.truncate(0);
						bytes = 0;
					}
					const length = Number(body.headers.get('content-length') ?? Number.NaN);
					total =
						Number.isFinite(length) && body.headers.get('content-encoding') === null
							? bytes + length
							: null;
					if (bytes + (Number.isFinite(length) ? length : 0) > cache.bytesAtMost) {
						await body.stream?.cancel();
						return tooLarge;
					}
					coming({path, bytes, total});
					bytes = await take(body, file, bytes, signal, so => {
						bytes = so;
						coming({path, bytes: so, total});
					});
					if (bytes > cache.bytesAtMost) {
						return tooLarge;
					}
					if (total !== null && bytes < total) {
						throw new Trouble({
							kind: 'network',
							error: new Error(
								`the connection broke off after ${megabytes(bytes)} of ${megabytes(total)}`,
							),
						});
					}
					// Nothing at all: GitHub has made the file, and not filled it.
					const isFresh =
						job.finishedAt === null || clock.now() + (skewMs ?? 0) - job.finishedAt < filedWithinMs;
					return bytes === 0 && isFresh
						? absent('soon', 'The job has just ended, and its log is still empty.', null, clock.now())
						: bytes;
				} catch (error) {
					if (!(error instanceof Trouble)) {
						throw error;
					}
					trouble = error;
					// It leads there the next time, too.
					if (error.evidence.kind === 'redirect') {
						break;
					}
				}
			}
			const {because, next, retryAt} = classify(trouble!.evidence, circumstances());
			return absent('unreachable', because, next ?? null, retryAt ?? clock.now());
		} finally {
			await file.close();
		}
	}

	return async (job, signal, coming) => {
		const none = absenceOf(job);
		if (none !== null) {
			return none;
		}
		// A job that is repeated may keep its number: without an attempt its end tells its logs apart.
		const path = join(cache.folder, `${job.id}-${job.attempt ?? `until-${job.finishedAt ?? 'unknown'}`}.log`);
		const kept = await keptLog(path);
		if (kept !== null) {
			return {kind: 'there', path, bytes: kept};
		}
		const part = `${path}.${process.pid}.part`;
		try {
			await mkdir(dirname(path), {recursive: true, mode: 0o700});
			const brought = await bring(job, part, signal, coming);
			if (typeof brought !== 'number') {
				return brought;
			}
			await rename(part, path);
			await makeRoom(cache, path);
			return {kind: 'there', path, bytes: brought};
		} catch (error) {
			signal.throwIfAborted();
			return noRoom(error)
				? absent(
						'disk',
						`There is no room on the disk for the log (${dirname(path)}).`,
						'Make room there; r asks again.',
					)
				: absent(
						'disk',
						`The log could not be kept in ${dirname(path)}: ${(error as Error).message}.`,
						'r asks again.',
					);
		} finally {
			await rm(part, {force: true}).catch(() => {
				/* Where it could not be made, there is none. */
			});
		}
	};
}
