/** The text of `deployctl status`: environments first, then the commits, and why those that matter are not in production. Pure. */
import {doubtOf} from '../../core/pipeline/doubt.ts';
import {age, dateTime, duration, elapsedSeconds} from '../../core/text/duration.ts';
import {short} from '../../core/gate/gate.ts';
import {holderOf, type LockState} from '../../core/locks/lock.ts';
import {isSameVersion, overall} from '../../core/releases/observation.ts';
import type {Operation} from '../../core/operations/operation.ts';
import type {Pin} from '../../core/locks/pin.ts';
import {
	type Answer,
	type Candidate,
	type Environment,
	type Snapshot,
	tierNames,
	tierTitles,
} from '../../core/pipeline/pipeline.ts';
import {plural} from '../../core/text/plural.ts';
import {sentence} from '../../core/text/sanitise.ts';
import {
	type EnvironmentNow,
	healthReason,
	healthState,
	type HealthState,
	type Situation,
} from '../../core/operations/situation.ts';
import {answerWords, worstFirst} from '../../state/view/condition-words.ts';
import {versionText} from '../../state/questions/operation-select.ts';
import {titleOf} from '../../state/view/operation-words.ts';
import {ansiLine} from '../../ui/lines/screen-text.ts';
import {type Line, lineWidth, type Span, span, widthOf} from '../../ui/lines/text.ts';
import type {Look, Tone} from '../../ui/lines/theme.ts';

/** `colours` null: plain. `columns` null: lines as long as they are, for pipes. */
export type TextLook = {colours: Look['colours']; columns: number | null};
export const plainLook: TextLook = {colours: null, columns: null};

/** A line, and how far its continuations are indented. */
type Row = {line: Line; indent: number};

const nameWidth = 12;
const shaWidth = 9;

const healthWords: Readonly<Record<HealthState, readonly [word: string, tone: Tone]>> = {
	unasked: ['', 'quiet'],
	healthy: ['healthy', 'good'],
	unhealthy: ['UNHEALTHY', 'bad'],
	mixed: ['MIXED versions', 'bad'],
	unknown: ['health unknown', 'wait'],
};

const healthSpans = ({observation}: EnvironmentNow): Line => {
	const state = healthState(observation);
	const [word, tone] = healthWords[state];
	if (word === '') return [];
	const reason = healthReason(observation);
	const count = observation.instances.length;
	const share = state === 'healthy' && count > 1 ? ` (${plural(count, 'instance')})` : '';
	return [
		span(', '),
		span(word, tone, {bold: tone === 'bad'}),
		span(`${share}${reason === '' ? '' : `: ${reason}`}`),
	];
};

/** What it reports wins over what GitHub has on record; where the two differ, both are said. */
const releaseSpans = ({sha, deployedAt}: Environment, now: EnvironmentNow | undefined, fetchedAt: number): Line => {
	const reported = now === undefined ? null : overall(now.observation).version;
	const since = deployedAt === null ? '' : ` for ${age(fetchedAt - deployedAt)}`;
	if (reported === null || (sha !== null && isSameVersion(reported, {release: sha, sha})))
		return [span(sha === null ? 'release unknown' : short(sha), undefined, {bold: true}), span(since)];
	return [
		span(versionText(reported), undefined, {bold: true}),
		span(sha === null ? ' reported' : ` reported, ${short(sha)} on record`, 'wait'),
	];
};

const lockSpans = (lock: LockState, name: string, at: number): Line => {
	switch (lock.state) {
		case 'free':
			return [];
		case 'unknown':
			return [span(`lock not known: ${lock.because}`, 'wait')];
		case 'ambiguous':
			return [span(`locked by something that cannot be read: ${lock.because}`, 'bad')];
		case 'held': {
			const {id, host, reason, createdAt} = lock.lock;
			const since = age(at - createdAt);
			if (!lock.isStale)
				return [span(`locked by ${holderOf(lock.lock)} on ${host} for ${since}: ${sentence(reason)}`, 'wait')];
			return [
				span(
					`left locked by ${holderOf(lock.lock)} on ${host} ${since} ago, silent since: ${sentence(reason)} Look at it, then: deployctl unlock ${name} --break ${id} -m REASON`,
					'bad',
				),
			];
		}
	}
};

const runningSpans = (operation: Operation, at: number): Line => [
	span('running: ', 'busy', {bold: true}),
	span(
		`${titleOf(operation)}, by ${operation.operator} on ${operation.host} for ${duration((at - operation.startedAt) / 1000)}: ${sentence(operation.because)} deployctl attach shows it.`,
	),
];

