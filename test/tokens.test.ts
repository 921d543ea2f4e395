/** What each command asks of a token: the table against the documents, against what is really asked, and with exactly that much and one less. */
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {parse, TypeInfo, visit, visitWithTypeInfo} from 'graphql';
import {officialSchema} from '../.ci/generate-types.ts';
import {commands} from '../source/commands/table/table.ts';
import {
	endpointNeeds,
	fieldNeeds,
	type Level,
	type Permission,
	permissionTitles,
	type Permissions,
	together,
} from '../source/core/github/needs.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {firstContact} from '../source/doctor/first-contact/first-contact.ts';
import {mend} from '../source/doctor/mend.ts';
import {readGitHub} from '../source/doctor/readings/github.ts';
import {memoryTestHistory} from '../source/edges/test-history.ts';
import {createGitHub} from '../source/github/client.ts';
import {type ConnectionOptions, createConnection} from '../source/github/http/connection.ts';
import {documents, mutations} from '../source/github/queries/documents.ts';
import {classify} from '../source/github/failures/failures.ts';
import {createLogFetch} from '../source/github/artifacts/job-logs.ts';
import {logCache} from '../source/github/artifacts/log-cache.ts';
import {createTests} from '../source/github/artifacts/test-results.ts';
import {Trouble} from '../source/github/failures/trouble.ts';
import {commandNeeds, documentNeeds, needsOfUses, type UseName, uses} from '../source/github/token-needs.ts';
import {postWord} from '../source/reporter/post.ts';
import type {Api} from '../source/simulator/answer.ts';
import {findRoute} from '../source/simulator/rest/rest.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {type Simulator, startSimulator} from '../source/simulator/server.ts';
import {endpointOf, fetchOf, probeOf} from './helpers/doctor.ts';
import {type Bench, lockedBench, promotionBench} from './helpers/git-hub-promotions.ts';
import {impatientClock, lockOf, timeoutMs} from './helpers/git-hub-writes.ts';
import {operationOf} from './helpers/operation.ts';
import {about, isMoving} from './helpers/reader.ts';
import {simulated} from './helpers/simulated.ts';

test('what a document needs is what its fields need', () => {
	const types = new TypeInfo(officialSchema());
	for (const [name, text] of Object.entries({...documents, ...mutations})) {
		const needed: Permissions[] = [];
		visit(
			parse(text),
			visitWithTypeInfo(types, {
				Field(node) {
					const need = fieldNeeds[`${types.getParentType()?.name ?? ''}.${node.name.value}`];
					if (need) needed.push({[need.permission]: need.level});
				},
			}),
		);
		assert.deepEqual(documentNeeds[name as keyof typeof documentNeeds], together(needed), name);
	}
});

test('every endpoint stands in one row, the simulator has it, and it refuses exactly the tokens that lack its permission or scope', () => {
	const all = endpointNeeds.flatMap(({endpoints}) => endpoints);
	assert.equal(new Set(all).size, all.length);
	for (const use of Object.values(uses))
		for (const endpoint of use.endpoints) assert.ok(all.includes(endpoint), endpoint);
	const simulator = simulated('quiet');
	const values: Readonly<Record<string, string>> = {
		ref: 'heads/develop',
		basehead: 'main...develop',
		branch: 'develop',
		path: 'x',
		environment_name: 'staging',
		workflow_id: 'e2e-staging.yml',
		archive_format: 'zip',
		sha: simulator.simulation.sha('comments'),
		commit_sha: simulator.simulation.sha('comments'),
	};
	for (const {permission, level, scopes, endpoints} of endpointNeeds) {
		for (const endpoint of endpoints) {
			const [method = '', template = ''] = endpoint.split(' ');
			if (endpoint.endsWith('/approvals') && findRoute(method, '/repos/a/b/actions/runs/1/approvals') === null)
				continue;
			const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '1');
			const ask = (token: string) => simulator.as(token).rest(method, path, method === 'GET' ? undefined : {});
			const enough = ask(`sim_app:${permission}=${level}`);
			assert.ok(enough.headers['x-accepted-github-permissions'] === undefined && enough.status !== 401, endpoint);
			if (permission === 'metadata') continue;
			for (const less of level === 'write' ? [`${permission}=read`, ''] : ['']) {
				const refused = ask(`sim_app:${less}`);
				assert.deepEqual(
					[refused.status, refused.headers['x-accepted-github-permissions']],
					[403, `${permission}=${level}`],
					`${endpoint} with ${less}`,
				);
			}
			const hidden = ask('sim_classic:gist');
			assert.deepEqual(
				[hidden.status, hidden.headers['x-oauth-scopes'], hidden.headers['x-accepted-oauth-scopes']],
				[404, 'gist', scopes.join(', ')],
				endpoint,
			);
		}
	}
});

