/** What every request meets before anything is looked up, and rules that real clients go by. */
import assert from 'node:assert/strict';
import {request} from 'node:http';
import {test, type TestContext} from 'node:test';
import {storageBeside} from '../source/simulator/front.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {type Simulator, startSimulator} from '../source/simulator/server.ts';
import {origin, repository, simulated} from './helpers/simulated.ts';

const serve = async (t: TestContext, scenario = 'quiet') => {
	const simulator = await startSimulator({
		scenario,
		clock: {now: () => Date.parse(scenarioNamed(scenario).startsAt)},
	});
	t.after(async () => simulator.close());
	return simulator;
};

/** A request whose every header is ours: fetch sets some of its own. */
const bare = async (url: string, headers: Record<string, string>, method = 'GET') =>
	new Promise<{status: number; headers: Record<string, string | string[] | undefined>; text: string}>(
		(resolve, reject) => {
			request(url, {method, headers}, response => {
				let text = '';
				response
					.setEncoding('utf8')
					.on('data', (part: string) => {
						text += part;
					})
					.on('end', () => resolve({status: response.statusCode!, headers: response.headers, text}));
			})
				.on('error', reject)
				.end();
		},
	);
const known = {authorization: 'bearer sim_classic', 'user-agent': 'test'};
const runOf = ({simulation}: Pick<Simulator, 'simulation'>, file: string) =>
	[...simulation.state.runs.values()].findLast(
		run => run.workflow.definition.file === file && run.status === 'completed',
	)!;

test('without a user agent: 403 in plain text, whoever asks and whatever', async t => {
	const {restUrl, graphqlUrl} = await serve(t);
	for (const [url, method] of [
		[`${restUrl}/repos/acme/auto-author`, 'GET'],
		[graphqlUrl, 'POST'],
	] as const) {
		const {status, headers, text} = await bare(url, {authorization: 'bearer sim_classic'}, method);
		assert.deepEqual([status, headers['content-type']], [403, 'text/plain; charset=utf-8']);
		assert.match(text, /User-Agent header/);
	}
});

test('the version of the API: the one asked for is the one answered with; without one the oldest; an unknown one is 400', () => {
	const at = (version: string | undefined, scenario = 'quiet') =>
		simulated(scenario).rest('GET', '', undefined, version === undefined ? {} : {'x-github-api-version': version});
	assert.deepEqual(
		[undefined, '2022-11-28', '2026-03-10'].map(version => at(version).headers['x-github-api-version-selected']),
		['2022-11-28', '2022-11-28', '2026-03-10'],
	);
	const refused = at('2099-01-01');
	assert.deepEqual([refused.status, refused.headers['x-github-api-version-selected']], [400, undefined]);
	assert.match(
		refused.json.message,
		/"2099-01-01", is not a supported version.*"2026-03-10" \(most recent\), "2022-11-28"\.$/,
	);
	assert.equal(at('2026-03-10', 'ghes').status, 400, 'a server of version 3.18 does not know it');
});

test('HEAD: the headers of GET and no body, at the same price', async t => {
	const {restUrl, counters} = await serve(t);
	const url = `${restUrl}/repos/acme/auto-author/actions/runs?per_page=2`;
	const get = await bare(url, known);
	const spent = counters.core;
	const head = await bare(url, known, 'HEAD');
	assert.deepEqual([head.status, head.text, counters.core - spent], [200, '', 1]);
	for (const name of ['etag', 'link', 'content-length', 'content-type'])
		assert.equal(head.headers[name], get.headers[name], name);
});

test('an ETag belongs to its token: another one gets the answer, not a 304', () => {
	const simulator = simulated('quiet');
	const {etag} = simulator.rest('GET', '/branches/main').headers;
	const again = (token: string) =>
		simulator.as(token).rest('GET', '/branches/main', undefined, {'if-none-match': etag!}).status;
	assert.deepEqual([again('sim_classic'), again('sim_fine-grained'), again('sim_read-only')], [304, 200, 200]);
});

