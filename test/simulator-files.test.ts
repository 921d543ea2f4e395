/** Files of commits and comparisons, and dispatched runs that name their commit. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {fileOf} from '../source/simulator/simulation/events.ts';
import {fileLimit, filesOf} from '../source/simulator/model/files.ts';
import type {Commit, CommitFile} from '../source/simulator/model/model.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {simulated} from './helpers/simulated.ts';

const commit = (sha: string, ...files: readonly CommitFile[]): Commit => ({
	sha,
	tree: sha,
	parents: [],
	message: '',
	author: {login: null, name: '', email: '', id: 0},
	committedAt: 0,
	files,
});

test('a comparison lists each file once, over all of its commits', () => {
	const simulator = simulated('release');
	const {files} = simulator.rest('GET', `/compare/main...${simulator.simulation.sha('comments')}`).json as {
		files: Array<{
			filename: string;
			status: string;
			additions: number;
			deletions: number;
			changes: number;
			contents_url: string;
		}>;
	};
	const find = (name: string) => files.find(({filename}) => filename === name)!;
	assert.equal(find('migrations/20261123_comments_resolved.sql').status, 'added');
	assert.deepEqual([find('config/fonts.yml').status, find('config/fonts.yml').changes], ['modified', 7]);
	const toolbar = find('source/toolbar.tsx');
	assert.deepEqual([toolbar.additions, toolbar.deletions, toolbar.changes], [51, 31, 82], 'two commits changed it');
	assert.match(toolbar.contents_url, /\/contents\/source\/toolbar\.tsx\?ref=[0-9a-f]{40}$/);
	const paged = simulator.rest(
		'GET',
		`/compare/main...${simulator.simulation.sha('comments')}?per_page=2&page=2`,
	).json;
	assert.deepEqual([paged.commits.length, paged.files], [2, []], 'files are on the first page');
});

test('one commit lists its own, and the sum', () => {
	const simulator = simulated('release');
	const {files, stats} = simulator.rest('GET', `/commits/${simulator.simulation.sha('toolbar')}`).json;
	assert.deepEqual(
		[files.map(({filename}: {filename: string}) => filename), stats],
		[['source/toolbar.css', 'source/toolbar.tsx'], {additions: 25, deletions: 11, total: 36}],
	);
	assert.ok(
		simulator.rest('GET', `/commits/${simulator.simulation.sha('autosave')}`).json.files.length > 0,
		'those that say nothing have some all the same',
	);
});

test('added, changed and removed: what is left of it counts', () => {
	const files = filesOf([
		commit('a', fileOf('A +10 -0 kept.ts'), fileOf('A +3 -0 gone.ts'), fileOf('D +0 -9 back.ts')),
		commit('b', fileOf('+2 -1 kept.ts'), fileOf('D +0 -3 gone.ts'), fileOf('A +9 -0 back.ts')),
	]);
	assert.deepEqual(
		files.map(({path, status, additions, deletions}) => [path, status, additions, deletions]),
		[
			['back.ts', 'modified', 9, 9],
			['kept.ts', 'added', 12, 1],
		],
	);
	const many = Array.from({length: 400}, (_, index) => fileOf(`+1 -0 source/${index}.ts`));
	assert.equal(filesOf([commit('a', ...many)]).length, fileLimit);
	assert.throws(() => fileOf('source/x.ts'), TypeError);
});

test('a dispatched run is about the commit that it was given, sits on its branch, and names the commit', () => {
	const simulator = simulated('quiet');
	const sha = simulator.simulation.sha('ligatures');
	const body = {ref: 'develop', inputs: {sha}, return_run_details: true};
	const answer = simulator.rest('POST', '/actions/workflows/e2e-staging.yml/dispatches', body);
	const run = simulator.simulation.state.runs.get(answer.json.workflow_run_id)!;
	assert.deepEqual(
		[answer.status, run.about, run.sha],
		[200, sha, simulator.simulation.state.refs.get('refs/heads/develop')],
	);
	assert.equal(answer.json.html_url, `https://github.com/acme/auto-author/actions/runs/${run.id}`);
	assert.equal(simulator.rest('GET', `/actions/runs/${run.id}`).json.display_title, `E2E ${sha}`);
	const plain = simulator.rest('POST', '/actions/workflows/deploy-production.yml/dispatches', {
		ref: 'main',
		return_run_details: true,
	}).json.workflow_run_id as number;
	assert.equal(
		simulator.simulation.state.runs.get(plain)!.about,
		simulator.simulation.state.refs.get('refs/heads/main'),
	);
	assert.equal(
		simulator.rest('POST', '/actions/workflows/e2e-staging.yml/dispatches', {...body, ref: 'nowhere'}).status,
		422,
	);
	assert.equal(simulator.rest('POST', '/actions/workflows/codeql.yml/dispatches', body).status, 422);
	assert.equal(
		simulated('ghes').rest('POST', '/actions/workflows/e2e-staging.yml/dispatches', {
			ref: 'develop',
			return_run_details: true,
		}).status,
		204,
	);
});

test('production may wait for its reviewers, of whom the viewer is one', () => {
	const simulator = simulated('production-approval');
	const sha = simulator.simulation.sha('fonts');
	assert.equal(simulator.rest('PATCH', '/git/refs/heads/main', {sha}).status, 200);
	simulator.move(120_000);
	const [run] = simulator.rest('GET', '/actions/workflows/deploy-production.yml/runs?per_page=1').json.workflow_runs;
	assert.equal(run.status, 'waiting');
	const [waiting] = simulator.rest('GET', `/actions/runs/${run.id}/pending_deployments`).json;
	assert.deepEqual([waiting.environment.name, waiting.current_user_can_approve], ['production', true]);
	assert.notEqual(simulator.simulation.state.live.get('production'), sha);
	assert.equal(
		simulator.rest('POST', `/actions/runs/${run.id}/pending_deployments`, {
			environment_ids: [waiting.environment.id],
			state: 'approved',
			comment: '',
		}).status,
		200,
	);
	simulator.move(180_000);
	assert.equal(simulator.simulation.state.live.get('production'), sha);
	assert.deepEqual(scenarioNamed('production-approval').rules, undefined);
});
