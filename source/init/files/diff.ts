/** The difference of two texts as git shows it: lines with three lines around them. */

export type DiffLine = {sign: ' ' | '+' | '-' | '@'; text: string};

const around = 3;
/** Beyond it (edits, squared is the work) everything counts as replaced. */
const mostEdits = 600;

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

type Step = {sign: ' ' | '+' | '-'; text: string; oldLine: number; newLine: number};

/** Myers' shortest edit script; null: longer than `mostEdits`. */
const trailOf = (a: readonly string[], b: readonly string[]): Array<Map<number, number>> | null => {
	const reach = new Map<number, number>([[1, 0]]);
	const trail: Array<Map<number, number>> = [];
	for (let edits = 0; edits <= Math.min(a.length + b.length, mostEdits); edits++) {
		trail.push(new Map(reach));
		for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
			const [left, right] = [reach.get(diagonal - 1) ?? -1, reach.get(diagonal + 1) ?? -1];
			let x = diagonal === -edits || (diagonal !== edits && left < right) ? right : left + 1;
			while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++;
			reach.set(diagonal, x);
			if (x >= a.length && x - diagonal >= b.length) return trail;
		}
	}
	return null;
};

const replaced = (a: readonly string[], b: readonly string[]): Step[] => [
	...a.map((text, index) => ({sign: '-' as const, text, oldLine: index, newLine: 0})),
	...b.map((text, index) => ({sign: '+' as const, text, oldLine: a.length, newLine: index})),
];

const stepsOf = (a: readonly string[], b: readonly string[]): Step[] => {
	const trail = trailOf(a, b);
	if (trail === null) return replaced(a, b);
	const steps: Step[] = [];
	let [x, y] = [a.length, b.length];
	for (let edits = trail.length - 1; edits >= 0; edits--) {
		const reach = trail[edits]!;
		const diagonal = x - y;
		const [left, right] = [reach.get(diagonal - 1) ?? -1, reach.get(diagonal + 1) ?? -1];
		const isInsert = diagonal === -edits || (diagonal !== edits && left < right);
		const from = isInsert ? diagonal + 1 : diagonal - 1;
		const fromX = reach.get(from) ?? 0;
		const fromY = fromX - from;
		while (x > fromX && y > fromY && x > 0 && y > 0) {
			x--;
			y--;
			steps.push({sign: ' ', text: a[x]!, oldLine: x, newLine: y});
		}
		if (edits === 0) break;
		if (isInsert) steps.push({sign: '+', text: b[--y]!, oldLine: x, newLine: y});
		else steps.push({sign: '-', text: a[--x]!, oldLine: x, newLine: y});
	}
	return steps.toReversed();
};

const rangeText = (start: number, count: number) =>
	count === 1 ? String(start + 1) : `${count === 0 ? start : start + 1},${count}`;

const hunkOf = (steps: readonly Step[]): DiffLine[] => {
	const olds = steps.filter(({sign}) => sign !== '+').length;
	const news = steps.filter(({sign}) => sign !== '-').length;
	const first = steps[0]!;
	return [
		{sign: '@', text: `@@ -${rangeText(first.oldLine, olds)} +${rangeText(first.newLine, news)} @@`},
		...steps.map(({sign, text}) => ({sign, text})),
	];
};

/** Empty for equal texts. */
export const diffOf = (before: string, after: string): DiffLine[] => {
	const steps = stepsOf(linesOf(before), linesOf(after));
	const changed = steps.flatMap(({sign}, index) => (sign === ' ' ? [] : [index]));
	const hunks: Array<{from: number; to: number}> = [];
	for (const index of changed) {
		const last = hunks.at(-1);
		if (last !== undefined && index - around <= last.to + 1) last.to = Math.min(steps.length - 1, index + around);
		else hunks.push({from: Math.max(0, index - around), to: Math.min(steps.length - 1, index + around)});
	}
	const lines = hunks.flatMap(({from, to}) => hunkOf(steps.slice(from, to + 1)));
	const isOnlyEnd = lines.length === 0 && before !== after;
	return isOnlyEnd ? [{sign: '@', text: '@@ the end of the last line @@'}] : lines;
};
