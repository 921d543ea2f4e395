/** The `${{ … }}` of workflow files, found in one pass: an expression that searches for them starts anew at each, to the end of the text. */

/** `inner` is what stands between the braces; `from` and `to` are where the whole expression begins and ends. */
export type Expression = {inner: string; from: number; to: number};

/** In order. An end belongs to the first beginning before it, as for GitHub; a beginning without an end is none. */
export const expressionsIn = (text: string): Expression[] => {
	const found: Expression[] = [];
	for (let from = text.indexOf('${{'); from >= 0;) {
		const end = text.indexOf('}}', from + 3);
		if (end < 0) break;
		found.push({inner: text.slice(from + 3, end), from, to: end + 2});
		from = text.indexOf('${{', end + 2);
	}
	return found;
};

/** The text around them, in pieces: one more than there are expressions. */
export const aroundExpressions = (text: string): string[] => {
	const all = expressionsIn(text);
	return [...all.map(({from}, index) => text.slice(all[index - 1]?.to ?? 0, from)), text.slice(all.at(-1)?.to ?? 0)];
};

/** With something else in the place of each. */
export const withoutExpressions = (text: string, instead: string): string => aroundExpressions(text).join(instead);