test('a classic token without read:org: the whole document is refused, and what has no such field is answered', () => {
	const simulator = simulated('quiet');
	const ask = (token: string, fields: string) =>
		simulator
			.as(token)
			.graphql(
				`{repository(owner: "acme", name: "auto-author") {environment(name: "production") {protectionRules(first: 5) {nodes {reviewers(first: 5) {nodes {__typename ... on Team {${fields}}}}}}}}}`,
			);
	const refused = ask('sim_classic:repo', 'combinedSlug');
	assert.deepEqual(
		[refused.raw.status, refused.data, refused.errors?.[0]?.type, refused.errors?.[0]?.path],
		[200, undefined, 'INSUFFICIENT_SCOPES', undefined],
	);
	assert.match(
		refused.errors![0]!.message,
		/'combinedSlug' field requires one of the following scopes: \['read:org', 'read:discussion'\].*only been granted the: \['repo'\]/,
	);
	assert.equal(ask('sim_classic:repo,write:org', 'combinedSlug').errors, undefined);
	assert.equal(ask('sim_classic:repo', '__typename').errors, undefined);
});

/** What it said when it did not do it; null: it did. */
type Said = string | null;
type Acted = {bench: {api: Pick<Api, 'counters'>}; said: Said};
const saidOf = (answer: {ok: boolean} | {how: string}): Said =>
	('ok' in answer ? answer.ok : answer.how === 'landed') ? null : JSON.stringify(answer);
const later = (bench: Bench, minutes: number) => {
	bench.clock.advance(minutes * 60_000);
	bench.api.simulation.advanceTo(bench.clock.now());
};

const look = async (token: string): Promise<Acted> => {
	const simulator = simulated('release');
	const clock = {
		now: () => simulator.now(),
		after: async (_: number, signal?: AbortSignal) =>
			new Promise<void>((_resolve, reject) => {
				signal?.addEventListener('abort', () => {
					reject(signal.reason as Error);
				});
			}),
	};
	const github = createGitHub({
		endpoint: endpointOf(token),
		settings: defaultSettings,
		repository: 'acme/auto-author',
		clock,
		fetch: fetchOf(simulator),
	});
	const overview = await github.ask({kind: 'overview'});
	const active = overview.ok
		? await github.ask(
				about(overview.reading.facts.runs.filter(isMoving), [
					overview.reading.facts.commits?.[0]?.sha ?? simulator.simulation.sha('comments'),
				]),
			)
		: overview;
	const words = [overview, active].flatMap(answer =>
		answer.ok
			? answer.reading.partial.filter(one => !one.includes('the Checks permission'))
			: [`${answer.failure.because} ${answer.failure.next}`],
	);
	return {bench: {api: simulator}, said: words.length === 0 ? null : words.join(' | ')};
};
const onBench = (bench: Bench) => ({bench, develop: bench.at('refs/heads/develop')!});
/** A server with sockets, so many minutes after the scenario's beginning: what GitHub keeps on other hosts is fetched from there. */
const served = async (
	scenarioName: string,
	minutes: number,
	act: (server: {simulator: Simulator; options: (token: string) => ConnectionOptions}) => Promise<Said>,
): Promise<Acted> => {
	const scenario = scenarioNamed(scenarioName);
	const clock = impatientClock(Date.parse(scenario.startsAt));
	const simulator = await startSimulator({scenario, clock});
	try {
		clock.advance(minutes * 60_000);
		simulator.simulation.advanceTo(clock.now());
		const options = (token: string): ConnectionOptions => ({
			endpoint: {host: '127.0.0.1', apiUrl: simulator.restUrl, graphqlUrl: simulator.graphqlUrl, token},
			repository: 'acme/auto-author',
			clock,
			timeoutMs,
		});
		return {bench: {api: simulator}, said: await act({simulator, options})};
	} finally {
		await simulator.close();
	}
};
/** The newest E2E run that failed. */
const redRun = ({simulation}: Simulator) =>
	[...simulation.state.runs.values()].findLast(
		run => run.workflow.definition.tier === 'e2e' && run.conclusion === 'failure',
	)!;

