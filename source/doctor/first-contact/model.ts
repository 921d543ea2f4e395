/** What a first contact with one GitHub has found out: facts, for the report and for programs. */

/** In the order in which they are asked. */
export const contactIds = ['empty-tree', 'own-refs', 'fence-moving', 'fence-staying', 'landing', 'undone'] as const;
export type ContactId = (typeof contactIds)[number];
/** `as-expected`: as this program relies on. `otherwise`: not so. `unknown`: it could not be found out. */
export type Outcome = 'as-expected' | 'otherwise' | 'unknown';
/** `said`: GitHub's words, or why it is not known; null: there is nothing to say. */
export type Told = {id: ContactId; outcome: Outcome; said: string | null};
/** Of one environment, in words: what GraphQL answers, and the status of REST. */
export type EnvironmentContact = {name: string; graphql: string; rest: string};
export type Contact = {
	/** Of an Enterprise Server; null: github.com, or it does not say. */
	serverVersion: string | null;
	/** That the server chose to answer with; null: it does not say. */
	apiVersion: string | null;
	/** null: the token has none to name (fine-grained, an app's). */
	scopes: readonly string[] | null;
	permissions: {admin: boolean; push: boolean} | null;
	told: readonly Told[];
	environments: readonly EnvironmentContact[];
	/** Full names of refs of this probe that could not be taken back. */
	left: readonly string[];
	/** How many refs of a probe that was killed long ago were taken away. */
	abandoned: number;
	skewMs: number | null;
	requests: number;
	tookMs: number;
};
/** What one look at the pipeline costs. `path`: which way was taken; `cost`: points (GraphQL) or requests (REST). */
export type QuestionContact =
	| {
			ok: true;
			path: 'graphql' | 'rest';
			cost: number;
			latencyMs: number;
			partial: readonly string[];
			remaining: number | null;
	  }
	| {ok: false; because: string; next: string | null};

const asked: Readonly<Record<ContactId, string>> = {
	'empty-tree': 'a commit of the empty tree can be made',
	'own-refs': 'this token may write refs below refs/deployctl/, where the lock of all operators stands',
	'fence-moving': 'an update of two refs is refused as a whole when one is not where it was said to be',
	'fence-staying': 'it is refused as well when that one was to stay where it was said to be',
	landing: 'an update of two refs moves both, as a promotion does',
	undone: 'everything was taken back',
};
const otherwise: Readonly<Record<ContactId, string>> = {
	'empty-tree': 'Commits of locks take the tree of the default branch instead.',
	'own-refs':
		'Without it two operators are not kept apart by a lock of the repository. Check the scopes of the token and the rules for refs.',
	'fence-moving':
		'A promotion could land although the lock was lost: use the strategy pull-request or workflow, and send us this report.',
	'fence-staying': 'Nothing relies on it: a landing moves the lock. Worth knowing, please send us this report.',
	landing:
		'A fast-forward of production will not work here: use another promotion.strategy, and send us this report.',
	undone: 'Delete what is left by hand.',
};

export const contactText = ({id, outcome}: Pick<Told, 'id' | 'outcome'>): {asked: string; meaning: string | null} => ({
	asked: asked[id],
	meaning: outcome === 'otherwise' ? otherwise[id] : null,
});

/** What was not even tried, because something before it went otherwise. */
export const untried = (told: readonly Told[]): readonly ContactId[] =>
	contactIds.filter(id => !told.some(one => one.id === id));
