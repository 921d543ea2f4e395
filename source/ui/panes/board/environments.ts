/** Environments with the release on each, for how long, and how far production is behind. */
import {age} from '../../../core/text/duration.ts';
import {short} from '../../../core/gate/gate.ts';
import type {Environment, Snapshot, Status} from '../../../core/pipeline/pipeline.ts';
import {nameOf} from '../../../core/releases/instances.ts';
import {isSameVersion} from '../../../core/releases/observation.ts';
import {
	behindItsBranch,
	commitsBehind,
	conditionOf,
	lockOn,
	pinsOn,
	readinessOf,
	reportedVersions,
	runningOn,
	versionText,
} from '../../../state/questions/operation-select.ts';
import {lockText} from '../../../state/dialogs/plan-differences.ts';
import type {State} from '../../../state/model/state.ts';
import {cut, fit, joined, type Line, lineWidth, type Span, span} from '../../lines/text.ts';
import type {Look} from '../../lines/theme.ts';
import {conditionMark, healthSpans, readinessSpans, versionSpans} from './health.ts';

/** By what production reports, where it can be placed; else by the branches. */
const behind = (state: State, {name}: Environment, {branches: {staging}}: Snapshot): Line => {
	const count = commitsBehind(state, name) ?? staging.aheadBy;
	if (name !== 'production' || count === null) return [];
	return count === 0 ? [span(`up to date with ${staging.name}`, 'good')] : [span(`${count} behind`, 'wait')];
};

/** Where production runs less than its branch has. */
const branchNote = (state: State, {name}: Environment, {branches: {production}}: Snapshot): Line =>
	name === 'production' && production.sha !== null && behindItsBranch(state) !== null
		? [span(`${production.name} is at ${short(production.sha)}`, 'wait')]
		: [];

const release = (environment: Environment, snapshot: Snapshot, isWithAge: boolean): Line => {
	if (environment.sha === null)
		return [span(environment.status === 'none' ? 'none recorded' : 'release unknown', 'quiet')];
	const since =
		environment.deployedAt === null || !isWithAge
			? ''
			: ` for ${age(Math.max(0, snapshot.fetchedAt - environment.deployedAt))}`;
	return [span(short(environment.sha), undefined, {bold: true}), span(since, 'quiet')];
};

const words: Readonly<Partial<Record<Status, string>>> = {running: 'deploying', waiting: 'waiting for approval'};

/** What it runs stays true while the next deployment is on its way or has failed. */
const stateOf = ({sha, status}: Environment): Status => (sha !== null && status === 'none' ? 'passed' : status);

const next = (environment: Environment, look: Look): Line => {
	const status = stateOf(environment);
	if (status === 'passed' || status === 'none') return [];
	const {sha, newestSha} = environment;
	const what = newestSha === null ? 'unknown release' : newestSha === sha ? 'the same' : short(newestSha);
	return [span(`next: ${what} (${words[status] ?? status})`, look.markOf(status).tone)];
};

const separator = (look: Look) => span(` ${look.glyphs.separator} `, 'quiet');
const title = (name: string): Span => span(fit(name, 11), 'accent', {bold: true});

const goingOn = {deploy: 'deploying', rollback: 'rolling back', promote: 'promoting'} as const;

/** What goes on there now, else what GitHub says will come. */
const coming = (state: State, environment: Environment, look: Look): Line => {
	const running = runningOn(state, environment.name);
	return running
		? [
				span(
					`${goingOn[running.kind]}${running.to ? ` ${look.glyphs.arrow} ${nameOf(running.to)}` : ''}`,
					'busy',
					{bold: true},
				),
			]
		: next(environment, look);
};

/** What it reports itself; where it is not asked, what GitHub has on record. */
const live = (state: State, environment: Environment, snapshot: Snapshot, look: Look, isWithAge: boolean): Line => {
	const version = versionSpans(state, environment.name, look);
	const isRecorded =
		version.length === 0 || (environment.sha !== null && version[0]!.text === short(environment.sha));
	const recorded = release(environment, snapshot, isWithAge);
	const health = healthSpans(state, environment.name);
	// Beside its health, "for 3m" would say for how long it has been well.
	const since = recorded.slice(1).map(part => ({
		...part,
		text:
			health.length > 0
				? part.text.replace(/^ for /, `${look.glyphs.separator} deployed `)
				: part.text.trimStart(),
	}));
	return joined(
		[
			[...(version.length > 0 ? version : recorded.slice(0, 1))],
			health,
			isRecorded ? since.filter(({text}) => text !== '') : [],
		],
		span(' '),
	);
};