const acts: Readonly<Record<UseName, (token: string) => Promise<Acted>>> = {
	look,
	readLocks: async token => {
		const {bench} = onBench(promotionBench());
		return {bench, said: saidOf(await bench.edge(token).locks.read())};
	},
	lock: async token => {
		const {bench} = onBench(promotionBench());
		const taken = await bench.edge(token).locks.take(lockOf(bench.clock.now()));
		return {bench, said: saidOf(taken.ok ? await bench.edge(token).locks.release('production', taken.oid) : taken)};
	},
	record: async token => {
		const {bench, develop} = onBench(promotionBench());
		return {
			bench,
			said: saidOf(
				await bench.edge(token).records.publish({
					operation: operationOf({sha: develop}),
					journalHead: 'a'.repeat(64),
					environmentUrl: null,
				}),
			),
		};
	},
	land: async token => {
		const bench = await lockedBench();
		return {bench, said: saidOf(await bench.edge(token).promotions.land(bench.landing()))};
	},
	pull: async token => {
		const {bench, develop} = onBench(promotionBench());
		const {promotions} = bench.edge(token);
		const opened = await promotions.openPull({
			branch: 'deployctl/x',
			base: 'main',
			sha: develop,
			title: 'Promote',
			body: '',
		});
		return {
			bench,
			said: saidOf(
				opened.ok
					? await promotions.mergePull({
							id: opened.pull.id,
							number: opened.pull.number,
							expectedHead: develop,
							method: 'merge',
						})
					: opened,
			),
		};
	},
	start: async token => {
		const {bench, develop} = onBench(promotionBench());
		return {
			bench,
			said: saidOf(
				await bench.edge(token).runs.act({
					kind: 'start',
					title: 'E2E',
					workflow: 'e2e-staging.yml',
					ref: 'develop',
					sha: develop,
					inputs: {sha: develop},
				}),
			),
		};
	},
	rerun: async token => {
		const bench = promotionBench({scenario: 'red-e2e'});
		later(bench, 20);
		const run = [...bench.api.simulation.state.runs.values()].findLast(
			one => one.workflow.definition.file === 'e2e-staging.yml' && one.conclusion === 'failure',
		)!;
		return {
			bench,
			said: saidOf(
				await bench.edge(token).runs.act({
					kind: 'rerun',
					title: 'E2E',
					number: run.number,
					seen: {runId: run.id, attempt: 1, jobIds: []},
					which: 'failed',
					debug: false,
				}),
			),
		};
	},
	cancel: async token => {
		const {bench, develop} = onBench(promotionBench());
		const started = await bench.edge().runs.act({
			kind: 'start',
			title: 'E2E',
			workflow: 'e2e-staging.yml',
			ref: 'develop',
			sha: develop,
			inputs: {sha: develop},
		});
		const runId = started.ok ? started.runId! : 0;
		later(bench, 1);
		return {
			bench,
			said: saidOf(
				await bench.edge(token).runs.act({
					kind: 'cancel',
					title: 'E2E',
					number: 1,
					seen: {runId, attempt: 1, jobIds: []},
					force: false,
				}),
			),
		};
	},
	approveRun: async token => {
		const bench = promotionBench({scenario: 'run-approval'});
		const {id} = [...bench.api.simulation.state.runs.values()].find(run => run.conclusion === 'action_required')!;
		return {
			bench,
			said: saidOf(
				await bench.edge(token).runs.act({
					kind: 'approve',
					title: 'Fast tests',
					number: 1,
					seen: {runId: id, attempt: 1, jobIds: []},
					whose: '',
				}),
			),
		};
	},
	review: async token => {
		const bench = promotionBench({scenario: 'approval'});
		later(bench, 8);
		const {id} = [...bench.api.simulation.state.runs.values()].findLast(run => run.status === 'waiting')!;
		return {
			bench,
			said: saidOf(
				await bench
					.edge(token)
					.reviews.answer({runId: id, environment: 'staging', decision: 'approve', comment: ''}),
			),
		};
	},
	sign: async token => {
		const {bench, develop} = onBench(promotionBench());
		return {
			bench,
			said: saidOf(await bench.edge(token).signOffs.sign({sha: develop, name: 'qa', given: true, note: null})),
		};
	},
	examine: async token => {
		const simulator = simulated(scenarioNamed('quiet'));
		// A permission that fine-grained tokens cannot have.
		const read = {...(await readGitHub(probeOf(simulator, token), defaultSettings)), checks: null};
		const unread: string[] = [];
		JSON.stringify(read, (_key, value: unknown) => {
			if (typeof value === 'object' && value !== null && 'ok' in value && value.ok === false)
				unread.push(
					`${(value as unknown as {because: string}).because} ${(value as unknown as {next: string}).next}`,
				);
			return value;
		});
		return {bench: {api: simulator}, said: unread.length === 0 ? null : unread.join(' | ')};
	},
	logs: async token =>
		served('red-e2e', 30, async ({simulator, options}) => {
			const folder = mkdtempSync(join(tmpdir(), 'deployctl-token-logs-'));
			try {
				const fetchLog = createLogFetch({
					...options(token),
					silentMs: timeoutMs,
					cache: logCache(folder, '127.0.0.1', 'acme/auto-author'),
				});
				const {id, name} = redRun(simulator).attempts[0]!.jobs.find(
					({conclusion}) => conclusion === 'failure',
				)!;
				const fetched = await fetchLog(
					{id, attempt: 1, name, status: 'failed', startedAt: 0, finishedAt: 60_000, steps: null},
					new AbortController().signal,
					() => {},
				);
				return fetched.kind === 'there' ? null : `${fetched.because} ${fetched.next}`;
			} finally {
				rmSync(folder, {recursive: true});
			}
		}),
	tests: async token =>
		served('red-e2e', 30, async ({simulator, options}) => {
			const {id: runId, about: sha} = redRun(simulator);
			const tests = createTests({...options(token), history: memoryTestHistory()});
			const {problems} = await tests.read({
				sha,
				workflow: 'e2e-staging.yml',
				runId,
				attempt: 1,
				live: true,
				ended: [1, 2, 3, 4].map(index => ({index, total: 4})),
				jobs: [],
			});
			return problems.length === 0 ? null : JSON.stringify(problems);
		}),
	report: async token =>
		served('quiet', 0, async ({simulator, options}) => {
			const statusesUrl = `${simulator.restUrl}/repos/acme/auto-author/statuses/${simulator.simulation.sha('comments')}`;
			const {outcome, because} = await postWord(
				fetch,
				{token, statusesUrl, runUrl: 'https://github.com/acme/auto-author/actions/runs/1'},
				'deployctl/e2e-staging/1-of-4',
				{kind: 'progress', failed: null, state: 'pending', description: '1 of 3'},
				options(token).clock.now,
			);
			return outcome.kind === 'said' ? null : because;
		}),
	probe: async token =>
		served('quiet', 0, async ({options}) => {
			const connection = createConnection(options(token));
			const contact = await firstContact({
				connection,
				environments: ['production'],
				nonce: 'test',
				signal: new AbortController().signal,
			}).catch((error: unknown) => {
				if (error instanceof Trouble) return classify(error.evidence, connection.circumstances());
				throw error;
			});
			if ('because' in contact) return `${contact.because} ${contact.next}`;
			const {told, left} = contact;
			assert.deepEqual(left, []);
			const otherwise = told.filter(({outcome}) => outcome !== 'as-expected');
			return otherwise.length === 0 ? null : otherwise.map(({said}) => said).join(' | ');
		}),
	mend: async token => {
		const simulator = simulated(scenarioNamed('quiet'));
		const hands = {root: '/', env: {}, execute: async () => null, probe: probeOf(simulator, token)};
		const did = [
			await mend({kind: 'enable-workflow', file: 'e2e-staging.yml'}, hands),
			await mend({kind: 'create-environment', name: 'preview', branches: ['develop']}, hands),
		];
		return {
			bench: {api: simulator},
			said: did.every(({ok}) => ok)
				? null
				: did.map(one => (one.ok ? '' : `${one.because} ${one.next}`)).join(' | '),
		};
	},
};

