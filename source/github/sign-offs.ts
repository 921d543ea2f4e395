/** Sign-offs are commit statuses: GitHub files each under the login of whoever posted it. */
import {isPerson, signOffContext} from '../core/sign-offs.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Refused} from './branches.ts';
import {asking, type Connection, needing, type Unwritten} from './connection.ts';
import {adviceFor} from './failures.ts';
import {login} from './login.ts';
import {fateOf, lookFor, reasonOf} from './mutation.ts';
import {newestStatus} from './rest-statuses.ts';
import type {Tally} from './tally.ts';
import {Trouble} from './trouble.ts';

export type SignOffWish = {sha: string; name: string; /** false takes it back. */ given: boolean; /** Cut to 140 characters. */ note: string | null; /** Where to read more. */ url?: string | null};
export type SignOffs = {
	/** Unreachable: it may have happened; signing twice is signing once. */
	sign(wanted: SignOffWish, signal?: AbortSignal): Promise<{ok: true} | Refused | Unwritten>;
};

type Status = {context: string; state: string; description: string | null; creator: {login: string} | null};

/** GitHub's limit. */
const longestDescription = 140;

/** Of a status that was posted. */
const stateIs = (wanted: string) => ({state}: {state?: unknown}): void => {
	if (state !== wanted) {
		throw new TypeError('no status');
	}
};

type Word = {sha: string; context: string; state: 'success' | 'failure'; description: string; url: string | null};

/** Says a word about a commit, once. */
const speaker = (original: Connection) => {
	const connection = needing(original, 'write access to Commit statuses of the repository (classic tokens: the scope "repo:status")');
	const {rest, circumstances} = connection;

	async function say({sha, context, state, description, url}: Word, tally: Tally): Promise<{ok: true} | Refused> {
		try {
			await rest.post(`/statuses/${sha}`, {state, context, ...description !== '' && {description}, ...url !== null && {target_url: url}}, stateIs(state), tally);
			return {ok: true};
		} catch (error) {
			const fate = error instanceof Trouble ? fateOf(error, circumstances()) : null;
			if (!(error instanceof Trouble) || fate === 'unheard') {
				throw error;
			}

			if (fate === 'refused') {
				return {ok: false, kind: 'refused', because: `GitHub does not take it: ${reasonOf(error, circumstances())}`, next: adviceFor(error.evidence, circumstances(), `Check that ${sha.slice(0, 7)} is on GitHub.`)};
			}

			const me = await login(connection, tally.signal);
			// The newest word of the context is what counts, whenever it was said.
			const isThere = async () => {
				const newest = await newestStatus<Status>(rest, sha, context, tally);
				return newest !== undefined && newest.state === state && (newest.description ?? '') === description && newest.creator?.login === me ? true : null;
			};
			if (me === null || await lookFor(connection, isThere, tally) === null) {
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
		sign: async ({sha, name, given, note, url = null}, signal) => asking(connection, signal, async tally =>
			say({sha, context: signOffContext(name), state: given ? 'success' : 'failure', description: cut(note), url}, tally)),
	};
}

/** Who broke the glass for a commit, and why: GitHub says who. */
export type BrokenGlass = {by: string; reason: string};
export type Glass = {
	/** Writes it on the commit, under one's own name, where the workflow that deploys it and everybody else reads it. */
	breakGlass(wanted: {sha: string; reason: string}, signal?: AbortSignal): Promise<{ok: true} | Refused | Unwritten>;
	/** The newest word of a person; null: nobody has. */
	brokenGlass(sha: string, signal?: AbortSignal): Promise<{ok: true; glass: BrokenGlass | null} | Unwritten>;
};

const glassContext = 'deployctl/break-glass';

export function remoteGlass(original: Connection): Glass {
	const {connection, say} = speaker(original);
	return {
		breakGlass: async ({sha, reason}, signal) => asking(connection, signal, async tally => say({sha, context: glassContext, state: 'success', description: cut(reason), url: null}, tally)),
		brokenGlass: async (sha, signal) => asking(original, signal, async tally => {
			const newest = await newestStatus<Status>(original.rest, sha, glassContext, tally);
			const by = newest?.state === 'success' ? newest.creator?.login ?? null : null;
			return {ok: true as const, glass: by === null || !isPerson(by) ? null : {by: sanitise(by, 100), reason: cut(newest!.description)}};
		}),
	};
}