/** Who holds it, what must not come back, where it can go back to: what does not fit on the first line. */
const details = (state: State, {name}: Environment, look: Look): readonly Line[] => {
	const lock = lockOn(state, name);
	const [pin] = pinsOn(state, name);
	return [
		lock?.state === 'held' && runningOn(state, name) === null
			? [span(`${look.glyphs.warn} ${lockText(lock)}, ${age(state.wallNow - lock.lock.createdAt)}`, 'wait')]
			: [],
		lock?.state === 'ambiguous' ? [span(`${look.glyphs.warn} ${lockText(lock)}`, 'bad')] : [],
		pin
			? [span(`pinned: ${versionText(pin.sha ?? pin.release)} blocked from redeploy (${pin.because})`, 'wait')]
			: [],
	].filter(line => line.length > 0);
};

const row = (
	state: State,
	environment: Environment,
	snapshot: Snapshot,
	width: number,
	look: Look,
): readonly Line[] => {
	const condition = conditionOf(state, environment.name);
	const isAsked = condition !== 'silent';
	const running = runningOn(state, environment.name);
	const mark = running
		? look.outcomeMarkOf('running')
		: isAsked
			? conditionMark(condition, look)
			: look.markOf(stateOf(environment));
	const dot = separator(look);
	const name: Line = [span(`${mark.text} `, mark.tone), title(environment.name)];
	const what = (isWithAge: boolean) =>
		isAsked ? live(state, environment, snapshot, look, isWithAge) : release(environment, snapshot, isWithAge);
	const goes = coming(state, environment, look);
	// What goes on there now is never cut: beside a long line it has one of its own.
	const isBelow = running !== null && lineWidth([...name, ...joined([what(false), goes], dot)]) > width;
	const others = isBelow ? [] : running ? [goes] : [behind(state, environment, snapshot), goes];
	const made = (isWithAge: boolean): Line => [...name, ...joined([what(isWithAge), ...others], dot)];
	// What comes next, and whether there is a way back, says more than for how long.
	const ready = running ? [] : readinessSpans(readinessOf(state, environment.name), look);
	const fits = (line: Line) => lineWidth(ready) > 0 && lineWidth(line) + 3 + lineWidth(ready) <= width;
	const lead = fits(made(true)) || (lineWidth(made(true)) <= width && !fits(made(false))) ? made(true) : made(false);
	const isReadyHere = fits(lead);
	const below = [
		...(isBelow ? [goes] : []),
		...details(state, environment, look),
		...[branchNote(state, environment, snapshot)].filter(line => line.length > 0),
		...(isReadyHere || lineWidth(ready) === 0 ? [] : [ready]),
	].map((line): Line => [span(' '.repeat(13)), ...line]);
	if (isReadyHere) return [[...lead, dot, ...ready], ...below];
	// Of what it runs, not of what is on record, where the two differ.
	const [version] = reportedVersions(state, environment.name);
	const message = snapshot.candidates.find(({sha}) =>
		version === undefined ? sha === environment.sha : isSameVersion(version, {release: sha, sha}),
	)?.message;
	const room = width - lineWidth(lead) - 3;
	return [
		message && room > 12 ? [...lead, dot, span(cut(message, room, look.glyphs.ellipsis), 'quiet')] : lead,
		...below,
	];
};

/** Nothing was read from GitHub, but environments tell of themselves, and the journal knows what can be done. */
const withoutGitHub = ({repository, settings, operations, now}: State): Snapshot => ({
	repository,
	url: null,
	fetchedAt: now,
	rateLimit: null,
	candidates: [],
	medians: {fast: null, deploy: null, e2e: null, smoke: null},
	branches: {
		staging: {name: settings.branches.staging, sha: null, aheadBy: null, behindBy: null},
		production: {name: settings.branches.production, sha: null},
	},
	production: {sha: null, isReported: false, isMixed: false, behindBy: null},
	environments:
		operations.reading === null
			? []
			: settings.environments.map(({name, url}) => ({
					name,
					sha: null,
					beforeSha: null,
					newestSha: null,
					status: 'none',
					deployedAt: null,
					url,
					logUrl: null,
					creator: null,
				})),
});

/** Each environment on one line, and what else must be known of it below; at most so many lines, the first of each before all others. */
export const environmentRows = (
	state: State,
	look: Look,
	width: number,
	atMost = Number.POSITIVE_INFINITY,
): readonly Line[] => {
	const snapshot = state.snapshot ?? withoutGitHub(state);
	const rows = snapshot.environments.map(environment => row(state, environment, snapshot, width, look));
	let spare = atMost - rows.length;
	return rows.flatMap(([first, ...below]) => {
		const shown = below.slice(0, Math.max(0, spare));
		spare -= shown.length;
		return [first!, ...shown];
	});
};