const unsettledSpans = (operation: Operation): Line => [
	span('needs somebody to look: ', 'bad', {bold: true}),
	span(
		`${titleOf(operation)}, by ${operation.operator}: ${sentence(operation.because)}${operation.next === null ? '' : ` ${sentence(operation.next)}`}`,
	),
];

/** What to do about bad health, while nothing is being done. */
const wayBackSpans = ({name, observation, running, goesBackTo}: EnvironmentNow): Line => {
	const state = healthState(observation);
	if (running !== null || (state !== 'unhealthy' && state !== 'mixed')) return [];
	if (goesBackTo === null) return [span(`deployctl rollback ${name} --dry-run says where it can go back to.`)];
	const unproven = goesBackTo.wasHealthy === 'unproven' ? ', unproven' : '';
	return [
		span(`deployctl rollback ${name} goes back to ${versionText(goesBackTo.sha ?? goesBackTo.id)}${unproven}.`),
	];
};

const pinSpans = (pin: Pin, at: number): Line => [
	span(
		`pinned by ${pin.by} ${age(at - pin.at)} ago: ${versionText(pin.sha ?? pin.release)}: ${sentence(pin.because)} deployctl unpin ${pin.environment} -m REASON allows it again.`,
		'wait',
	),
];

const details = (now: EnvironmentNow, at: number): readonly Line[] => {
	const {name, lock, pins, running, unsettled} = now;
	// Its own lock says nothing that the operation does not.
	const isOwnLock = lock.state === 'held' && running !== null && lock.lock.operation === running.id;
	return [
		wayBackSpans(now),
		...(running === null ? [] : [runningSpans(running, at)]),
		...(unsettled === null ? [] : [unsettledSpans(unsettled)]),
		isOwnLock ? [] : lockSpans(lock, name, at),
		...pins.map(pin => pinSpans(pin, at)),
	].filter(line => line.length > 0);
};

const environmentRows = (environment: Environment, snapshot: Snapshot, situation: Situation | null): readonly Row[] => {
	const now = situation?.environments.find(({name}) => name === environment.name);
	const {status} = environment;
	const next =
		status === 'passed' || status === 'none'
			? []
			: [span(`, newest deployment ${status}`, status === 'failed' ? 'bad' : 'wait')];
	const head: Line = [
		span(environment.name.padEnd(nameWidth)),
		...releaseSpans(environment, now, snapshot.fetchedAt),
		...(now === undefined ? [] : healthSpans(now)),
		...next,
	];
	const below = now === undefined ? [] : details(now, situation!.now);
	return [
		{line: head, indent: nameWidth},
		...below.map(line => ({line: [span(' '.repeat(nameWidth)), ...line], indent: nameWidth})),
	];
};

const answerTexts: Readonly<Record<Answer, readonly [word: string, tone: Tone]>> = {
	'in-production': [answerWords['in-production'], 'good'],
	mixed: [answerWords.mixed, 'bad'],
	pinned: [answerWords.pinned, 'wait'],
	older: [answerWords.older, 'quiet'],
	merged: [answerWords.merged, 'quiet'],
	ready: ['ready for production', 'good'],
	blocked: [answerWords.blocked, 'bad'],
	waiting: [answerWords.waiting, 'wait'],
	checking: ['not known yet', 'wait'],
	unknown: ['not known yet', 'wait'],
};

/** Whether it is the conditions that keep it from production, or would. */
const isOpen = (answer: Answer): boolean => ['ready', 'blocked', 'waiting', 'checking', 'unknown'].includes(answer);

const tierText = (candidate: Candidate, now: number): string =>
	tierNames
		.flatMap(name => {
			const tier = candidate.tiers[name];
			if (!tier || tier.status === 'none') return [];
			const seconds = elapsedSeconds(tier, now);
			const waitsFor = tier.status === 'waiting' && tier.because !== null ? ` (${tier.because})` : '';
			return [
				`${tierTitles[name]} ${tier.status}${waitsFor}${seconds === null ? '' : ` ${duration(seconds)}`}${doubtOf(tier) === null ? '' : ` (${doubtOf(tier)!.word})`}`,
			];
		})
		.join(', ') || 'no tier has started';

/** The one answer for the commit, as every view gives it; the number of conditions where those are the reason. */
const answerSpan = ({answer, gate}: Candidate): Span => {
	const [word, tone] = answerTexts[answer];
	const count = gate.conditions.filter(({met}) => met === true).length;
	return span(
		isOpen(answer) && answer !== 'ready' ? `${word} (${count} of ${gate.conditions.length} met)` : word,
		tone,
	);
};

