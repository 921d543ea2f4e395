/** Differences between two plain values, as data. Lists whose items have names (id, sha, number, context, instance) differ item by item. */

export type Patch =
	/** Set: the value is another one. */
	| {s: unknown}
	/** Object: keys that differ, and keys that are gone. */
	| {o: Readonly<Record<string, Patch>>; g?: readonly string[]}
	/** List: items that differ, by name; new ones, which stand in front; names that are gone; the whole order where that is not enough. */
	| {c?: Readonly<Record<string, Patch>>; n?: readonly unknown[]; g?: readonly string[]; r?: readonly string[]};

type Plain = Readonly<Record<string, unknown>>;
const isPlain = (value: unknown): value is Plain =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const naming = ['id', 'sha', 'number', 'context', 'instance'] as const;

/** Name of a list's item; null: it has none. */
const nameOf = (item: unknown): string | null => {
	if (!isPlain(item)) return null;
	const name = naming.map(key => item[key]).find(value => typeof value === 'string' || typeof value === 'number');
	return name === undefined ? null : String(name);
};

/** null: not every item has a name of its own. */
const named = (list: readonly unknown[]): Map<string, unknown> | null => {
	const items = new Map<string, unknown>();
	for (const item of list) {
		const name = nameOf(item);
		if (name === null || items.has(name)) return null;
		items.set(name, item);
	}
	return items;
};

const listPatch = (before: readonly unknown[], after: readonly unknown[]): Patch => {
	const [old, now] = [named(before), named(after)];
	if (old === null || now === null || old.size === 0) return {s: after};
	const changed = [...now].flatMap(([name, item]): Array<[string, Patch]> => {
		const patch = old.has(name) ? patchBetween(old.get(name), item) : null;
		return patch === null ? [] : [[name, patch]];
	});
	const fresh = [...now].filter(([name]) => !old.has(name));
	const gone = [...old.keys()].filter(name => !now.has(name));
	const order = [...fresh.map(([name]) => name), ...[...old.keys()].filter(name => now.has(name))];
	const isInOrder = [...now.keys()].every((name, index) => order[index] === name);
	return {
		...(changed.length > 0 && {c: Object.fromEntries(changed)}),
		...(fresh.length > 0 && {n: fresh.map(([, item]) => item)}),
		...(gone.length > 0 && {g: gone}),
		...(!isInOrder && {r: [...now.keys()]}),
	};
};

const isSameList = (before: readonly unknown[], after: readonly unknown[]): boolean =>
	before.length === after.length && before.every((item, index) => patchBetween(item, after[index]) === null);

/** null: they are the same. Parts that are the very same object are not looked at: comparing costs only what was read anew. */
export const patchBetween = (before: unknown, after: unknown): Patch | null => {
	if (before === after) return null;
	if (Array.isArray(before) && Array.isArray(after))
		return isSameList(before, after) ? null : listPatch(before, after);
	if (!isPlain(before) || !isPlain(after)) return Object.is(before, after) ? null : {s: after};
	const differing = Object.keys(after).flatMap((key): Array<[string, Patch]> => {
		if (after[key] === undefined) return [];
		const patch = Object.hasOwn(before, key) ? patchBetween(before[key], after[key]) : {s: after[key]};
		return patch === null ? [] : [[key, patch]];
	});
	const gone = Object.keys(before).filter(
		key => before[key] !== undefined && (!Object.hasOwn(after, key) || after[key] === undefined),
	);
	if (differing.length === 0 && gone.length === 0) return null;
	// `fromEntries` makes `__proto__` a key like any other.
	return {o: Object.fromEntries(differing), ...(gone.length > 0 && {g: gone})};
};

const patchedList = (
	before: unknown,
	{c = {}, n = [], g = [], r}: Extract<Patch, {c?: unknown; r?: unknown}>,
): readonly unknown[] => {
	const old = named(Array.isArray(before) ? before : []);
	if (old === null) throw new TypeError('a patch of a list does not fit');
	const gone = new Set(g);
	const kept = [...old]
		.filter(([name]) => !gone.has(name))
		.map(([name, item]) => (Object.hasOwn(c, name) ? patched(item, c[name]!) : item));
	const all = [...n, ...kept];
	if (r === undefined) return all;
	const now = named(all);
	return r.map(name => {
		if (!now?.has(name)) throw new TypeError('a patch of a list does not fit');
		return now.get(name);
	});
};

/** Throws a `TypeError` for a patch that does not fit: then the recording is damaged. Nothing is changed in place. */
export const patched = (before: unknown, patch: Patch): unknown => {
	if ('s' in patch) return patch.s;
	if (!('o' in patch)) return patchedList(before, patch);
	if (!isPlain(before)) throw new TypeError('a patch of an object does not fit');
	const gone = new Set(patch.g ?? []);
	const kept = Object.entries(before).filter(([key]) => !gone.has(key) && !Object.hasOwn(patch.o, key));
	return Object.fromEntries([
		...kept,
		...Object.entries(patch.o).map(([key, each]) => [key, patched(before[key], each)] as const),
	]);
};
