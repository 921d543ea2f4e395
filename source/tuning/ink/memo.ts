/** Characters. Longer texts are computed each time: a cache of them would be the larger evil. */
const longest = 8192;

/**
 * A function that remembers its last results. Two generations instead of a linked list: when the young one is full it
 * becomes the old one, so that at most `2 × limit` results are kept and a hit costs one or two look-ups.
 */
export const memo = <Value>(compute: (text: string) => Value, limit: number) => {
	let young = new Map<string, Value>();
	let old = new Map<string, Value>();
	return (text: string): Value => {
		const found = young.get(text);
		if (found !== undefined) {
			return found;
		}
		const value = old.get(text) ?? compute(text);
		if (text.length > longest) {
			return value;
		}
		if (young.size >= limit) {
			old = young;
			young = new Map();
		}
		young.set(text, value);
		return value;
	};
};
