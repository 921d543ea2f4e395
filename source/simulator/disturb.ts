/** What each fault does to an answer: some stand in its place, others spoil it on its way out. */
import type {Outgoing} from './calls/exchange.ts';
import type {Bucket} from './limits/budget.ts';
import type {Fault} from './limits/faults.ts';

const html = (title: string, text: string) =>
	`<!DOCTYPE html>\n<html>\n<head><title>${title}</title></head>\n<body>\n<h1>${title}</h1>\n<p>${text}</p>\n</body>\n</html>\n`;
const sorry =
	'Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug. Please include `0000:0000` when reporting this issue.';
const secondary =
	'You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to GitHub Support for help, please include the request ID.';

/** Faults that answer by themselves. */
export function replace(
	faults: readonly Fault[],
	headers: Record<string, string>,
	api: 'graphql' | 'rest',
	bucket: Bucket | null,
	now: number,
): Outgoing | null {
	const answer = (status: number, body: unknown, more: Record<string, string> = {}): Outgoing => ({
		status,
		headers: {...headers, ...more},
		body: typeof body === 'string' ? body : JSON.stringify(body),
	});
	const page = {'content-type': 'text/html'};
	for (const fault of faults) {
		switch (fault.kind) {
			case 'bad-gateway-html': {
				const title = fault.status === 504 ? '504 Gateway Time-out' : '502 Bad Gateway';
				return answer(fault.status ?? 502, html(title, 'nginx'), page);
			}
			case 'something-went-wrong':
				return answer(fault.status ?? 502, {data: null, errors: [{message: sorry}]});
			case 'timeout':
				return {...answer(200, ''), hang: true};
			case 'connection-reset':
				return {...answer(200, ''), reset: true};
			case 'html-200':
				return answer(200, html('Sign in', 'Sign in to your network to continue.'), page);
			case 'rate-limited': {
				const reset =
					fault.resetSeconds === undefined
						? (bucket?.resetAt ?? now + 3_600_000)
						: now + fault.resetSeconds * 1000;
				const limits = {
					'x-ratelimit-limit': String(bucket?.limit ?? 5000),
					'x-ratelimit-remaining': '0',
					'x-ratelimit-used': String(bucket?.limit ?? 5000),
					'x-ratelimit-reset': String(Math.floor(reset / 1000)),
					'x-ratelimit-resource': api === 'graphql' ? 'graphql' : 'core',
				};
				return api === 'graphql'
					? answer(
							200,
							{
								errors: [
									{
										type: fault.type ?? 'RATE_LIMITED',
										message: 'API rate limit exceeded for user ID 4118022.',
									},
								],
							},
							limits,
						)
					: answer(
							403,
							{
								message: 'API rate limit exceeded for user ID 4118022.',
								documentation_url: 'https://docs.github.com/rest',
								status: '403',
							},
							limits,
						);
			}
			case 'secondary-limit': {
				const status = fault.status ?? 403;
				const wait: Record<string, string> =
					fault.retryAfterSeconds === undefined ? {} : {'retry-after': String(fault.retryAfterSeconds)};
				return status === 200
					? answer(200, {errors: [{message: secondary}]}, wait)
					: answer(
							status,
							{
								message: secondary,
								documentation_url:
									'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits',
							},
							wait,
						);
			}
			default:
				break;
		}
	}
	return null;
}

/** Faults that spoil a real answer. */
export function disturb(outgoing: Outgoing, faults: readonly Fault[]): Outgoing {
	let answer = outgoing;
	for (const fault of faults) {
		if (fault.kind === 'lost-answer') {
			answer =
				fault.how === 'bad-gateway'
					? {
							...answer,
							status: 502,
							headers: {...answer.headers, 'content-type': 'text/html'},
							body: html('502 Bad Gateway', 'nginx'),
						}
					: {...answer, ...(fault.how === 'hang' ? {hang: true} : {reset: true})};
		} else if (fault.kind === 'truncated') {
			answer = {
				...answer,
				cut: Math.min(
					fault.bytes ?? Math.floor(Buffer.byteLength(answer.body) / 2),
					Math.max(0, Buffer.byteLength(answer.body) - 1),
				),
			};
		} else if (fault.kind === 'partial') {
			answer = {
				...answer,
				body: hollow(answer.body, fault.path, {
					type: fault.type ?? 'INTERNAL',
					message: fault.message ?? 'Something went wrong while executing your query.',
				}),
			};
		} else if (fault.kind === 'resource-limits') {
			answer = {
				...answer,
				body: hollow(answer.body, fault.path ?? ['repository'], {
					type: 'RESOURCE_LIMITS_EXCEEDED',
					message: 'Resource limits for this query exceeded.',
				}),
			};
		}
	}
	return answer;
}

/** Sets null at a path of `data`, as a field that failed would, and says so. A path that is not there leaves the data as it is. */
function hollow(text: string, path: ReadonlyArray<string | number>, error: {type: string; message: string}): string {
	const body = JSON.parse(text) as {data?: unknown; errors?: unknown[]};
	let place = body.data;
	for (const key of path.slice(0, -1)) {
		place = (place as Record<string | number, unknown> | null | undefined)?.[key];
	}
	const last = path.at(-1);
	if (typeof place === 'object' && place !== null && last !== undefined && last in place) {
		(place as Record<string | number, unknown>)[last] = null;
	}
	return JSON.stringify({
		...body,
		errors: [...(body.errors ?? []), {type: error.type, path, message: error.message}],
	});
}
