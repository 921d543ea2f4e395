/** What a whole run proves, by what the configuration says about its workflow: for whoever follows a run instead of a tier. Pure. */
import {tierNames} from './pipeline.ts';
import {workflowFile} from './run-url.ts';
import type {Settings} from './settings.ts';
import {ruleOf} from './tier.ts';
import {type JobWord, matchesGlob, type Work, workOf, type WorkRule} from './work.ts';

export const productionRule = ({promotion: {maySkip}}: Pick<Settings, 'promotion'>): WorkRule => ({key: 'promotion', jobs: null, maySkip});

/** `path`: of the run's workflow file. Of a workflow that the configuration does not name, whatever it likes may be skipped, but not everything. */
export const workOfRun = (path: string | null, jobs: readonly JobWord[], settings: Settings, unlisted = 0): Work => {
	const file = workflowFile(path);
	const rules = [
		...tierNames.filter(name => settings.tiers[name].workflow === file).map(name => ruleOf(name, settings.tiers[name])),
		...(settings.promotion.workflow === file ? [productionRule(settings)] : []),
	];
	if (rules.length === 0) return workOf(jobs.filter(({status, rawStatus}) => status !== 'skipped' || rawStatus !== undefined), {key: '', jobs: null, maySkip: []}, unlisted);
	const works = rules.map(rule => workOf(jobs.filter(({name}) => rule.jobs === null || matchesGlob(rule.jobs, name)), rule, unlisted));
	return works.find(({did}) => !did) ?? {did: true};
};
