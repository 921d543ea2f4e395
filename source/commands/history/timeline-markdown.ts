/** A timeline as Markdown for a post-mortem. What others have written (commit messages, reasons) stays text: no links, no tables, no mentions of its own. */
import {duration} from '../../core/text/duration.ts';
import type {Timeline} from '../../core/history/timeline.ts';
import type {ZonedClock} from '../../core/text/zone.ts';
import {gapText} from './timeline-text.ts';

/**
Text as text, in a table, too. Backslashes do not stop GitHub from mentioning people and numbers or from making links of addresses; a comment
in between does.
*/
export const escaped = (text: string): string =>
	text
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll(/[\\`*_{}[\]()|~$]/g, String.raw`\$&`)
		.replaceAll(/@(?=\w)|#(?=\d)|:(?=\/\/)/g, '$&<!-- -->')
		.replaceAll(/\bwww\./gi, 'www<!-- -->.')
		.replace(/^([#+=-]|\d+[.)])/, String.raw`\$&`);

/** The table below has them all. */
const deedsAtMost = 5;

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const marks = {
	passed: '🟢',
	failed: '🔴',
	unknown: '⚪',
	cancelled: '⚫',
	waiting: '🟡',
	running: '🔵',
	queued: '',
	skipped: '',
	none: '',
} as const;

/** `address` of the repository on GitHub. Ends with a line break. */
export const timelineMarkdown = (
	{head, items, from, until, unknowns}: Timeline,
	repository: string,
	address: string,
	zone: ZonedClock,
): string => {
	const moment = (name: string, value: {at: number; text: string; who: string | null} | null) =>
		row(
			name,
			value === null ? 'unknown' : `${zone.date(value.at)} ${zone.time(value.at)}`,
			value === null ? '' : escaped(`${value.text}${value.who === null ? '' : `, by ${value.who}`}`),
		);
	const span = (name: string, seconds: number | null) =>
		row(name, seconds === null ? 'unknown' : duration(seconds), '');
	const commit = (sha: string) =>
		/^[0-9a-f]{7,40}$/.test(sha) ? `[${sha.slice(0, 7)}](${address}/commit/${sha})` : escaped(sha);
	const shas = [...new Set(items.flatMap(({sha}) => (sha === null ? [] : [sha])))];
	const operations = [...new Set(items.flatMap(({operation}) => (operation === null ? [] : [operation])))];
	let day = '';
	const rows = items.map(item => {
		const date = zone.date(item.at);
		const stamp = date === day ? zone.time(item.at) : `${date} ${zone.time(item.at)}`;
		day = date;
		return row(
			stamp,
			marks[item.status],
			escaped(item.subject),
			item.sha === null ? '' : commit(item.sha),
			escaped(item.kind === 'gap' ? gapText(item, zone) : item.text),
			item.who === null ? '' : escaped(item.who),
		);
	});
	return [
		`## Timeline of ${escaped(repository)}`,
		'',
		row('', `times in ${escaped(zone.name)}`, ''),
		row('---', '---', '---'),
		row(
			'Window',
			`${zone.date(from)} ${zone.time(from)} to ${zone.date(until)} ${zone.time(until)}`,
			duration((until - from) / 1000),
		),
		moment('First sign', head.firstSign),
		moment('Detected', head.detected),
		moment('First action', head.firstAction),
		moment('Mitigated', head.mitigated),
		moment('Recovered', head.recovered),
		span('Time to detect', head.timeToDetect),
		span('Time to mitigate', head.timeToMitigate),
		span('Time to recover', head.timeToRecover),
		...head.people.map(({who, deeds}) =>
			row(
				'Who',
				escaped(who),
				escaped(
					`${deeds.slice(0, deedsAtMost).join('; ')}${deeds.length > deedsAtMost ? `; and ${deeds.length - deedsAtMost} more` : ''}`,
				),
			),
		),
		'',
		'### What happened',
		'',
		row('time', '', 'what', 'commit', 'event', 'who'),
		row('---', '---', '---', '---', '---', '---'),
		...rows,
		'',
		'### Open questions',
		'',
		...(unknowns.length === 0
			? ['Nothing that the record itself knows to be missing.']
			: unknowns.map(text => `- ${escaped(text)}`)),
		'',
		'### Links',
		'',
		`- [${escaped(repository)}](${address})`,
		...shas.map(sha => `- commit ${commit(sha)}`),
		...operations.map(id => `- operation ${escaped(id)}: \`deployctl logs ${id.replaceAll('`', '')}\``),
		'',
	].join('\n');
};
