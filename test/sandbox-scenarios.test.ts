/** What the simulator tells the sandbox, for every scenario. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {behaviours} from '../source/sandbox/behaviours.ts';
import {calledIn, commitsOf, releasesOf} from '../source/simulator/deployed.ts';
import {history} from '../source/simulator/model/git.ts';
import {scenarioNamed, scenarios} from '../source/simulator/scenarios/scenarios.ts';
import {createSimulation} from '../source/simulator/simulation/simulation.ts';

const minutes = 60_000;

test('each environment begins with up to three good releases, the live one last', () => {
	for (const scenario of scenarios) {
		const {state} = createSimulation(scenario);
		const commits = commitsOf(scenario, Date.parse(scenario.startsAt));
		for (const {name} of scenario.environments) {
			const releases = releasesOf(state, name, 3);
			const what = `${scenario.name} ${name}`;
			assert.equal(new Set(releases).size, releases.length, what);
			assert.ok(releases.length >= Math.min(3, history(state, releases.at(-1)!).length), what);
			for (const sha of releases) {
				assert.ok(state.commits.has(sha), what);
				const alias = commits.find(commit => commit.sha === sha)?.alias;
				assert.equal(
					alias === undefined ? undefined : behaviours[alias],
					undefined,
					`${what} begins with ${alias}, which is bad`,
				);
			}
			const live = state.live.get(name);
			if (live) assert.equal(releases.at(-1), live, what);
		}
	}
});

test('the default scenario has a bad release to choose from, and CI meets another one later', () => {
	const release = scenarioNamed('release');
	const commits = commitsOf(release, Date.parse(release.startsAt));
	const known = [...createSimulation(release).state.commits.keys()];
	const kindOf = (sha: string) => behaviours[commits.find(commit => commit.sha === sha)?.alias ?? '']?.kind;
	assert.ok(known.some(sha => kindOf(sha) === 'turns-red'));
	assert.ok(known.some(sha => kindOf(sha) === 'fails-at-once'));
	assert.ok(commits.some(({sha}) => !known.includes(sha) && kindOf(sha) === 'fails-at-once'));
});

test('a workflow calls the scripts before it is over, and what never comes to that is not deployed', () => {
	const simulation = createSimulation(scenarioNamed('release'));
	const began = simulation.startsAt;
	const before = calledIn(simulation.state).length;
	for (let at = began; calledIn(simulation.state).length === before; at += 1000) {
		assert.ok(at < began + 10 * minutes);
		simulation.advanceTo(at);
	}
	const {run, environment, sha} = calledIn(simulation.state).at(-1)!;
	assert.deepEqual(
		[environment, sha, simulation.state.runs.get(run)!.conclusion],
		['staging', simulation.sha('autosave'), null],
	);
	assert.notEqual(simulation.state.live.get('staging'), sha);
	simulation.advanceTo(began + 60 * minutes);
	const called = calledIn(simulation.state).map(one => one.sha);
	// Its type check failed.
	assert.ok(called.includes(simulation.sha('epub')) && !called.includes(simulation.sha('deps')));
});