test('addresses lead back to where the client came from, through proxies too; a Host header that is no host is not repeated', async t => {
	const {url} = await serve(t);
	const path = `${url}/repos/acme/auto-author/actions/runs?per_page=1`;
	const origins = async (headers: Record<string, string>) => {
		const answer = await bare(path, {...known, ...headers});
		const {
			jobs_url: jobs,
			url: self,
			logs_url: logs,
			repository: {url: home},
		} = JSON.parse(answer.text).workflow_runs[0] as {
			jobs_url: string;
			url: string;
			logs_url: string;
			repository: {url: string};
		};
		return [
			...new Set(
				[/<([^>]+)>/.exec(String(answer.headers['link']))![1]!, jobs, self, logs, home].map(
					each => new URL(each).origin,
				),
			),
		];
	};
	assert.deepEqual(await origins({}), [url]);
	assert.deepEqual(await origins({host: 'api.github.localhost'}), ['http://api.github.localhost']);
	assert.deepEqual(await origins({host: 'api.github.com', 'x-forwarded-proto': 'https'}), ['https://api.github.com']);
	assert.deepEqual(await origins({host: 'evil.example/<x>'}), [url]);
});

test('files lie on an origin of another name: fetch leaves the token behind, and whoever brings one is refused', async t => {
	const simulator = await serve(t);
	const run = runOf(simulator, 'test-suite.yml');
	const addresses = [`/actions/jobs/${run.attempts[0]!.jobs[0]!.id}/logs`, `/actions/runs/${run.id}/logs`];
	for (const address of addresses.map(path => `${simulator.restUrl}/repos/acme/auto-author${path}`)) {
		const moved = await bare(address, known);
		const to = new URL(String(moved.headers['location']));
		assert.deepEqual(
			[moved.status, to.origin, to.hostname === new URL(simulator.url).hostname],
			[302, simulator.storageUrl, false],
		);
		assert.equal((await fetch(address, {headers: known})).status, 200);
		const carried = await bare(to.href, known);
		assert.deepEqual([carried.status, /<Code>InvalidAuthenticationInfo</.test(carried.text)], [400, true]);
		assert.equal(
			(await bare(`${simulator.url}${to.pathname}${to.search}`, known)).status,
			404,
			'the API has no such path',
		);
	}
	const local = await bare(`${simulator.url}/repos/acme/auto-author${addresses[0]}`, {
		...known,
		host: `localhost:${new URL(simulator.url).port}`,
	});
	assert.equal(
		new URL(String(local.headers['location'])).hostname,
		'127.0.0.1',
		'also for who calls the API localhost',
	);
});

test('the archive of a run has every job as a whole and step by step, and comes when the run is over', () => {
	const simulator = simulated('release');
	const going = [...simulator.simulation.state.runs.values()].find(run => run.status === 'in_progress')!;
	assert.equal(simulator.rest('GET', `/actions/runs/${going.id}/logs`).status, 404);
	const {id, attempts} = runOf(simulator, 'test-suite.yml');
	const moved = simulator.rest('GET', `/actions/runs/${id}/logs`).headers.location!;
	assert.equal(new URL(moved).origin, storageBeside);
	const zip = Buffer.from(
		simulator.answer({method: 'GET', url: moved, headers: {}, body: ''}, origin).bytes!,
	).toString('latin1');
	for (const [index, {name, steps}] of attempts[0]!.jobs.entries()) {
		assert.ok(
			zip.includes(`${index}_${name}.txt`) && zip.includes(`${name}/${steps.length}_Complete job.txt`),
			name,
		);
	}
	simulator.move(61_000);
	assert.equal(simulator.answer({method: 'GET', url: moved, headers: {}, body: ''}, origin).status, 403);
});

test('who answered for an environment is listed, and stays listed', () => {
	const simulator = simulated('approval');
	simulator.move(8 * 60_000);
	const {id} = [...simulator.simulation.state.runs.values()].findLast(run => run.status === 'waiting')!;
	assert.deepEqual(simulator.rest('GET', `/actions/runs/${id}/approvals`).json, []);
	const [{environment}] = simulator.rest('GET', `/actions/runs/${id}/pending_deployments`).json;
	assert.equal(
		simulator.rest('POST', `/actions/runs/${id}/pending_deployments`, {
			environment_ids: [environment.id],
			state: 'approved',
			comment: 'fine',
		}).status,
		200,
	);
	for (const minutes of [0, 60]) {
		simulator.move(minutes * 60_000);
		const [one, ...more] = simulator.rest('GET', `/actions/runs/${id}/approvals`).json;
		assert.deepEqual(
			[one.state, one.comment, one.user.login, one.environments.map(({name}: {name: string}) => name), more],
			['approved', 'fine', 'mira-okafor', ['staging'], []],
		);
	}
	assert.equal(simulator.rest('GET', '/actions/runs/1/approvals').status, 404);
});

