/** What a whole run proves, by what the configuration says about its workflow: for whoever follows a run instead of a tier. Pure. */
import {tierNames} from '../pipeline/pipeline.ts';
import {workflowFile} from '../github/run-url.ts';
import type {Settings} from '../settings/settings.ts';
import {ruleOf} from './tier.ts';
import {type JobWord, matchesGlob, type Work, workOf, type WorkRule} from './work.ts';

export const productionRule = ({promotion: {maySkip}}: Pick<Settings, 'promotion'>): WorkRule => ({
	key: 'promotion',
	jobs: null,
	maySkip,
	notWork: [],
});

const isSkipped = ({status, rawStatus}: JobWord) => status === 'skipped' && rawStatus === undefined;

const ofAnyJob = (jobs: readonly JobWord[], unlisted: number): Work => {
	if (unlisted === 0 && jobs.length > 0 && jobs.every(job => isSkipped(job)))
		return {
			did: false,
			status: 'skipped',
			because: 'nothing of it ran: every job was skipped',
			next: 'Run it with its jobs.',
		};
	return workOf(
		jobs.filter(job => !isSkipped(job)),
		{key: '', jobs: null, maySkip: [], notWork: []},
		unlisted,
	);
};

/** `path`: of the run's workflow file. Of a workflow that the configuration does not name, whatever it likes may be skipped, but not everything. */
export const workOfRun = (path: string | null, jobs: readonly JobWord[], settings: Settings, unlisted = 0): Work => {
	const file = workflowFile(path);
	const rules = [
		...tierNames
			.filter(name => settings.tiers[name].workflow === file)
			.map(name => ruleOf(name, settings.tiers[name])),
		...(settings.promotion.workflow === file ? [productionRule(settings)] : []),
	];
	if (rules.length === 0) return ofAnyJob(jobs, unlisted);
	const works = rules.map(rule =>
		workOf(
			jobs.filter(({name}) => rule.jobs === null || matchesGlob(rule.jobs, name)),
			rule,
			unlisted,
		),
	);
	return works.find(({did}) => !did) ?? {did: true};
};
