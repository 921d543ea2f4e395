/**
What somebody with write access can make GitHub say about a commit whose evidence is missing: the real client and judge over the simulator.
Each forgery stands beside a control: the same history without it is shut for the same reason, and the true one is open.
*/
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Condition, ConditionId} from '../source/core/pipeline/pipeline.ts';
import {actionsBot, type Engine, type Plan} from '../source/simulator/model/model.ts';
import type {Judged} from '../source/operations/judge/judge.ts';
import type {Refusal} from '../source/world.ts';
import {forgeDeployment, forgeReport, forgeRun, forgeStatus, headOf, mallory, realRun} from './helpers/forgeries.ts';
import {gateModel, type ModelOptions} from './helpers/gate-model.ts';
import {bringLive, dispatchRun} from '../source/simulator/simulation/acts.ts';

const redE2e: Plan = {outcomes: {'e2e (2, 4)': 'failure'}};
const redFast: Plan = {outcomes: {'unit (1, 2)': 'failure'}};

const conditionsOf = (judged: Judged | Refusal): readonly Condition[] => {
	assert.ok(judged.ok, judged.ok ? '' : judged.because);
	return judged.candidate.gate.conditions.filter(({met}) => met !== true);
};

/** A commit on develop whose tiers went as planned; then somebody acts, and everything comes to its end. */
const world = (plan: Plan, options: ModelOptions = {}) => {
	const model = gateModel(options);
	const {simulation} = model;
	model.step({afterSeconds: 0, happening: {does: 'push', commits: 1, plan, names: null}});
	const sha = simulation.state.refs.get('refs/heads/develop')!;
	const pass = (minutes: number) =>
		model.step({afterSeconds: minutes * 60, happening: {does: 'merge', what: 'branch'}});
	pass(20);
	return {
		sha,
		simulation,
		pass,
		push: () => model.step({afterSeconds: 60, happening: {does: 'push', commits: 1, plan: {}, names: null}}),
		act: (action: (engine: Engine) => void, minutes = 5) => {
			simulation.act(action);
			pass(minutes);
		},
		shown: () => model.shown(),
		unmet: async () => conditionsOf(await model.ask({sha, hotfix: null, isLanded: false})),
	};
};
type World = ReturnType<typeof world>;

const assertShut = async ({unmet}: World, id: ConditionId, because: RegExp, met: Condition['met'] = 'unknown') => {
	const found = (await unmet()).find(condition => condition.id === id);
	assert.ok(found, `${id} is met`);
	assert.match(found.because, because);
	assert.equal(found.met, met);
	assert.ok(found.next, 'it says what to do');
};

test('controls: the true history is open; a red run of E2E or of the fast tests shuts it', async () => {
	assert.deepEqual(await world({}).unmet(), []);
	await assertShut(world(redE2e), 'e2e-green', /^E2E failed/, false);
	await assertShut(world(redFast), 'fast-green', /^Fast tests failed/, false);
});

for (const token of ['sim_classic', 'sim_fine-grained']) {
	test(`a tag called like the staging branch, with workflows of its own, is nobody's evidence (${token})`, async () => {
		for (const tier of ['e2e', 'fast'] as const) {
			const attacked = world(tier === 'e2e' ? redE2e : redFast, {token});
			attacked.act(engine => {
				const run = forgeRun(engine, {tier, about: attacked.sha, ground: 'tag', posts: true});
				forgeReport(engine, attacked.sha, run);
			});
			await assertShut(
				attacked,
				`${tier}-green`,
				/run \d+ passed, but it ran on \w{7}, which is not on the history of develop$/,
			);
		}
	});
}

test("a fork's branch called like the staging branch is nobody's, whatever started its run and whatever that is called", async () => {
	for (const event of ['pull_request_review', 'workflow_dispatch', 'pull_request', 'push']) {
		const attacked = world(redE2e);
		attacked.act(engine => {
			forgeRun(engine, {tier: 'e2e', about: attacked.sha, ground: 'fork', event});
		});
		await assertShut(attacked, 'e2e-green', /^E2E failed/, false);
	}
});

