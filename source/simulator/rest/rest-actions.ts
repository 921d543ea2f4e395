/** Workflows, runs, jobs and logs over REST: the only place for attempt, title and actor of a run. */
import {isoOrNull} from '../calls/context.ts';
import {type Job, type Run, isActive, jobsOfAttempt, nextId, personOf} from '../model/model.ts';
import {
	type Call,
	type Reply,
	type Route,
	message,
	notFound,
	page,
	textOf,
	unprocessable,
} from '../calls/rest-reply.ts';
import {
	checkRunShape,
	jobShape,
	repoApi,
	reviewerShape,
	runShape,
	suiteShape,
	userShape,
	workflowShape,
} from '../calls/rest-shapes.ts';
import {askCancel, askRerun, inputsRefused, type Repeated} from '../actions/run-wishes.ts';
import {approveRun, createRun, decide} from '../actions/runs.ts';
import {logAddress} from '../storage/job-log.ts';
import {resolve} from '../model/git.ts';
import {nodeId} from '../model/identity.ts';
import {jobsOfSuite, latestJobs, pendingEnvironments} from '../model/readings.ts';
import {simpleEnvironment} from './rest-deployments.ts';

const actions = '/repos/{owner}/{repo}/actions';
const withRun =
	(answer: (call: Call, run: Run) => Reply) =>
	(call: Call): Reply => {
		const run = call.context.state.runs.get(Number(call.params.run_id));
		return run ? answer(call, run) : notFound();
	};
const withJob =
	(answer: (call: Call, job: Job) => Reply, name = 'job_id') =>
	(call: Call): Reply => {
		const job = call.context.state.jobs.get(Number(call.params[name]));
		return job ? answer(call, job) : notFound();
	};

/** The `status` filter mixes statuses and conclusions, as GitHub's does. */
function runsPage(call: Call, all: readonly Run[]): Reply {
	const {query, context} = call;
	const wants = (name: string, value: string | null) => !query.get(name) || query.get(name) === value;
	const runs = all.filter(
		run =>
			wants('head_sha', run.sha) &&
			wants('branch', run.branch) &&
			wants('event', run.event) &&
			wants('actor', run.actor.login) &&
			(wants('status', run.status) || wants('status', run.conclusion)) &&
			wants('check_suite_id', String(run.suite.id)) &&
			createdWithin(query.get('created'), run.createdAt),
	);
	return page(
		call,
		runs.toSorted((a, b) => b.createdAt - a.createdAt || b.id - a.id),
		(items, total) => ({total_count: total, workflow_runs: items.map(run => runShape(context, run))}),
	);
}

/** `>=2026-11-23T08:00:00Z` and its relatives; anything else matches. */
function createdWithin(range: string | null, at: number): boolean {
	const match = /^(>=|<=|>|<)?(\d{4}-\d\d-\d\d(?:T[\d:]+Z?)?)$/.exec(range ?? '');
	const time = match ? Date.parse(match[2]!) : Number.NaN;
	if (!match || Number.isNaN(time)) {
		return true;
	}
	const seconds = Math.floor(at / 1000) * 1000;
	return (
		{'>=': seconds >= time, '<=': seconds <= time, '>': seconds > time, '<': seconds < time}[match[1] ?? '>='] ??
		true
	);
}

const jobsPage = (call: Call, jobs: readonly Job[]): Reply =>
	page(call, jobs, (items, total) => ({total_count: total, jobs: items.map(job => jobShape(call.context, job))}));

const rerunRefused: Readonly<Record<Exclude<Repeated, 'asked'>, string>> = {
	running: 'This workflow is already running',
	nothing: 'This workflow run has no failed jobs to re-run',
	'too-old': 'Unable to retry this workflow run because it was created over a month ago',
	// That GitHub refuses is documented; with which words is not.
	disabled: 'Unable to re-run this workflow run because its workflow is disabled',
};

