/** The World's runs: re-run, cancel, start. Each act is in the journal before it is sent and its outcome after: no journal, no act. */
import {randomUUID} from 'node:crypto';
import {secretsFrom} from '../core/text/mask.ts';
import type {RunDone, RunNow, RunRefusal, Runs, RunWish} from '../core/runs/runs.ts';
import {wishText} from '../core/runs/runs.ts';
import {safeText} from '../core/text/safe-text.ts';
import {isFinal} from '../core/pipeline/words.ts';
import {exitCodes} from '../errors.ts';
import type {GitHubEdge} from '../github/edge.ts';
import type {RunActed} from '../github/runs/run-actions.ts';
import {createJournal} from './journal/journal.ts';
import {createOperatorName} from './operator-name.ts';
import type {OperationsOptions} from './options.ts';
import {statePaths} from './files/paths.ts';
import {refusalOf, refusalOfError, refuse} from './readings/refusals.ts';

export type RunActsOptions = Pick<
	OperationsOptions,
	'state' | 'gitHubHost' | 'repository' | 'readOnly' | 'host' | 'user' | 'clock' | 'gitHub'
> & {env: Readonly<Record<string, string | undefined>>};

/** Reading before, sending, and reading again after a lost answer. */
const actMs = 30_000;
const lookMs = 15_000;

const kindOf = (acted: RunActed): 'done' | 'refused' | 'unknown' =>
	acted.ok ? 'done' : acted.kind === 'unknown' ? 'unknown' : 'refused';

const told = (acted: RunActed): RunDone | RunRefusal => {
	if (acted.ok) return acted;
	if (acted.kind === 'refused') return refuse(acted.because, acted.next, exitCodes.refused);
	if (acted.kind === 'unknown') return refuse(acted.because, acted.next, exitCodes.unreachable);
	return refusalOf({kind: acted.kind, because: acted.because, next: acted.next}, 'GitHub could not be told');
};

export const createRuns = (options: RunActsOptions): Runs => {
	const {gitHub, clock, host, readOnly} = options;
	const paths = statePaths(options.state, options.gitHubHost, options.repository);
	const journal = createJournal(paths, () => clock.now());
	const operator = createOperatorName(gitHub, options.user, clock);
	const secrets = secretsFrom(options.env);
	const safe = (text: string, limit = 500) => safeText(text, limit, secrets);
	const edge = async (): Promise<GitHubEdge> => gitHub!();

	const asked = async (wish: RunWish): Promise<string> => {
		const act = randomUUID().slice(0, 8);
		const about =
			wish.kind === 'start'
				? {run: null, attempt: null, sha: wish.sha}
				: {run: wish.seen.runId, attempt: wish.seen.attempt, sha: null};
		await journal.append([
			{
				type: 'run-asked',
				act,
				kind: wish.kind,
				...about,
				what: safe(wishText(wish)),
				by: await operator.ask(),
				host,
			},
		]);
		return act;
	};

	const answered = async (act: string, acted: RunActed): Promise<string | null> => {
		try {
			await journal.append([
				{
					type: 'run-answered',
					act,
					outcome: kindOf(acted),
					run: acted.ok ? acted.runId : null,
					because: acted.ok ? (acted.note ?? null) : safe(acted.because),
				},
			]);
			return null;
		} catch (error) {
			return `the journal could not take the outcome: ${(error as Error).message}`;
		}
	};

	const sent = async (wish: RunWish): Promise<RunActed> => {
		try {
			return await (await edge()).runs.act(wish, AbortSignal.timeout(actMs));
		} catch (error) {
			// No token, or no time left; anything else is a bug and thrown on.
			const {because, next} = refusalOfError(error);
			return {
				ok: false,
				kind: (error as Error).name === 'TimeoutError' ? 'unreachable' : 'not-permitted',
				because,
				next,
				retryAt: null,
				mayHold: null,
			};
		}
	};

	const act = async (wish: RunWish): Promise<RunDone | RunRefusal> => {
		if (readOnly)
			return refuse(
				'this is a read-only start: nothing may be changed from here',
				'Start without --read-only, or remove readOnly from deployctl.yml.',
				exitCodes.refused,
			);
		if (gitHub === null) return refuse('this start has no GitHub', 'Sign in to GitHub.', exitCodes.notPermitted);
		let id: string;
		try {
			id = await asked(wish);
		} catch (error) {
			return refusalOfError(error);
		}
		const acted = await sent(wish);
		const unwritten = await answered(id, acted);
		const result = told(acted);
		return result.ok && unwritten !== null
			? {...result, note: [result.note, unwritten].filter(text => text !== undefined).join('; ')}
			: result;
	};

	return {
		act,
		async inputs(wanted) {
			if (gitHub === null) return {inputs: null, because: 'this start has no GitHub'};
			try {
				const answer = await (await edge()).runs.inputs(wanted, AbortSignal.timeout(lookMs));
				return answer.ok
					? {inputs: answer.inputs, because: answer.because}
					: {inputs: null, because: answer.because.replace(/\.$/, '')};
			} catch (error) {
				return {inputs: null, because: refusalOfError(error).because};
			}
		},
		async run(id, signal) {
			if (gitHub === null)
				return refuse('this start has no GitHub', 'Sign in to GitHub.', exitCodes.notPermitted);
			try {
				const late = AbortSignal.timeout(lookMs);
				const answer = await (
					await edge()
				).promotions.run(id, signal === undefined ? late : AbortSignal.any([signal, late]));
				if (!answer.ok) return refusalOf(answer, `run ${id} could not be read`);
				const run: RunNow | null = answer.run && {
					...answer.run,
					isOver: !answer.run.isHeldBack && (isFinal(answer.run.status) || answer.run.conclusion !== null),
				};
				return {ok: true, run};
			} catch (error) {
				signal?.throwIfAborted();
				return refusalOfError(error);
			}
		},
	};
};