test('what does not exist is null with an error at its path, and the rest of the answer stands', () => {
	const simulator = simulated('quiet');
	const {data, errors} = simulator.graphql(
		repository(
			'name pullRequest(number: 99) { id } ref(qualifiedName: "main") { there: compare(headRef: "develop") { status } gone: compare(headRef: "nowhere") { status } } none: ref(qualifiedName: "nowhere") { id }',
		),
	);
	assert.deepEqual(data.repository, {
		name: 'auto-author',
		pullRequest: null,
		ref: {there: {status: 'AHEAD'}, gone: null},
		none: null,
	});
	assert.deepEqual(
		errors?.map(({type, path}) => [type, path?.join('.')]),
		[
			['NOT_FOUND', 'repository.pullRequest'],
			['NOT_FOUND', 'repository.ref.gone'],
		],
	);
	assert.equal(errors?.[0]?.message, 'Could not resolve to a PullRequest with the number of 99.');
});

test('nothing of a disabled workflow is run again, neither all of it, nor what failed, nor one job', () => {
	const simulator = simulated('red-e2e');
	simulator.move(3_600_000);
	const run = [...simulator.simulation.state.runs.values()].findLast(
		one => one.workflow.definition.file === 'e2e-staging.yml' && one.conclusion === 'failure',
	)!;
	const job = run.attempts[0]!.jobs.find(one => one.conclusion === 'failure')!;
	const asks = [
		`/actions/runs/${run.id}/rerun`,
		`/actions/runs/${run.id}/rerun-failed-jobs`,
		`/actions/jobs/${job.id}/rerun`,
	];
	simulator.rest('PUT', '/actions/workflows/e2e-staging.yml/disable');
	for (const path of asks) {
		const answer = simulator.rest('POST', path);
		assert.deepEqual([answer.status, /disabled/.test(answer.json.message)], [403, true], path);
	}
	simulator.rest('PUT', '/actions/workflows/e2e-staging.yml/enable');
	assert.equal(simulator.rest('POST', asks[2]!).status, 201);
});

test('pull requests are searched by what GitHub knows; an unknown qualifier is an error', () => {
	const simulator = simulated('quiet');
	const {number} = simulator.rest('POST', '/pulls', {
		title: 'Release of the week',
		head: 'develop',
		base: 'main',
	}).json;
	const search = (query: string) =>
		simulator.graphql(
			`{ search(type: ISSUE, first: 5, query: ${JSON.stringify(query)}) { issueCount nodes { ... on PullRequest { number } } } }`,
		);
	const finds = (query: string) => search(query).data.search.nodes.map((one: {number: number}) => one.number);
	for (const query of [
		'repo:acme/auto-author is:pr state:open author:@me',
		'head:develop base:main "of the week"',
		'author:mira-okafor',
	])
		assert.deepEqual(finds(query), [number], query);
	for (const query of ['repo:acme/other', 'review-requested:@me', 'is:merged', 'head:main', 'other'])
		assert.deepEqual(finds(query), [], query);
	assert.match(search('colour:red').errors![0]!.message, /cannot search by colour/);
});

test('which checks are required is a question about a pull request', () => {
	const quiet = scenarioNamed('quiet');
	const simulator = simulated({...quiet, rules: [{branch: 'main', statusChecks: ['lint', 'deployctl/e2e-staging']}]});
	simulator.rest('POST', '/pulls', {title: 'Release', head: 'develop', base: 'main'});
	const required = (number: number) =>
		simulator
			.graphql(
				repository(
					`object(oid: "${simulator.simulation.state.refs.get('refs/heads/develop')}") { ... on Commit { statusCheckRollup { contexts(first: 100) { nodes { ... on CheckRun { name isRequired(pullRequestNumber: ${number}) } ... on StatusContext { name: context isRequired(pullRequestNumber: ${number}) } } } } } }`,
				),
			)
			.data.repository.object.statusCheckRollup.contexts.nodes.flatMap(
				(one: {name: string; isRequired: boolean}) => (one.isRequired ? [one.name] : []),
			);
	assert.deepEqual([required(1).toSorted(), required(2)], [['deployctl/e2e-staging', 'lint'], []]);
});