test("titles of events that anybody names are no run's own word", async () => {
	for (const [event, title] of [
		['issue_comment', 'E2E X'],
		['issues', 'X'],
		['repository_dispatch', 'e2e-X'],
		['repository_dispatch', 'E2E X'],
		['discussion_comment', 'E2E X'],
		['pull_request_review_comment', 'E2E X'],
		['release', 'X'],
		['create', 'X'],
	] as const) {
		const attacked = world(redE2e);
		attacked.push();
		attacked.act(engine => {
			const head = headOf(engine.state, 'develop');
			const run = forgeRun(engine, {
				tier: 'e2e',
				about: head,
				ground: 'commit',
				event,
				title: title.replace('X', attacked.sha),
			});
			forgeStatus(engine, attacked.sha, 'e2e', run);
			forgeReport(engine, attacked.sha, run);
		});
		const found = (await attacked.unmet()).find(({id}) => id === 'e2e-green');
		assert.ok(found, `${event} "${title}"`);
	}
});

test('a name counts with exactly one full SHA as a word of its own', async () => {
	for (const title of [
		'E2E X#evil',
		'E2E feature/X',
		'E2E X-retry',
		'E2E refs/heads/X',
		'E2E X..Y',
		'E2E X of Y',
		'E2E [X#Y]',
	]) {
		const attacked = world(redE2e);
		attacked.act(engine => {
			const about = attacked.sha;
			// The pipeline's own workflow, on its own branch: only its input is the attacker's.
			const run = forgeRun(engine, {
				tier: 'e2e',
				about,
				ground: 'commit',
				title: title.replace('X', about).replace('Y', engine.state.refs.get('refs/heads/main')!),
			});
			forgeStatus(engine, about, 'e2e', run);
			forgeReport(engine, about, run);
		});
		await assertShut(attacked, 'e2e-green', /its name does not say this commit alone, as a word of its own$/);
	}
	for (const title of ['E2E X', 'E2E (X)', '[X] E2E', 'X']) {
		const honest = world({});
		honest.act(engine => {
			const run = forgeRun(engine, {
				tier: 'smoke',
				about: honest.sha,
				ground: 'commit',
				title: title.replace('X', honest.sha),
			});
			run.title = title.replace('X', honest.sha);
		});
		assert.deepEqual(await honest.unmet(), [], title);
	}
});

test('a dispatched run that names no commit is not about the one that it sits on', async () => {
	const attacked = world(redE2e);
	attacked.act(engine => {
		const run = forgeRun(engine, {
			tier: 'e2e',
			about: attacked.sha,
			ground: 'commit',
			name: 'release-check',
			title: null,
		});
		forgeReport(engine, attacked.sha, run);
	});
	await assertShut(attacked, 'e2e-green', /workflow_dispatch started it, and it does not name the commit$/);
});

test('a run on a deployment counts when an app filed it, and not when a person did', async () => {
	for (const [by, isOpen] of [
		['person', false],
		['app', true],
	] as const) {
		for (const event of ['deployment', 'deployment_status']) {
			const attacked = world(redE2e);
			attacked.act(engine => {
				const run = forgeRun(engine, {
					tier: 'e2e',
					about: attacked.sha,
					ground: 'commit',
					event,
					title: null,
					by: by === 'app' ? actionsBot : mallory(engine),
				});
				forgeReport(engine, attacked.sha, run);
			});
			if (isOpen)
				assert.deepEqual(
					(await attacked.unmet()).filter(({id}) => id === 'e2e-green'),
					[],
				);
			else await assertShut(attacked, 'e2e-green', /a person filed the deployment that started it$/);
		}
	}
});

test('a run below the commit on the same branch was made by a workflow of before it', async () => {
	const attacked = world(redE2e);
	attacked.act(engine => {
		const parent = engine.state.commits.get(attacked.sha)!.parents[0]!;
		const run = forgeRun(engine, {tier: 'e2e', about: attacked.sha, ground: 'commit'});
		Object.assign(run, {sha: parent});
		run.suite.sha = parent;
		forgeStatus(engine, attacked.sha, 'e2e', run);
		forgeReport(engine, attacked.sha, run);
	});
	await assertShut(attacked, 'e2e-green', /which develop was at before this commit$/);
});

