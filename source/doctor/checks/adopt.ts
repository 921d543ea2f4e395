/**
A repository whose settings name none of its workflows: they are judged all the same, as the tiers that `init` would take them for.
Otherwise the mistakes in them would hide behind "there is no test-suite.yml". Pure.
*/
import {mapWorkflows} from '../../init/map/map.ts';
import type {Named} from '../../init/map/skippable.ts';
import type {ExistingWorkflow} from '../../init/model.ts';
import {quoted, sayingIn} from '../model/findings.ts';
import type {Finding, Readings} from '../model/model.ts';
import {type TierRole, titleOf, workflowsFor} from '../model/tiers.ts';

const say = sayingIn('workflows');

export type Adopted = {
	readings: Readings;
	/** One for each tier that was found under another name. */ findings: readonly Finding[];
	roles: ReadonlySet<TierRole>;
};

const withTier = (readings: Readings, role: TierRole, workflow: string, {jobs, maySkip, notWork}: Named): Readings => {
	const {settings} = readings;
	return {
		...readings,
		settings:
			role === 'production'
				? {...settings, promotion: {...settings.promotion, workflow}}
				: {
						...settings,
						tiers: {
							...settings.tiers,
							[role]: {...settings.tiers[role], workflow, jobs: jobs ?? null, maySkip, notWork},
						},
					},
	};
};

export const adopt = (readings: Readings): Adopted => {
	const {all, tiers} = workflowsFor(readings);
	const missing = [...tiers.values()].filter(({reading}) => reading === null);
	const none: Adopted = {readings, findings: [], roles: new Set()};
	if (missing.length === 0 || all.length === 0) return none;
	const existing = all.map(({file, text}): ExistingWorkflow => ({
		file,
		text,
		parsed: JSON.parse(text) as Record<string, unknown>,
		problem: null,
	}));
	const mapped = mapWorkflows(existing, readings.settings.branches).tiers;
	return missing.reduce((adopted, {role, file}) => {
		const found = mapped.find(({tier}) => tier === role);
		if (found === undefined) return adopted;
		const {workflow, jobs, maySkip = [], notWork = [], because} = found;
		const listed = (key: string, patterns: readonly string[]) =>
			patterns.length === 0 ? '' : `, ${key}: ${JSON.stringify(patterns)}`;
		const name =
			role === 'production'
				? `promotion: {workflow: ${workflow}}`
				: `tiers: {${role}: {workflow: ${workflow}${jobs === null ? '' : `, jobs: "${jobs}"`}${listed('maySkip', maySkip)}${listed('notWork', notWork)}}}`;
		const finding = say(
			'error',
			'not-named',
			`${titleOf(role)} seems to be ${workflow}${jobs === null ? '' : `, jobs ${quoted(jobs)}`}, which nothing names`,
			{
				why: `It is taken for that: ${because}. deployctl looks for ${file}: as long as it is not told otherwise, the tier has no runs and the production gate stays blocked.`,
				how: `deployctl init --only config writes it; or in deployctl.yml: ${name}`,
				where: workflow,
			},
		);
		return {
			readings: withTier(adopted.readings, role, workflow, {jobs, maySkip, notWork}),
			findings: [...adopted.findings, finding],
			roles: new Set([...adopted.roles, role]),
		};
	}, none);
};
