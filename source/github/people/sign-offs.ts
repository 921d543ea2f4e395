/** Sign-offs are commit statuses: GitHub files each under the login of whoever posted it. */
import {type AttestedWord, glassText} from '../../core/snapshot/attribution.ts';
import type {ConditionId} from '../../core/pipeline/pipeline.ts';
import {isPerson, signOffContext} from '../../core/gate/sign-offs.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import type {Refused} from '../branches/branches.ts';
import {asking, type Connection, needing, type Unwritten} from '../http/connection.ts';
import {adviceFor} from '../failures/failures.ts';
import {login} from './login.ts';
import {fateOf, lookFor, reasonOf} from '../http/mutation.ts';
import {findStatus, newestStatus} from '../read/rest-statuses.ts';
import type {Tally} from '../http/tally.ts';
import {Trouble} from '../failures/trouble.ts';

export type SignOffWish = {
	sha: string;
	name: string;
	/** false takes it back. */ given: boolean;
	/** Cut to 140 characters. */ note: string | null;
	/** Where to read more. */ url?: string | null;
};
export type SignOffs = {
	/** Unreachable: it may have happened; signing twice is signing once. */
	sign(wanted: SignOffWish, signal?: AbortSignal): Promise<{ok: true} | Refused | Unwritten>;
};

type Status = {
	context: string;
	state: string;
	description: string | null;
	creator: {login: string; type?: string} | null;
	created_at?: string;
};

/** GitHub's limit. */
const longestDescription = 140;

/** Of a status that was posted. */
const stateIs =
	(wanted: string) =>
	({state}: {state?: unknown}): void => {
		if (state !== wanted) {
			throw new TypeError('no status');
		}
	};

type Word = {sha: string; context: string; state: 'success' | 'failure'; description: string; url: string | null};

/** Says a word about a commit, once. */
const speaker = (original: Connection) => {
	const connection = needing(
		original,
		'write access to Commit statuses of the repository (classic tokens: the scope "repo:status")',
	);
	const {rest, circumstances} = connection;

	async function say({sha, context, state, description, url}: Word, tally: Tally): Promise<{ok: true} | Refused> {
		try {
			await rest.post(
				`/statuses/${sha}`,
				{state, context, ...(description !== '' && {description}), ...(url !== null && {target_url: url})},
				stateIs(state),
				tally,
			);
			return {ok: true};
		} catch (error) {
			const fate = error instanceof Trouble ? fateOf(error, circumstances()) : null;
			if (!(error instanceof Trouble) || fate === 'unheard') {
				throw error;
			}

			if (fate === 'refused') {
				return {
					ok: false,
					kind: 'refused',
					because: `GitHub does not take it: ${reasonOf(error, circumstances())}`,
					next: adviceFor(error.evidence, circumstances(), `Check that ${sha.slice(0, 7)} is on GitHub.`),
				};
			}

			const me = await login(connection, tally.signal);
			// The newest word of the context is what counts, whenever it was said.
			const isThere = async () => {
				const newest = await newestStatus<Status>(rest, sha, context, tally);
				return newest !== undefined &&
					newest.state === state &&
					(newest.description ?? '') === description &&
					newest.creator?.login === me
					? true
					: null;
			};
			if (me === null || (await lookFor(connection, isThere, tally)) === null) {
				throw error;
			}

			return {ok: true};
		}
	}

	return {connection, say};
};

const cut = (text: string | null): string => (text === null ? '' : sanitise(text, longestDescription));

export function remoteSignOffs(original: Connection): SignOffs {
	const {connection, say} = speaker(original);
	return {
		sign: async ({sha, name, given, note, url = null}, signal) =>
			asking(connection, signal, async tally =>
				say(
					{
						sha,
						context: signOffContext(name),
						state: given ? 'success' : 'failure',
						description: cut(note),
						url,
					},
					tally,
				),
			),
	};
}

/** Who broke the glass for a commit, and why: GitHub says who. */
export type BrokenGlass = {by: string; reason: string};
export type WordKind = 'hotfix' | 'glass';
/** What whoever promotes says on the commit, under their own name, before anything is changed: the workflow's gate asks for it. */
export type PromoterWords = {
	/** `passed`: what was confirmed; the workflow's gate passes nothing else. The reason is cut to GitHub's 140 characters. */
	breakGlass(
		wanted: {sha: string; reason: string; passed: readonly ConditionId[]},
		signal?: AbortSignal,
	): Promise<{ok: true} | Refused | Unwritten>;
	claimHotfix(wanted: {sha: string; branch: string}, signal?: AbortSignal): Promise<{ok: true} | Refused | Unwritten>;
	/** The newest such word of that person, or with null of any; what others post hides it from nobody. `word` null: there is none. */
	word(
		wanted: {sha: string; kind: WordKind; by: string | null},
		signal?: AbortSignal,
	): Promise<{ok: true; word: AttestedWord | null} | Unwritten>;
};

const wordContexts: Readonly<Record<WordKind, string>> = {hotfix: 'deployctl/hotfix', glass: 'deployctl/break-glass'};

/** By a person's account: apps and workflows answer for nothing. */
const isWordOf = ({creator}: Status, by: string | null): boolean =>
	creator !== null &&
	(creator.type === undefined || creator.type === 'User') &&
	isPerson(creator.login) &&
	(by === null || creator.login.toLowerCase() === by.toLowerCase());

export function promoterWords(original: Connection): PromoterWords {
	const {connection, say} = speaker(original);
	const spoken = async (sha: string, kind: WordKind, text: string, signal: AbortSignal | undefined) =>
		asking(connection, signal, async tally =>
			say({sha, context: wordContexts[kind], state: 'success', description: cut(text), url: null}, tally),
		);
	return {
		breakGlass: async ({sha, reason, passed}, signal) => spoken(sha, 'glass', glassText(passed, reason), signal),
		claimHotfix: async ({sha, branch}, signal) => spoken(sha, 'hotfix', branch, signal),
		word: async ({sha, kind, by}, signal) =>
			asking(original, signal, async tally => {
				const found = await findStatus<Status>(
					original.rest,
					sha,
					status => status.context === wordContexts[kind] && isWordOf(status, by),
					tally,
				);
				const at = Date.parse(found?.created_at ?? '');
				return {
					ok: true as const,
					word:
						found === undefined || Number.isNaN(at)
							? null
							: {
									by: sanitise(found.creator!.login, 100),
									text: cut(found.description),
									at,
									isGiven: found.state === 'success',
								},
				};
			}),
	};
}