test('a newer red run is not taken away by a status of another commit that points at it, too', async () => {
	const attacked = world({});
	attacked.act(engine => {
		// The pipeline of the day names nothing.
		const red = forgeRun(engine, {tier: 'smoke', about: attacked.sha, ground: 'commit', title: null});
		engine.state.plans.set(attacked.sha, {outcomes: {'forged 0': 'failure'}});
		const [parent = ''] = engine.state.commits.get(attacked.sha)!.parents;
		forgeStatus(engine, parent, 'smoke', red);
	});
	assert.notDeepEqual(
		(await attacked.unmet()).filter(({id}) => id === 'smoke-green'),
		[],
	);
});

test('a hotfix is green by the workflows that production has, and not by its own', async () => {
	for (const [automation, isOpen] of [
		[undefined, true],
		['e'.repeat(40), false],
	] as const) {
		const model = gateModel();
		model.step({afterSeconds: 60, happening: {does: 'branch', from: 'main', commits: 1, plan: {}}});
		const sha = model.simulation.state.refs.get('refs/heads/hotfix/fix')!;
		if (automation) Object.assign(model.simulation.state.commits.get(sha)!, {automation});
		model.step({afterSeconds: 600, happening: {does: 'merge', what: 'main'}});
		const found = conditionsOf(await model.ask({sha, hotfix: 'hotfix/fix', isLanded: false}));
		const ids: readonly ConditionId[] = isOpen ? [] : ['fast-green'];
		assert.deepEqual(
			found.map(({id}) => id),
			ids,
		);
		if (!isOpen)
			assert.match(
				found[0]!.because,
				/^Fast tests: run \d+ passed, but \w{7} has other workflows in \.github than develop and main$/,
			);
	}
});

test('true runs that sit elsewhere still count: dispatched again later, by hand, on a branch that has moved on', async () => {
	const honest = world({outcomes: {'e2e (2, 4)': ['failure', 'success']}});
	for (let each = 0; each < 3; each++) honest.push();
	honest.pass(20);
	honest.act(engine => {
		engine.state.plans.set(honest.sha, {});
		dispatchRun(engine, 'deploy-staging.yml', {sha: honest.sha, by: 'lena-fischer'});
	}, 25);
	assert.deepEqual(await honest.unmet(), []);
});

test('a status that any workflow can post says nothing for a commit of which staging said otherwise', async () => {
	const attacked = world({});
	// Staging ran another commit while E2E looked, past GitHub: only E2E's own questions know.
	attacked.act(engine => {
		const parent = engine.state.commits.get(attacked.sha)!.parents[0]!;
		bringLive(engine.state, 'staging', parent);
		dispatchRun(engine, 'e2e-staging.yml', {sha: attacked.sha, by: 'lena-fischer'});
	}, 20);
	await assertShut(attacked, 'staged', /^Deployment: staging reported \w{7} when E2E began$/, false);
	attacked.act(engine => {
		forgeReport(engine, attacked.sha, realRun(engine, attacked.sha, 'e2e'));
	});
	await assertShut(attacked, 'staged', /^Deployment: staging reported \w{7} when E2E began$/, false);
});

test('a workflow that says it in a status only is told to say it in a job', async () => {
	const old = world({}, {reports: 'status'});
	await assertShut(
		old,
		'staged',
		/^Deployment: only a commit status says that staging reported it, and any workflow can post one$/,
	);
	assert.match((await old.unmet())[0]!.next ?? '', /deployctl init writes such a workflow/);
});

test("a deployment that no run of the pipeline filed, while it deployed, is no record: neither a person's nor that of another workflow", async () => {
	for (const by of ['person', 'workflow'] as const) {
		for (const named of ['deploy', 'e2e', null] as const) {
			const attacked = world({}, {isSilent: true});
			attacked.push();
			attacked.pass(20);
			// The newer commit is on staging, and E2E of the older one looks at it.
			attacked.act(engine => {
				const run = named === null ? undefined : realRun(engine, attacked.sha, named);
				forgeDeployment(engine, attacked.sha, {by: by === 'person' ? mallory(engine) : actionsBot, run});
			}, 2);
			attacked.act(engine => {
				dispatchRun(engine, 'e2e-staging.yml', {sha: attacked.sha, by: 'lena-fischer'});
			}, 20);
			await assertShut(attacked, 'staged', /^Deployment: staging ran \w{7} while E2E ran$/, false);
		}
	}
});

