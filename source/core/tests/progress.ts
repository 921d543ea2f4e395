/**
What one shard of E2E publishes about itself while it runs, in commit statuses of its own: GitHub has no log of a running job, and a
status is the one thing that a workflow's own token may write and everybody can read at once, for nothing, with the commit.
Context `deployctl/WORKFLOW/2-of-4`; `target_url` names run and attempt, as everywhere. A description has at most 140 characters.
The newest status of a context says how far the shard is. A failing test is a status of its own in the same context: the next progress
hides it from whoever reads only the newest, so the history of the commit's statuses is read once more whenever `failed` has grown.
*/

/** Tests, not attempts: one that passed when it was tried again is `flaky`, and not `failed`. `done` counts all that have ended. */
export type ShardProgress = {
	done: number;
	total: number;
	failed: number;
	flaky: number;
	skipped: number;
	/** The test that runs now, as `tests/pay.spec.ts:12 › pays by card`; null: none, or not known. */
	current: string | null;
};

/** `location`: file and line, relative to the repository; `title`: with its describe blocks, joined by ` › `. */
export type PublishedFailure = {location: string; title: string; message: string};

export type ShardWord = {progress: ShardProgress; failure: PublishedFailure | null};

export type ShardName = {/** From 1. */ index: number; total: number};

/** GitHub's own limit for the description of a status. */
export const descriptionLimit = 140;

const separator = ' · ';
const now = 'now ';
const mark = '✗ ';

/** One line without the signs that the grammar is made of, and without what servers of old cannot store (characters beyond the BMP). */
const plain = (text: string): string =>
	text
		.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
		.replaceAll('·', '-')
		.replaceAll(/[\u{10000}-\u{10FFFF}\uD800-\uDFFF]/gu, '?')
		.trim();
const cut = (text: string, length: number): string =>
	text.length <= length ? text : length < 2 ? '' : `${text.slice(0, length - 1).trimEnd()}…`;

const counts = ({done, total, failed, flaky, skipped}: ShardProgress): string =>
	[
		`${done}/${total}`,
		...(failed > 0 ? [`${failed} failed`] : []),
		...(flaky > 0 ? [`${flaky} flaky`] : []),
		...(skipped > 0 ? [`${skipped} skipped`] : []),
	].join(', ');

/** `41/120, 1 failed, 2 flaky · now tests/pay.spec.ts:12 › pays by card` */
export const describeProgress = (progress: ShardProgress): string => {
	const front = counts(progress);
	const room = descriptionLimit - front.length - separator.length - now.length;
	return progress.current === null || room < 8
		? front
		: `${front}${separator}${now}${cut(plain(progress.current), room)}`;
};

/** `✗ 41/120, 1 failed · tests/pay.spec.ts:12 › pays by card · expected 200, got 500`: the message is cut before the place is. */
export const describeFailure = (progress: ShardProgress, {location, title, message}: PublishedFailure): string => {
	const front = `${mark}${counts(progress)}${separator}`;
	const room = descriptionLimit - front.length - separator.length;
	const why = plain(message);
	const place = plain(location);
	// A long title leaves the message a third of the room.
	const where = cut(
		`${place} › ${plain(title)}`,
		Math.max(place.length, room - Math.min(why.length, Math.floor(room / 3))),
	);
	return `${front}${cut(where, room)}${separator}${cut(why, room - where.length)}`.trimEnd();
};

const countsPattern = /^(\d{1,7})\/(\d{1,7})((?:, \d{1,7} (?:failed|flaky|skipped))*)$/;

const parseCounts = (text: string): Omit<ShardProgress, 'current'> | null => {
	const found = countsPattern.exec(text);
	if (!found || Number(found[1]) > Number(found[2])) return null;
	const of = (word: string) => Number(new RegExp(`, (\\d+) ${word}`).exec(found[3]!)?.[1] ?? 0);
	return {
		done: Number(found[1]),
		total: Number(found[2]),
		failed: of('failed'),
		flaky: of('flaky'),
		skipped: of('skipped'),
	};
};

/** null: nobody of ours wrote that. The texts in it come from outside: sanitise them before they are shown. */
export const parseShardWord = (description: string | null): ShardWord | null => {
	const text = description ?? '';
	const isFailure = text.startsWith(mark);
	const [front = '', ...rest] = (isFailure ? text.slice(mark.length) : text)
		.split(separator.trim())
		.map(part => part.trim());
	const known = parseCounts(front);
	if (known === null) return null;
	if (!isFailure)
		return {
			progress: {...known, current: rest[0]?.startsWith(now) ? rest[0].slice(now.length) : null},
			failure: null,
		};
	const [location = '', ...title] = (rest[0] ?? '').split(' › ');
	return {
		progress: {...known, current: null},
		failure: {location, title: title.join(' › '), message: rest.slice(1).join(separator)},
	};
};

/** `e2e-staging.yml`, shard 2 of 4 → `deployctl/e2e-staging/2-of-4`. */
export const shardContext = (workflow: string, {index, total}: ShardName): string =>
	`deployctl/${workflow.replace(/\.ya?ml$/, '')}/${index}-of-${total}`;

/** More shards than that are nobody's pipeline, but a screen full of nothing. */
export const shardsAtMost = 256;

/** The other way: null for contexts of other workflows, and of none. */
export const parseShardContext = (workflow: string, context: string): ShardName | null => {
	const front = `deployctl/${workflow.replace(/\.ya?ml$/, '')}/`;
	const found = context.startsWith(front) ? /^(\d{1,4})-of-(\d{1,4})$/.exec(context.slice(front.length)) : null;
	return found && Number(found[1]) >= 1 && Number(found[1]) <= Number(found[2]) && Number(found[2]) <= shardsAtMost
		? {index: Number(found[1]), total: Number(found[2])}
		: null;
};
