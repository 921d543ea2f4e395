/** A timeline as lines for people. */
import {duration} from '../../core/text/duration.ts';
import type {Timeline} from '../../core/history/timeline.ts';
import type {ZonedClock} from '../../core/text/zone.ts';
import {wrapped} from '../table/layout.ts';
import {plural} from '../../core/text/plural.ts';
import type {TimelineItem} from '../../core/history/timeline-item.ts';

const words: Readonly<Record<TimelineItem['status'], string>> = {
	none: '',
	queued: 'queued',
	waiting: 'waiting',
	running: 'began',
	passed: 'passed',
	failed: 'FAILED',
	cancelled: 'stopped',
	skipped: 'skipped',
	unknown: 'unknown',
};

export const gapText = ({at, until, text}: TimelineItem, zone: ZonedClock): string =>
	until === undefined
		? text
		: `Nothing was recorded from ${zone.time(at)} to ${zone.date(at) === zone.date(until) ? '' : `${zone.date(until)} `}${zone.time(until)} (${duration((until - at) / 1000)}): nobody watched.`;

export const itemText = (item: TimelineItem, zone: ZonedClock): string =>
	item.kind === 'gap'
		? gapText(item, zone)
		: `${item.text}${item.who === null || item.text.includes(item.who) ? '' : `, by ${item.who}`}`;

/** `name` padded to a column; the text beside it wrapped. */
const labelled = (label: string, text: string, columns: number): readonly string[] =>
	wrapped(text, Math.max(30, columns - 18)).map(
		(line, index) => `  ${(index === 0 ? label : '').padEnd(15)} ${line}`,
	);

const headLines = ({head, from, until, why}: Timeline, zone: ZonedClock, columns: number): readonly string[] => {
	const moment = (value: {at: number; text: string; who: string | null} | null, after: number | null): string =>
		value === null
			? 'unknown'
			: `${zone.time(value.at)}${after === null || after === 0 ? '' : ` (after ${duration(after)})`}  ${value.text}${value.who === null ? '' : `, by ${value.who}`}`;
	const since = (value: {at: number} | null) =>
		value === null || head.firstSign === null ? null : (value.at - head.firstSign.at) / 1000;
	return [
		...wrapped(
			`${zone.date(from)} ${zone.time(from)} to ${zone.date(until) === zone.date(from) ? '' : `${zone.date(until)} `}${zone.time(until)} ${zone.name} (${duration((until - from) / 1000)})${why === '' ? '' : `, ${why}`}`,
			columns,
		),
		'',
		...labelled('first sign', moment(head.firstSign, null), columns),
		...labelled('detected', moment(head.detected, head.timeToDetect), columns),
		...labelled('first action', moment(head.firstAction, since(head.firstAction)), columns),
		...labelled('mitigated', moment(head.mitigated, head.timeToMitigate), columns),
		...labelled('recovered', moment(head.recovered, head.timeToRecover), columns),
		...labelled(
			'who',
			head.people.length === 0
				? 'nobody did anything that is recorded'
				: head.people.map(({who, deeds}) => `${who} (${plural(deeds.length, 'action')})`).join(', '),
			columns,
		),
	];
};

const itemLines = (item: TimelineItem, zone: ZonedClock, columns: number): readonly string[] => {
	const front = `${zone.time(item.at)}  ${words[item.status].padEnd(7)}  ${item.subject.slice(0, 10).padEnd(10)}  ${(item.sha?.slice(0, 7) ?? '').padEnd(7)}  `;
	return wrapped(itemText(item, zone), Math.max(30, columns - front.length)).map((line, index) =>
		`${index === 0 ? front : ' '.repeat(front.length)}${line}`.trimEnd(),
	);
};

/** `columns`: of the terminal. Ends with a line break. */
export const timelineText = (timeline: Timeline, repository: string, zone: ZonedClock, columns: number): string => {
	const lines: string[] = [`Timeline of ${repository}`, ...headLines(timeline, zone, columns)];
	let day = '';
	for (const item of timeline.items) {
		const date = zone.date(item.at);
		if (date !== day) lines.push('', date);
		day = date;
		lines.push(...itemLines(item, zone, columns));
	}
	if (timeline.items.length === 0) lines.push('', 'Nothing is recorded in this time.');
	if (timeline.unknowns.length > 0)
		lines.push(
			'',
			'Not known',
			...timeline.unknowns.flatMap(text =>
				wrapped(text, columns - 4).map((line, index) => `  ${index === 0 ? '- ' : '  '}${line}`),
			),
		);
	return `${lines.map(line => line.trimEnd()).join('\n')}\n`;
};