for (const [token, crowd] of [
	['sim_classic', 0],
	['sim_classic', 110],
	['sim_fine-grained', 0],
	['sim_fine-grained', 110],
] as const) {
	test(`a newer red run that later ones pushed out of GitHub's lists still counts (${token}, ${crowd} more runs)`, async () => {
		for (const isRed of [true, false]) {
			const attacked = world({}, {token});
			const green = realRun(attacked.simulation, attacked.sha, 'e2e');
			// It sits on another commit, which is out of sight later, too.
			attacked.push();
			if (isRed) {
				attacked.act(engine => {
					engine.state.plans.set(attacked.sha, redE2e);
					dispatchRun(engine, 'e2e-staging.yml', {sha: attacked.sha, by: 'lena-fischer'});
				}, 15);
				assert.notEqual(realRun(attacked.simulation, attacked.sha, 'e2e'), green);
			}
			for (let each = 0; each < 14; each++) attacked.push();
			attacked.act(engine => {
				const about = headOf(engine.state, 'develop');
				for (let each = 0; each < 16 + crowd; each++)
					forgeRun(engine, {
						tier: each < 16 ? 'e2e' : each % 2 === 0 ? 'smoke' : 'deploy',
						about,
						ground: 'branch',
					});
				forgeStatus(engine, attacked.sha, 'e2e', green);
			}, 3);
			if (isRed) await assertShut(attacked, 'e2e-green', /^E2E failed/, false);
			else assert.deepEqual(await attacked.unmet(), []);
		}
	});
}

test('where more began later than can be read, nobody knows', async () => {
	const crowded = world({});
	crowded.push();
	crowded.act(engine => {
		for (let each = 0; each < 110; each++)
			forgeRun(engine, {tier: 'e2e', about: headOf(engine.state, 'develop'), ground: 'branch'});
	});
	await assertShut(
		crowded,
		'e2e-green',
		/^E2E: run \d+ passed, but later runs of e2e-staging\.yml have not all been read$/,
	);
});

for (const [token, crowd] of [
	['sim_classic', 0],
	['sim_classic', 110],
	['sim_fine-grained', 0],
	['sim_fine-grained', 110],
] as const) {
	test(`nor does the screen show green what a later red run may have made void (${token}, ${crowd} more runs)`, async () => {
		for (const isRed of [true, false]) {
			const attacked = world({}, {token});
			const before = (await attacked.shown()).candidates.find(({sha}) => sha === attacked.sha)!;
			assert.equal(
				before.answer,
				'ready',
				JSON.stringify(before.gate.conditions.filter(({met}) => met !== true)),
			);
			const green = realRun(attacked.simulation, attacked.sha, 'e2e');
			attacked.act(engine => {
				if (isRed) {
					// Where no shown commit is: the production branch's head.
					engine.state.plans.set(attacked.sha, redE2e);
					dispatchRun(engine, 'e2e-staging.yml', {sha: attacked.sha, ref: 'main', by: 'lena-fischer'});
				}
			}, 15);
			attacked.act(engine => {
				const about = headOf(engine.state, 'main');
				for (let each = 0; each < 16 + crowd; each++)
					forgeRun(engine, {
						tier: each < 16 ? 'e2e' : each % 2 === 0 ? 'smoke' : 'deploy',
						about,
						ground: 'branch',
					});
				forgeStatus(engine, attacked.sha, 'e2e', green);
			}, 3);
			const {answer, gate, tiers} = (await attacked.shown()).candidates.find(({sha}) => sha === attacked.sha)!;
			const e2e = gate.conditions.find(({id}) => id === 'e2e-green')!;
			if (crowd > 0) {
				assert.equal(
					answer,
					'unknown',
					JSON.stringify(gate.conditions.filter(({met}) => met !== true).map(({because}) => because)),
				);
				assert.equal(e2e.met, 'unknown');
				assert.match(
					e2e.because,
					/^E2E: run \d+ passed, but later runs of e2e-staging\.yml have not all been read$/,
				);
			} else {
				assert.equal(answer, isRed ? 'blocked' : 'ready', e2e.because);
				assert.equal(tiers.e2e.status, isRed ? 'failed' : 'passed');
			}
		}
	});
}
