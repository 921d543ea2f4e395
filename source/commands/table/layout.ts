/** Text in columns, for help. */

/** Columns: terminals are rarely narrower, and longer lines are hard to read. */
const width = 80;

/** Lines of at most `columns` characters; a longer word has a line of its own. */
export const wrapped = (text: string, columns: number = width): string[] => {
	const lines: string[] = [];
	for (const word of text.split(' ')) {
		const last = lines.at(-1);
		if (last === undefined || last.length + 1 + word.length > columns) {
			lines.push(word);
		} else {
			lines[lines.length - 1] = `${last} ${word}`;
		}
	}

	return lines;
};

/** Longer labels have a line of their own: one long label must not squeeze all texts. */
const widestLabel = 26;

/** Two columns, indented by two; the second is wrapped. */
export const twoColumns = (rows: ReadonlyArray<readonly [label: string, text: string]>): string[] => {
	const labels = Math.max(...rows.map(([label]) => (label.length <= widestLabel ? label.length : 0)));
	const start = labels + 4;
	return rows.flatMap(([label, text]) => {
		const [first = '', ...rest] = wrapped(text, width - start).map(line => ' '.repeat(start) + line);
		const isLong = label.length > labels;
		return isLong
			? [`  ${label}`, first, ...rest]
			: [`  ${label.padEnd(labels)}${first.slice(labels + 2)}`, ...rest];
	});
};

/** A headline and its lines, after an empty line; nothing without lines. */
export const section = (title: string, lines: readonly string[]): string[] =>
	lines.length === 0 ? [] : ['', title, ...lines];
