/** What people say about a commit or a run, where every operator sees it: on GitHub, under their own name. */
import type {JournalEvent} from '../core/operations/journal.ts';
import {exitCodes} from '../errors.ts';
import type {GitHubEdge} from '../github/edge.ts';
import type {Done, Operations, Refusal} from '../world.ts';
import type {Settings} from '../core/settings/settings.ts';
import {refusalOf, refusalOfError, refuse} from './readings/refusals.ts';

export type OnGitHubOptions = {
	/** null: this world has no GitHub. */
	gitHub: (() => Promise<GitHubEdge>) | null;
	isReadOnly: boolean;
	settings: Settings;
	operator(): Promise<string>;
	/** Adds to the journal. */
	write(event: JournalEvent): Promise<unknown>;
	/** Masks what people typed. */
	safe(text: string): string;
};

const askMs = 15_000;
const readOnly = refuse(
	'this is a read-only start: nothing may be changed from here',
	'Start without --read-only, or remove readOnly from deployctl.yml.',
	exitCodes.refused,
);
const noGitHub = refuse('this start has no GitHub', 'Sign in to GitHub.', exitCodes.notPermitted);

type Said = {ok: true} | {ok: false; kind: string; because: string; next: string};
const told = (answer: Said, what: string): Done | Refusal =>
	answer.ok
		? {ok: true}
		: answer.kind === 'refused'
			? refuse(answer.because, answer.next, exitCodes.refused)
			: refusalOf(
					{
						kind: answer.kind === 'not-permitted' ? 'not-permitted' : 'unreachable',
						because: answer.because,
						next: answer.next,
					},
					what,
				);

export const createOnGitHub = ({
	gitHub,
	isReadOnly,
	settings: {
		promotion: {signOffs: usual, hotfix},
	},
	operator,
	write,
	safe,
}: OnGitHubOptions): Pick<Operations, 'signOff' | 'review' | 'hotfixes'> => {
	const signOffs = [...usual, ...hotfix.signOffs];
	const names = [...new Set(signOffs.map(({name}) => name))];
	const ask = async <Answer>(
		act: (edge: GitHubEdge, signal: AbortSignal) => Promise<Answer | Refusal>,
	): Promise<Answer | Refusal> => {
		try {
			return gitHub === null ? noGitHub : await act(await gitHub(), AbortSignal.timeout(askMs));
		} catch (error) {
			return refusalOfError(error);
		}
	};
	/** GitHub has taken it, so it is done whether or not the journal can say so. */
	const written = async (done: Done | Refusal, event: JournalEvent): Promise<Done | Refusal> => {
		if (!done.ok) return done;
		try {
			await write(event);
			return done;
		} catch (error) {
			return {...done, note: `the journal could not take it: ${(error as Error).message}`};
		}
	};
	return {
		signOff: async wanted =>
			isReadOnly
				? readOnly
				: ask(async (edge, signal) => {
						const rules = signOffs.filter(({name}) => name === wanted.name);
						if (rules.length === 0)
							return refuse(
								`no sign-off "${wanted.name}" is asked for`,
								names.length === 0
									? 'promotion.signOffs in deployctl.yml names them.'
									: `There is ${names.join(', ')}.`,
								exitCodes.usage,
							);
						const by = await operator();
						// The gate says for which way it counts. Anybody may take a word back; that is the safe direction.
						const may = rules.some(
							rule =>
								rule.by.length === 0 || rule.by.some(login => login.toLowerCase() === by.toLowerCase()),
						);
						if (wanted.given && !may)
							return refuse(
								`${by} may not give ${wanted.name}`,
								`${[...new Set(rules.flatMap(rule => rule.by))].join(' or ')} can.`,
								exitCodes.refused,
							);
						const {name, sha, given, note} = wanted;
						return written(
							told(await edge.signOffs.sign(wanted, signal), 'the sign-off could not be written'),
							{type: 'signed-off', name, sha, given, by, note: note === null ? null : safe(note)},
						);
					}),
		review: async wanted =>
			isReadOnly
				? readOnly
				: ask(async (edge, signal) => {
						const {runId, environment, decision, comment} = wanted;
						const done = told(await edge.reviews.answer(wanted, signal), 'GitHub could not be told');
						return done.ok
							? written(done, {
									type: 'reviewed',
									run: runId,
									environment,
									decision,
									by: await operator(),
									comment: safe(comment),
								})
							: done;
					}),
		hotfixes: signal =>
			ask(async (edge, late) => {
				const answer = await edge.promotions.hotfixes(
					hotfix.prefix,
					signal === undefined ? late : AbortSignal.any([signal, late]),
				);
				return answer.ok ? answer : refusalOf(answer, 'the hotfix branches could not be read');
			}),
	};
};
