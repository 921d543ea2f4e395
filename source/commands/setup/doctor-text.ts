/** The doctor's report for people: by area, the worst first; what is in order is a number. Pure. */
import {countsOf, type FixResult, worstOf} from '../../doctor/report.ts';
import {areas, type Finding, type Readings, severities, type Severity} from '../../doctor/model/model.ts';
import {wrapped} from '../table/layout.ts';
import {plural} from '../../core/text/plural.ts';

export type TextOptions = {columns: number; isVerbose: boolean; fixes: readonly FixResult[]};

const words: Readonly<Record<Severity, string>> = {
	error: 'ERROR',
	unknown: 'unknown',
	warning: 'warning',
	note: 'note',
	ok: 'ok',
};
const margin = 11;

const tally = (findings: readonly Finding[]): string => {
	const {error, unknown, warning, note, ok} = countsOf(findings);
	const parts = [
		...(error > 0 ? [plural(error, 'error')] : []),
		...(unknown > 0 ? [`${unknown} unknown`] : []),
		...(warning > 0 ? [plural(warning, 'warning')] : []),
		...(note > 0 ? [plural(note, 'note')] : []),
		...(ok > 0 ? [`${ok} in order`] : []),
	];
	return parts.length === 0 ? 'nothing to look at' : parts.join(', ');
};

/** A label in the margin, and the text beside it. */
const beside = (label: string, text: string, columns: number): readonly string[] =>
	wrapped(text, columns - margin).map((line, index) =>
		`${(index === 0 ? `  ${label}` : '').padEnd(margin)}${line}`.trimEnd(),
	);

const lines = ({severity, what, why, how, fix}: Finding, columns: number): readonly string[] => [
	...beside(words[severity], what, columns),
	...(severity === 'ok' || why === null ? [] : beside('', why, columns)),
	...(severity === 'ok' || how === null ? [] : beside('', `Fix: ${how}`, columns)),
	...(fix === null ? [] : beside('', 'Or: deployctl doctor --fix', columns)),
];

const fixLines = ({finding, mended, still}: FixResult, columns: number): readonly string[] => [
	...beside(
		mended.ok && still !== true ? 'mended' : 'not done',
		mended.ok
			? `${mended.did}${still === true ? ', but it is found again' : ''}`
			: `${finding.what}: ${mended.because}`,
		columns,
	),
	...(mended.ok || mended.next === null ? [] : beside('', `Fix: ${mended.next}`, columns)),
];

/** What is fixed by running init begins with that: `deployctl init --only GROUP`, or without a group. */
const byInit = /^deployctl init(?: --only (\w+))? writes\b/;

/** One line for all that one command fixes; nothing where that is one thing at most, which says so itself. */
const fixAll = (findings: readonly Finding[]): readonly string[] => {
	const groups = findings.flatMap(({severity, how}) => {
		const match = severity === 'ok' || how === null ? null : byInit.exec(how);
		return match === null ? [] : [match[1] ?? null];
	});
	if (groups.length < 2) return [];
	const only = groups[0] !== null && groups.every(group => group === groups[0]) ? ` --only ${groups[0]}` : '';
	return ['', `Fix all ${groups.length}: deployctl init${only}`];
};

export const doctorText = (
	{repository, host, isOffline}: Readings,
	findings: readonly Finding[],
	{columns, isVerbose, fixes}: TextOptions,
): string => {
	const groups = areas
		.map(area => ({area, found: findings.filter(finding => finding.area === area)}))
		.filter(({found}) => found.length > 0)
		.toSorted((a, b) => severities.indexOf(worstOf(a.found)) - severities.indexOf(worstOf(b.found)));
	const [fine, bad] = [
		groups.filter(({found}) => worstOf(found) === 'ok'),
		groups.filter(({found}) => worstOf(found) !== 'ok'),
	];
	const shown = (found: readonly Finding[]) =>
		found.filter(({severity}) => isVerbose || severity !== 'ok').flatMap(finding => lines(finding, columns));
	return [
		...wrapped(
			`${repository ?? 'No repository'} on ${host}${isOffline ? ', without asking it' : ''}: ${tally(findings)}`,
			columns,
		),
		...(fixes.length === 0 ? [] : ['', 'fixes', ...fixes.flatMap(fix => fixLines(fix, columns))]),
		...bad.flatMap(({area, found}) => ['', `${area}: ${tally(found)}`, ...shown(found)]),
		...(fine.length === 0
			? []
			: ['', ...fine.flatMap(({area, found}) => [`${area}: ${tally(found)}`, ...shown(found)])]),
		...fixAll(findings),
		'',
	].join('\n');
};
