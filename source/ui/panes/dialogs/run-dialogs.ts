/** Dialogs about GitHub's runs: which jobs, what it does, and the form of a start. */
import {costText} from '../../../core/runs/runs.ts';
import {duration} from '../../../core/text/duration.ts';
import {effectsOf} from '../../../core/runs/effects.ts';
import {sentence} from '../../../core/text/sanitise.ts';
import {
	type StartDialog,
	formNames,
	type RepeatRow,
	type RerunDialog,
	type RunActDialog,
	type RunDialog,
} from '../../../state/model/run-dialog.ts';
import {jobsMeant, repeatText, usualSeconds} from '../../../state/view/run-words.ts';
import {surroundingsOf} from '../../../state/questions/run-select.ts';
import type {State} from '../../../state/model/state.ts';
import {windowAround} from '../../../state/view/window.ts';
import type {Size} from '../../lines/layout.ts';
import {blank, cut, fit, type Line, span, widthOf, wrap} from '../../lines/text.ts';
import type {Look, Tone} from '../../lines/theme.ts';
import {busyOr, cursor, pressLine, typedLine} from './dialog-parts.ts';

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${sentence(text.slice(1))}`;
const marked = (mark: string, text: string, width: number, tone: Tone): readonly Line[] =>
	wrap(text, width - 2).map((part, index): Line => [span(index === 0 ? `${mark} ` : '  ', tone), span(part, tone)]);
const fact = (name: string, text: string, width: number, more: {bold?: boolean; tone?: Tone} = {}): readonly Line[] =>
	wrap(text, width - 10).map((part, index): Line => [
		span(fit(index === 0 ? name : '', 10), 'quiet'),
		span(part, more.tone, {bold: more.bold ?? false}),
	]);

const messageOf = (state: State, sha: string): string =>
	state.snapshot?.candidates.find(candidate => candidate.sha === sha)?.message ?? '';

/** Commit, run and attempt: what the dialog is bound to. */
const aboutLines = (
	{about}: RunDialog,
	seen: {runId: number; attempt: number | null} | null,
	state: State,
	look: Look,
	width: number,
): readonly Line[] => [
	[
		span(fit('commit', 10), 'quiet'),
		span(`${about.sha.slice(0, 7)} `, 'accent', {bold: true}),
		span(cut(messageOf(state, about.sha), width - 19, look.glyphs.ellipsis)),
	],
	...(seen === null
		? []
		: fact(
				'run',
				`${about.number === null ? seen.runId : `#${about.number} (${seen.runId})`}, attempt ${seen.attempt ?? 'unknown'}`,
				width,
				{bold: true},
			)),
];

const rowText = ({which, debug}: RepeatRow, dialog: RerunDialog, state: State): string =>
	`${repeatText(which)}${debug ? ', with debug logging' : ''}: ${costText(jobsMeant(state, dialog.seen.runId, which))}`;

const rerunLines = (dialog: RerunDialog, state: State, look: Look, {width, height}: Size): readonly Line[] => {
	const {start, end} = windowAround(dialog.rows.length, dialog.row, Math.max(2, height - 5));
	return [
		...aboutLines(dialog, dialog.seen, state, look, width),
		blank,
		...dialog.rows.slice(start, end).map((row, index): Line => {
			const isChosen = start + index === dialog.row;
			return [
				cursor(isChosen, look),
				span(
					cut(rowText(row, dialog, state), width - 2, look.glyphs.ellipsis),
					isChosen ? undefined : 'quiet',
					{bold: isChosen},
				),
			];
		}),
		...(dialog.rows.some(({which}) => which === 'failed')
			? []
			: [blank, [span('Nothing failed in it.', 'quiet')] as Line]),
	];
};

const jobsText = (names: readonly string[], width: number, look: Look): string =>
	cut(
		names.length > 6 ? `${names.slice(0, 6).join(', ')} and ${names.length - 6} more` : names.join(', '),
		2 * width,
		look.glyphs.ellipsis,
	);

/** What will run or end, and what it costs. */
const workLines = (dialog: RunActDialog, state: State, look: Look, width: number): readonly Line[] => {
	const {wish, about} = dialog;
	if (wish.kind === 'start') {
		const inputs = Object.entries(wish.inputs)
			.filter(([name]) => name !== 'sha')
			.map(([name, value]) => `${name}=${value}`);
		const usual = usualSeconds(state, about.subject);
		return [
			...fact('workflow', `${wish.workflow} on ${wish.ref}`, width, {bold: true}),
			...(inputs.length === 0 ? [] : fact('inputs', inputs.join(', '), width)),
			...fact(
				'costs',
				usual.jobs === null
					? 'not known: none of its runs has passed here yet'
					: `${costText(usual.jobs, false)}${usual.seconds === null ? '' : `, median ${duration(usual.seconds)}`}`,
				width,
			),
		];
	}
	if (wish.kind === 'approve') return fact('runs', wish.whose, width, {bold: true});
	const jobs = jobsMeant(state, wish.seen.runId, wish.kind === 'rerun' ? wish.which : 'moving');
	const after = wish.kind === 'rerun' && wish.which !== 'all' ? ', and what depends on them' : '';
	return [
		...fact(
			wish.kind === 'rerun' ? 'runs' : 'ends',
			jobs.length === 0
				? 'its jobs are not known'
				: `${jobsText(
						jobs.map(({name}) => name),
						width - 10,
						look,
					)}${after}`,
			width,
		),
		...(wish.kind === 'rerun'
			? fact('costs', `${costText(jobs)}${wish.debug ? '; with debug logging' : ''}`, width)
			: []),
	];
};

const verbs = {rerun: 're-run it', cancel: 'cancel it', approve: 'approve: the run begins', start: 'start it'} as const;

const actLines = (dialog: RunActDialog, state: State, look: Look, width: number): readonly Line[] => {
	const {wish, phrase, typed, phase} = dialog;
	const {effects, warnings} = effectsOf(wish, surroundingsOf(state, dialog.about));
	const verb = wish.kind === 'cancel' && wish.force ? 'force its end' : verbs[wish.kind];
	const ask: readonly Line[] =
		phrase === null
			? [pressLine('y', verb)]
			: [
					[span('Type '), span(phrase, 'accent', {bold: true}), span(' and press Enter.')],
					typedLine(typed, phrase, look),
				];
	return [
		...aboutLines(dialog, wish.kind === 'start' ? null : wish.seen, state, look, width),
		...workLines(dialog, state, look, width),
		blank,
		...effects.flatMap(text => marked(look.glyphs.arrow, capital(text), width, 'quiet')),
		...warnings.flatMap(text => marked(look.glyphs.warn, capital(text), width, 'bad')),
		blank,
		...busyOr(phase, ask, look),
	];
};

const valueLine = (value: string, isChosen: boolean, look: Look, width: number): Line => [
	span(cut(value, width, look.glyphs.ellipsis), undefined, {bold: isChosen}),
	...(isChosen ? [span(' ', undefined, {inverse: true})] : []),
];

const formLines = (dialog: StartDialog, state: State, look: Look, {width, height}: Size): readonly Line[] => {
	const names = formNames(dialog);
	const cells = Math.min(24, Math.max(8, ...names.map(name => widthOf(name)))) + 2;
	const rows: readonly Line[] = ['branch', ...names].map((name, index): Line => {
		const isChosen = index === dialog.field;
		const input = index === 0 ? null : (dialog.inputs?.find(one => one.name === name) ?? null);
		const value = index === 0 ? dialog.ref : (dialog.values[name] ?? '');
		const hint =
			input === null
				? ''
				: input.type === 'choice'
					? input.options.join(' | ')
					: input.type === 'boolean'
						? 'true | false'
						: input.description;
		const shown = valueLine(value, isChosen, look, Math.max(8, width - cells - 4));
		const room = width - cells - 4 - widthOf(value) - 3;
		return [
			cursor(isChosen, look),
			span(
				fit(`${name}${input?.isRequired ? '*' : ''}`, cells, look.glyphs.ellipsis),
				isChosen ? 'accent' : 'quiet',
			),
			...shown,
			span(hint === '' || room < 6 ? '' : `  ${cut(hint, room, look.glyphs.ellipsis)}`, 'quiet'),
		];
	});
	const {start, end} = windowAround(rows.length, dialog.field, Math.max(2, height - 9));
	const about = {title: '', workflow: dialog.workflow, ref: dialog.ref, sha: dialog.about.sha, inputs: dialog.values};
	const {warnings} = effectsOf({kind: 'start', ...about}, surroundingsOf(state, dialog.about));
	return [
		...aboutLines(dialog, null, state, look, width),
		...fact('workflow', dialog.workflow, width),
		blank,
		...rows.slice(start, end),
		...(dialog.isReading
			? [[span('Reading which inputs it has…', 'wait')] as Line]
			: dialog.inputs === null
				? wrap(
						`Its inputs are not known${dialog.because === null ? '' : ` (${dialog.because})`}: only the commit is given.`,
						width,
					).map((text): Line => [span(text, 'quiet')])
				: []),
		...(warnings.length === 0
			? []
			: [blank, ...warnings.flatMap(text => marked(look.glyphs.warn, capital(text), width, 'wait'))]),
	];
};

export const runDialogLines = (dialog: RunDialog, state: State, look: Look, size: Size): readonly Line[] => {
	switch (dialog.name) {
		case 'rerun':
			return rerunLines(dialog, state, look, size);
		case 'run-act':
			return actLines(dialog, state, look, size.width);
		case 'start-run':
			return formLines(dialog, state, look, size);
	}
};

export const runDialogTitle = (dialog: RunDialog): Line => {
	const what = (verb: string, tone: Tone = 'accent'): Line => [
		span(`${verb} `, tone, {bold: true}),
		span(dialog.about.title, dialog.about.subject === 'production' ? 'danger' : undefined, {bold: true}),
	];
	if (dialog.name === 'rerun') return [...what('Re-run'), span(': which jobs?', 'accent', {bold: true})];
	if (dialog.name === 'start-run') return what('Start');
	const {wish} = dialog;
	if (wish.kind === 'rerun') return [...what('Re-run'), span(`: ${repeatText(wish.which)}`, 'accent', {bold: true})];
	if (wish.kind === 'approve') return what('Approve the run of');
	return wish.kind === 'start'
		? what('Start')
		: what(wish.force ? 'Force the end of' : 'Cancel', wish.force ? 'bad' : 'accent');
};

export const isGraveRun = (dialog: RunDialog): boolean =>
	dialog.name === 'run-act' && (dialog.phrase !== null || (dialog.wish.kind === 'cancel' && dialog.wish.force));
