/** All views, wired. */
import type {Views} from '../calls/context.ts';
import {jobView, runView, suiteView, workflowView} from './view-checks.ts';
import {deploymentView, environmentView} from './view-deployments.ts';
import {actorView, commitView, refView, repositoryView} from './view-repository.ts';

export const views: Views = {
	actor: actorView,
	repository: repositoryView,
	commit: commitView,
	ref: refView,
	suite: suiteView,
	job: jobView,
	run: runView,
	workflow: workflowView,
	deployment: deploymentView,
	environment: environmentView,
};