function repeatRun(
	{context: {simulation, viewer}}: Call,
	runId: number,
	which: 'all' | 'failed' | {job: string},
): Reply {
	const answer = simulation.act(engine =>
		askRerun(engine, engine.state.runs.get(runId)!, personOf(engine.state, viewer.login ?? ''), which),
	);
	return answer === 'asked' ? {status: 201, body: {}} : message(403, rerunRefused[answer]);
}

const repeat = (which: 'all' | 'failed') => withRun((call, run) => repeatRun(call, run.id, which));
const repeatJob = withJob((call, job) => repeatRun(call, job.runId, {job: job.name}));

const cancel = (isForced: boolean) =>
	withRun((call, run) => {
		const isTaken = call.context.simulation.act(engine =>
			askCancel(engine, engine.state.runs.get(run.id)!, isForced),
		);
		return isTaken ? {status: 202, body: {}} : message(409, 'Cannot cancel a workflow run that is completed.');
	});

/** By GitHub's rule this is for runs that wait, and come from a fork; its words are those that clients have met. */
const approve = withRun((call, run) => {
	if (call.context.state.plans.get(run.about)?.fork === undefined) {
		return message(403, 'This run is not from a fork pull request');
	}
	const isTaken = call.context.simulation.act(engine => approveRun(engine, engine.state.runs.get(run.id)!));
	return isTaken ? {status: 201, body: {}} : message(403, 'This workflow run is not waiting for approval');
});

const findWorkflow = (call: Call) =>
	call.context.state.workflows.find(
		({id, definition}) => String(id) === call.params.workflow_id || definition.file === call.params.workflow_id,
	);

