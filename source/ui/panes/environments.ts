/** Environments with the release on each, for how long, and how far production is behind. */
import {age} from '../../core/duration.ts';
import {short} from '../../core/gate.ts';
import type {Environment, Snapshot} from '../../core/pipeline.ts';
import type {State} from '../../state/state.ts';
import {cut, fit, type Line, lineWidth, span} from '../text.ts';
import type {Look} from '../theme.ts';

const behind = ({name}: Environment, {branches}: Snapshot): Line => {
	const {aheadBy, name: stagingName} = branches.staging;
	if (name !== 'production' || aheadBy === null) return [];
	return aheadBy === 0 ? [span(` level with ${stagingName}`, 'good')] : [span(` ${aheadBy} behind`, 'wait')];
};

const release = (environment: Environment, snapshot: Snapshot): Line => {
	if (environment.sha === null) return [span(environment.status === 'none' ? 'no deployment recorded' : 'release unknown', 'quiet')];
	return [span(short(environment.sha), undefined, {bold: true}), span(environment.deployedAt === null ? '' : ` for ${age(Math.max(0, snapshot.fetchedAt - environment.deployedAt))}`, 'quiet')];
};

const row = (environment: Environment, snapshot: Snapshot, width: number, look: Look): Line => {
	// What it runs stays true while the next deployment is on its way or has failed.
	const shown = environment.sha !== null && environment.status === 'none' ? 'passed' : environment.status;
	const mark = look.markOf(shown);
	const state = shown === 'passed' || shown === 'none' ? '' : ` ${environment.newestSha === null || environment.newestSha === environment.sha ? 'next' : short(environment.newestSha)} ${shown}`;
	const lead: Line = [span(`${mark.text} `, mark.tone), span(fit(environment.name, 11), environment.name === 'production' ? 'danger' : 'accent', {bold: true}), ...release(environment, snapshot), ...behind(environment, snapshot), span(state, mark.tone)];
	const message = snapshot.candidates.find(candidate => candidate.sha === environment.sha)?.message;
	const room = width - lineWidth(lead) - 2;
	return message && room > 12 ? [...lead, span(`  ${cut(message, room)}`, 'quiet')] : lead;
};

export const environmentRows = ({snapshot}: State, look: Look, width: number): readonly Line[] =>
	(snapshot?.environments ?? []).map(environment => row(environment, snapshot!, width, look));
