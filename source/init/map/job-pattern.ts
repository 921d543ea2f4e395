/** One pattern over job names that fits some jobs of a workflow and none of its others. */
import {matchesGlob} from '../../core/evidence/tier.ts';

/** What a run could call the job: twice, so that no chance letter decides. */
const samplesOf = (pattern: string): string[] =>
	pattern.includes('*')
		? [
				pattern.replaceAll('*', 'x'),
				pattern.replaceAll('*', 'yy, 2'),
				pattern.replace(/ \(\*\)| \/ \*/g, '').replaceAll('*', 'z'),
			]
		: [pattern];

const commonStart = (texts: readonly string[]): string =>
	texts.reduce((start, text) => {
		let length = 0;
		while (length < start.length && start[length] === text[length]) length++;
		return start.slice(0, length);
	});
const reversed = (text: string) => [...text].toReversed().join('');

/** null: there is none that is certain. `patterns` are those of `ReadJob`. */
export const patternFor = (wanted: readonly string[], others: readonly string[]): string | null => {
	const fits = (glob: string) =>
		wanted.every(pattern => samplesOf(pattern).every(name => matchesGlob(glob, name))) &&
		!others.some(pattern => samplesOf(pattern).some(name => matchesGlob(glob, name)));
	const literal = wanted.map(pattern => pattern.replaceAll('?', '*'));
	const start = commonStart(literal.map(pattern => pattern.split('*')[0]!.replace(/ [(/] ?$/, '')));
	const end = reversed(commonStart(literal.map(pattern => reversed(pattern.split('*').at(-1)!))));
	const candidates = [
		...(new Set(literal).size === 1 ? [literal[0]!] : []),
		...(start.length > 1 ? [`${start}*`] : []),
		...(end.length > 1 && !/^[\s)]*$/.test(end) ? [`*${end}`] : []),
	];
	return candidates.find(glob => fits(glob)) ?? null;
};
