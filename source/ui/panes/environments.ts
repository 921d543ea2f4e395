/** Environments with the release on each, for how long, and how far production is behind. */
import {age} from '../../core/duration.ts';
import {short} from '../../core/gate.ts';
import type {Environment, Snapshot, Status} from '../../core/pipeline.ts';
import type {State} from '../../state/state.ts';
import {cut, fit, joined, type Line, lineWidth, span} from '../text.ts';
import type {Look} from '../theme.ts';

const behind = ({name}: Environment, {branches}: Snapshot): Line => {
	const {aheadBy, name: stagingName} = branches.staging;
	if (name !== 'production' || aheadBy === null) return [];
	return aheadBy === 0 ? [span(`level with ${stagingName}`, 'good')] : [span(`${aheadBy} behind`, 'wait')];
};

const release = (environment: Environment, snapshot: Snapshot, isWithAge: boolean): Line => {
	if (environment.sha === null) return [span(environment.status === 'none' ? 'none recorded' : 'release unknown', 'quiet')];
	const since = environment.deployedAt === null || !isWithAge ? '' : ` for ${age(Math.max(0, snapshot.fetchedAt - environment.deployedAt))}`;
	return [span(short(environment.sha), undefined, {bold: true}), span(since, 'quiet')];
};

const words: Readonly<Partial<Record<Status, string>>> = {running: 'deploying', waiting: 'waits'};

/** What it runs stays true while the next deployment is on its way or has failed. */
const stateOf = ({sha, status}: Environment): Status => (sha !== null && status === 'none' ? 'passed' : status);

const next = (environment: Environment, look: Look): Line => {
	const status = stateOf(environment);
	if (status === 'passed' || status === 'none') return [];
	const {sha, newestSha} = environment;
	const what = newestSha === null ? 'the next' : newestSha === sha ? 'the same' : short(newestSha);
	return [span(`then ${what} ${words[status] ?? status}`, look.markOf(status).tone)];
};

const row = (environment: Environment, snapshot: Snapshot, width: number, look: Look): Line => {
	const mark = look.markOf(stateOf(environment));
	const dot = span(` ${look.glyphs.separator} `, 'quiet');
	const name: Line = [span(`${mark.text} `, mark.tone), span(fit(environment.name, 11), environment.name === 'production' ? 'danger' : 'accent', {bold: true})];
	const made = (isWithAge: boolean): Line => [...name, ...joined([release(environment, snapshot, isWithAge), behind(environment, snapshot), next(environment, look)], dot)];
	// What comes next says more than for how long.
	const lead = lineWidth(made(true)) <= width ? made(true) : made(false);
	const message = snapshot.candidates.find(candidate => candidate.sha === environment.sha)?.message;
	const room = width - lineWidth(lead) - 3;
	return message && room > 12 ? [...lead, dot, span(cut(message, room, look.glyphs.ellipsis), 'quiet')] : lead;
};

export const environmentRows = ({snapshot}: State, look: Look, width: number): readonly Line[] =>
	(snapshot?.environments ?? []).map(environment => row(environment, snapshot!, width, look));