const tokenOf = (sort: string, permissions: Permissions) =>
	`sim_${sort}:${Object.entries(permissions)
		.map(([name, level]) => `${name}=${level}`)
		.join(',')}`;
const asked = ({api}: Acted['bench']): string[] =>
	Object.keys(api.counters.byKind).flatMap(kind => {
		const [method = '', path = ''] = kind.split(' ');
		const route = path.startsWith('/repos/') ? findRoute(method, path)?.route : undefined;
		return route === undefined ? [] : [`${method} ${route.path.slice('/repos/{owner}/{repo}'.length)}`];
	});
/** One level less of each, one at a time. */
const lessThan = (permissions: Permissions): Array<[Permission, Level, Permissions]> =>
	(Object.entries(permissions) as Array<[Permission, Level]>).map(([permission, level]) => [
		permission,
		level,
		Object.fromEntries(
			Object.entries(permissions).flatMap(([name, has]) =>
				name !== permission ? [[name, has]] : level === 'write' ? [[name, 'read']] : [],
			),
		),
	]);

for (const [name, act] of Object.entries(acts) as Array<[UseName, (typeof acts)[UseName]]>) {
	const needed = needsOfUses([name]);
	test(`${name}: a classic token with the scope repo, and exactly ${JSON.stringify(needed)}, are enough`, async () => {
		const tokens = [
			'sim_classic:repo',
			tokenOf('fine-grained', needed),
			tokenOf('app', needed),
			tokenOf('app', {...needed, checks: 'read'}),
		];
		for (const token of tokens) {
			const {bench, said} = await act(token);
			assert.equal(said, null, token);
			const declared: readonly string[] = uses[name].endpoints;
			const prepared = name === 'land' ? uses.lock.endpoints : name === 'cancel' ? uses.start.endpoints : [];
			assert.deepEqual(
				asked(bench).filter(
					one =>
						!declared.includes(one) &&
						!(prepared as readonly string[]).includes(one) &&
						!one.includes('check-runs'),
				),
				[],
				`${name} asks for what the table does not say`,
			);
		}
	});

	test(`${name}: with one permission less, or another scope, it is refused in words that name it`, async () => {
		for (const sort of ['fine-grained', 'app']) {
			for (const [permission, level, less] of lessThan(needed)) {
				const {said} = await act(tokenOf(sort, less));
				// GraphQL does not say which: then the words are ours.
				assert.match(
					said ?? `worked without ${permission}=${level}`,
					new RegExp(`${permission}=${level}|${level} access to [^"]*${permissionTitles[permission]}`),
					`${sort} without ${permission}=${level}`,
				);
			}
		}
		assert.match((await act('sim_classic:gist')).said ?? 'worked', /the scope repo|lacks the scope/);
	});
}