function dispatch(call: Call): Reply {
	const {context, body} = call;
	const workflow = findWorkflow(call);
	if (!workflow) {
		return notFound();
	}
	if (!isActive(workflow)) {
		return unprocessable("Cannot trigger a 'workflow_dispatch' on a disabled workflow");
	}
	if (!workflow.definition.on.dispatch) {
		return unprocessable("Workflow does not have 'workflow_dispatch' trigger");
	}
	const branch = textOf(body.ref).replace(/^refs\/(heads|tags)\//, '');
	const sha = context.state.refs.get(`refs/heads/${branch}`) ?? context.state.refs.get(`refs/tags/${branch}`);
	if (!sha) {
		return unprocessable(`No ref found for: ${branch}`);
	}
	const refused = inputsRefused(workflow.definition, body.inputs);
	if (refused !== null) {
		return unprocessable(refused);
	}
	const inputs = (body.inputs ?? {}) as Record<string, string>;
	const about = resolve(context.state, inputs.sha ?? '') ?? sha;
	const id = context.simulation.act(
		engine =>
			createRun(
				engine,
				engine.state.workflows.find(one => one.id === workflow.id)!,
				{
					event: 'workflow_dispatch',
					sha,
					branch,
					actor: personOf(engine.state, context.viewer.login ?? ''),
					about,
					inputs,
				},
			).id,
	);
	// github.com only: GHES does not know the option and answers 204 all the same.
	if (body.return_run_details === true && context.scenario.server.kind === 'github.com') {
		return {
			status: 200,
			body: {
				workflow_run_id: id,
				run_url: `${repoApi(context)}/actions/runs/${id}`,
				html_url: `${context.state.webUrl}/${context.state.repository.owner}/${context.state.repository.name}/actions/runs/${id}`,
			},
		};
	}
	return {status: 204};
}

const pending = withRun((call, run) => ({
	status: 200,
	body: pendingEnvironments(run).map(name => {
		const environment = call.context.state.environments.get(name)!;
		return {
			environment: {
				id: environment.id,
				node_id: nodeId('EN', name),
				name,
				url: `${repoApi(call.context)}/environments/${name}`,
				html_url: `${call.context.state.webUrl}/${call.context.state.repository.owner}/${call.context.state.repository.name}/deployments/activity_log?environments_filter=${name}`,
			},
			wait_timer: environment.waitMinutes,
			wait_timer_started_at: isoOrNull(environment.waitMinutes > 0 ? run.createdAt : null),
			current_user_can_approve: environment.reviewers.includes(call.context.viewer.login ?? ''),
			reviewers: environment.reviewers.map(reviewer => reviewerShape(call.context, reviewer)),
		};
	}),
}));

const review = withRun((call, run) => {
	const {context, body} = call;
	const ids = (body.environment_ids ?? []) as number[];
	const names = [...context.state.environments.values()]
		.filter(environment => ids.includes(environment.id))
		.map(environment => environment.name);
	const word = body.state === 'approved' ? 'approved' : 'rejected';
	if (
		names.length === 0 ||
		names.some(
			name =>
				!pendingEnvironments(run).includes(name) ||
				!context.state.environments.get(name)!.reviewers.includes(context.viewer.login ?? ''),
		)
	) {
		return unprocessable('There is no pending deployment request for these environments that you can review');
	}
	context.simulation.act(engine => {
		const again = engine.state.runs.get(run.id)!;
		again.reviews.push({
			id: nextId(engine.state, 'annotation'),
			state: word,
			comment: textOf(body.comment),
			environments: names,
			by: personOf(engine.state, context.viewer.login ?? ''),
		});
		for (const name of names) {
			decide(engine, again, name, word);
		}
	});
	return {status: 200, body: []};
});

/** Who answered for which environments of a run, in the order of their answers. */
const approvals = withRun((call, run) => ({
	status: 200,
	body: run.reviews.map(({state, comment, environments, by}) => ({
		state,
		comment,
		user: userShape(call.context, by),
		environments: environments.map(name => simpleEnvironment(call, name)),
	})),
}));

const log = withJob((call, job) => logAddress(call.context.state, job, call.context.storageUrl));
/** The archive of all logs is there when the whole run is over, not before. */
const archive = withRun((call, run) =>
	run.status === 'completed'
		? {
				status: 302,
				headers: {
					location: `${call.context.storageUrl}/_archives/${run.id}?expires=${call.context.state.now + 60_000}`,
				},
			}
		: notFound(),
);

export const actionRoutes: readonly Route[] = [
	{
		method: 'GET',
		path: `${actions}/workflows`,
		answer: call =>
			page(call, call.context.state.workflows, (items, total) => ({
				total_count: total,
				workflows: items.map(workflow => workflowShape(call.context, workflow)),
			})),
	},
	{
		method: 'GET',
		path: `${actions}/workflows/{workflow_id}`,
		answer: call => {
			const workflow = findWorkflow(call);
			return workflow ? {status: 200, body: workflowShape(call.context, workflow)} : notFound();
		},
	},
	{
		method: 'GET',
		path: `${actions}/workflows/{workflow_id}/runs`,
		answer: call => {
			const workflow = findWorkflow(call);
			return workflow ? runsPage(call, workflow.runs) : notFound();
		},
	},
	{method: 'POST', path: `${actions}/workflows/{workflow_id}/dispatches`, needs: 'write', answer: dispatch},
	{method: 'GET', path: `${actions}/runs`, answer: call => runsPage(call, [...call.context.state.runs.values()])},
	{
		method: 'GET',
		path: `${actions}/runs/{run_id}`,
		answer: withRun((call, run) => ({status: 200, body: runShape(call.context, run)})),
	},
	{
		method: 'GET',
		path: `${actions}/runs/{run_id}/attempts/{attempt_number}`,
		answer: withRun((call, run) => {
			const attempt = run.attempts[Number(call.params.attempt_number) - 1];
			return attempt ? {status: 200, body: runShape(call.context, run, attempt)} : notFound();
		}),
	},
	{
		method: 'GET',
		path: `${actions}/runs/{run_id}/jobs`,
		answer: withRun((call, run) =>
			jobsPage(
				call,
				call.query.get('filter') === 'all'
					? run.attempts.flatMap(attempt => attempt.jobs)
					: latestJobs(run, call.context.lags),
			),
		),
	},
	{
		method: 'GET',
		path: `${actions}/runs/{run_id}/attempts/{attempt_number}/jobs`,
		answer: withRun((call, run) => {
			const attempt = run.attempts[Number(call.params.attempt_number) - 1];
			return attempt ? jobsPage(call, jobsOfAttempt(run, attempt.number)) : notFound();
		}),
	},
	{method: 'POST', path: `${actions}/runs/{run_id}/rerun`, needs: 'write', answer: repeat('all')},
	{method: 'POST', path: `${actions}/runs/{run_id}/rerun-failed-jobs`, needs: 'write', answer: repeat('failed')},
	{method: 'POST', path: `${actions}/runs/{run_id}/cancel`, needs: 'write', answer: cancel(false)},
	{method: 'POST', path: `${actions}/runs/{run_id}/force-cancel`, needs: 'write', answer: cancel(true)},
	{method: 'POST', path: `${actions}/runs/{run_id}/approve`, needs: 'write', answer: approve},
	{method: 'GET', path: `${actions}/runs/{run_id}/logs`, answer: archive},
	{method: 'GET', path: `${actions}/runs/{run_id}/pending_deployments`, answer: pending},
	{method: 'POST', path: `${actions}/runs/{run_id}/pending_deployments`, needs: 'write', answer: review},
	{method: 'GET', path: `${actions}/runs/{run_id}/approvals`, answer: approvals},
	{
		method: 'GET',
		path: `${actions}/jobs/{job_id}`,
		answer: withJob((call, job) => ({status: 200, body: jobShape(call.context, job)})),
	},
	{method: 'POST', path: `${actions}/jobs/{job_id}/rerun`, needs: 'write', answer: repeatJob},
	{method: 'GET', path: `${actions}/jobs/{job_id}/logs`, answer: log},
	{
		method: 'GET',
		path: '/repos/{owner}/{repo}/check-runs/{check_run_id}',
		needs: 'checks',
		answer: withJob((call, job) => ({status: 200, body: checkRunShape(call.context, job)}), 'check_run_id'),
	},
	{
		method: 'GET',
		path: '/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations',
		needs: 'checks',
		answer: withJob(
			(call, job) =>
				page(call, job.annotations, items =>
					items.map(annotation => ({
						path: annotation.path,
						start_line: annotation.line,
						end_line: annotation.line,
						start_column: null,
						end_column: null,
						annotation_level: annotation.level,
						title: annotation.title,
						message: annotation.message,
						raw_details: null,
						blob_href: `${repoApi(call.context)}/contents/${encodeURIComponent(annotation.path)}`,
					})),
				),
			'check_run_id',
		),
	},
	{
		method: 'GET',
		path: '/repos/{owner}/{repo}/commits/{ref}/check-suites',
		needs: 'suites',
		answer: call => {
			const suites =
				call.context.state.suitesBySha.get(resolve(call.context.state, call.params.ref!) ?? '') ?? [];
			return page(call, suites, (items, total) => ({
				total_count: total,
				check_suites: items.map(suite => suiteShape(call.context, suite)),
			}));
		},
	},
	{
		method: 'GET',
		path: '/repos/{owner}/{repo}/commits/{ref}/check-runs',
		needs: 'checks',
		answer: call => {
			const suites =
				call.context.state.suitesBySha.get(resolve(call.context.state, call.params.ref!) ?? '') ?? [];
			return page(
				call,
				suites.flatMap(suite => jobsOfSuite(suite, call.query.get('filter') === 'all' ? 'ALL' : 'LATEST')),
				(items, total) => ({
					total_count: total,
					check_runs: items.map(job => checkRunShape(call.context, job)),
				}),
			);
		},
	},
];