/** `unread` is told at the end: what mends that is said there once. */
const conditionRows = ({gate}: Candidate, unread: readonly string[]): readonly Row[] =>
	worstFirst(gate.conditions)
		.filter(({met}) => met !== true)
		.map(({met, because, next}) => ({
			indent: shaWidth + 9,
			line: [
				span(' '.repeat(shaWidth)),
				span(met === false ? 'not met' : 'unknown', met === false ? 'bad' : 'wait'),
				span(
					`: ${sentence(because)}${next === undefined || unread.some(text => text.includes(next)) ? '' : ` ${next}`}`,
				),
			],
		}));

/** The newest commit, and the one that staging runs: of these people ask why they are not in production. */
const isExplained = (
	{sha}: Candidate,
	index: number,
	candidates: readonly Candidate[],
	{environments}: Snapshot,
): boolean => index === 0 || candidates.length === 1 || environments.find(({name}) => name === 'staging')?.sha === sha;

const headRows = ({repository, branches: {staging, production}, fetchedAt}: Snapshot): readonly Row[] => {
	const ahead =
		staging.aheadBy === null
			? 'not compared'
			: `${staging.aheadBy} ahead${staging.behindBy ? `, ${staging.behindBy} behind` : ''}`;
	return [
		{
			indent: 2,
			line: [
				span(repository, 'strong', {bold: true}),
				span(`  ${staging.name} -> ${production.name}: ${ahead}  (${dateTime(fetchedAt)})`),
			],
		},
		...(staging.behindBy
			? [
					{
						indent: 2,
						line: [
							span(
								`${production.name} has ${plural(staging.behindBy, 'commit')} that ${staging.name} lacks: merge ${production.name} back into ${staging.name}`,
								'wait' as const,
							),
						],
					},
				]
			: []),
	];
};

/** Breaks after spaces, so that no word is cut; a longer word has a line of its own. */
const wrappedRow = ({line, indent}: Row, columns: number): readonly Line[] => {
	const lines: Span[][] = [[]];
	let used = 0;
	for (const part of line) {
		for (const word of part.text.split(/(?<= )(?=[^ ])/)) {
			const isStart = used === 0 || lines.at(-1)!.every(({text}) => text.trim() === '');
			if (!isStart && used + widthOf(word.trimEnd()) > columns) {
				lines.push([span(' '.repeat(indent))]);
				used = indent;
			}
			lines.at(-1)!.push({...part, text: word});
			used += widthOf(word);
		}
	}
	return lines;
};

const trimmed = (line: Line): Line =>
	line.map((part, index) => (index === line.length - 1 ? {...part, text: part.text.trimEnd()} : part));

/** The rows as text, with a line break at the end. */
const rendered = (rows: readonly Row[], {colours, columns}: TextLook): string =>
	rows
		.flatMap(row => (columns === null || lineWidth(row.line) <= columns ? [row.line] : wrappedRow(row, columns)))
		.map(line =>
			colours === null
				? trimmed(line)
						.map(({text}) => text)
						.join('')
				: ansiLine(trimmed(line), colours),
		)
		.join('\n');

/** `situation` null: nothing is known of health, locks and operations. `unread`: what GitHub left out. Ends without a line break. */
export const statusText = (
	snapshot: Snapshot,
	candidates: readonly Candidate[],
	situation: Situation | null,
	unread: readonly string[],
	look: TextLook,
): string =>
	rendered(
		[
			...headRows(snapshot),
			...snapshot.environments.flatMap(environment => environmentRows(environment, snapshot, situation)),
			...(situation?.problem == null
				? []
				: [{indent: 2, line: [span(`operations are not known: ${situation.problem}`, 'bad' as const)]}]),
			...candidates.flatMap((candidate, index): readonly Row[] => {
				const row: Row = {
					indent: shaWidth,
					line: [
						span(short(candidate.sha).padEnd(shaWidth)),
						span(`${tierText(candidate, snapshot.fetchedAt)}; `),
						answerSpan(candidate),
						span(`  ${candidate.message}`),
					],
				};
				return [
					row,
					...(candidate.gate.open ||
					!isOpen(candidate.answer) ||
					!isExplained(candidate, index, candidates, snapshot)
						? []
						: conditionRows(candidate, unread)),
				];
			}),
			...unread.map(text => ({indent: 2, line: [span(`not read: ${text}`, 'wait' as const)]})),
		],
		look,
	);