test('a promotion that changes a workflow wants the scope or the permission for it, by its name', async () => {
	const less = needsOfUses(['lock', 'land']);
	const needed = together([less, {workflows: 'write'}]);
	for (const [token, refusal] of [
		['sim_classic:repo,workflow', null],
		['sim_classic:repo', /scopes workflow, or add the scope workflow at/],
		[tokenOf('fine-grained', needed), null],
		[tokenOf('fine-grained', less), /Workflows: write/],
		[tokenOf('app', less), /Workflows: write/],
	] as const) {
		const bench = await lockedBench();
		bench.api.simulation.act(({state}) => {
			const commit = state.commits.get(bench.after)!;
			state.commits.set(bench.after, {
				...commit,
				files: [{path: '.github/workflows/e2e.yml', status: 'modified', additions: 1, deletions: 0}],
			});
		});
		const result = await bench.edge(token).promotions.land(bench.landing());
		if (refusal === null) assert.ok('how' in result && result.how === 'landed', token);
		else assert.match(JSON.stringify(result), refusal, token);
	}
});

test('every command that asks GitHub has a row, and each row only commands that there are', () => {
	const known = new Set(['deployctl', ...commands.map(({name}) => name)]);
	const told = commandNeeds.flatMap(row => row.commands);
	assert.deepEqual(
		told.filter(name => !known.has(name)),
		[],
	);
	const silent = ['init', 'timeline', 'replay', 'audit', 'operations', 'demo', 'completion', 'help'];
	assert.deepEqual(
		[...known].filter(name => !told.includes(name) && !silent.includes(name)),
		[],
	);
});
