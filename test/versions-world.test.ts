/** Versions in their usual forms, from a wish to an outcome; and that the way back does not hang on a version that nobody can compare. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {foldRecords, knownReleases, nothingFolded} from '../source/core/operations/journal-fold.ts';
import type {JournalEvent, JournalRecord} from '../source/core/operations/journal.ts';
import {aroundOf, liveRef} from '../source/core/plan/live.ts';
import {offersOf, readinessOf} from '../source/core/releases/offers.ts';
import type {InstanceReading} from '../source/core/releases/observation.ts';
import {verdictOf} from '../source/core/operations/verdict.ts';
import {releasesOf} from '../source/operations/checkout/releases.ts';
import {openCheckout} from './helpers/checkout.ts';

const [a, b, c] = [
	'1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d',
	'9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c',
	'5c4d3e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b7c6d',
] as const;
const history = [
	{sha: c, message: 'Third', isRevert: false},
	{sha: b, message: 'Second', isRevert: false},
	{sha: a, message: 'First', isRevert: false},
];

for (const [what, form] of [
	['a short SHA behind a word', 'sha-$(echo "$2" | cut -c 1-7)'],
	['the build of a semantic version', '1.4.0+$2'],
	['what git describe says', 'v1.2.3-4-g$(echo "$2" | cut -c 1-8)'],
] as const) {
	test(`deploy twice and roll back, where the version is ${what}`, async t => {
		const place = await openCheckout(t);
		place.script('deploy.sh', `#!/bin/sh\nprintf %s "${form}" > "live-$1"\n`);
		place.live('staging', `1.0.0+${a}`);
		for (const sha of [b, c]) {
			const plan = await place.operations.plan({kind: 'deploy', environment: 'staging', sha}, history);
			assert.deepEqual([plan.blocked, plan.from?.sha], [null, sha === b ? a : b]);
			assert.equal((await place.operations.start(plan, {phrase: null})).ok, true);
			const ended = await place.ended(plan.id);
			assert.deepEqual([ended.outcome, ended.exitCode], ['succeeded', 0], ended.because);
		}
		const back = await place.operations.plan({kind: 'rollback', environment: 'staging', release: null}, history);
		assert.deepEqual(
			[back.to?.sha, back.blocked, back.warnings.some(text => text.includes('unproven'))],
			[b, null, false],
		);
	});
}

const at = (version: string | null, over: Partial<InstanceReading> = {}): InstanceReading => ({
	instance: 'web-1',
	version,
	health: true,
	because: 'HTTP 200',
	latencyMs: 1,
	...over,
});
const ref = (sha: string) => ({release: sha, sha});
const observing = (version: string | null) => ({environment: 'staging', readAt: 1_000_000, instances: [at(version)]});

/** Deployments one after the other, of which the script says that they are done, and the environment what is given; with what is known afterwards. */
const deployed = (...course: ReadonlyArray<readonly [sha: string, after: InstanceReading, exitCode?: number]>) => {
	const events = course.flatMap(([sha, after, exitCode = 0], index): JournalEvent[] => {
		const from = index === 0 ? null : ref(course[index - 1]![0]);
		const before = [index === 0 ? at('v1.0.0') : course[index - 1]![1]];
		const {
			outcome,
			exitCode: own,
			because,
			next,
			live,
		} = verdictOf({
			kind: 'deploy',
			environment: 'staging',
			scriptKind: 'plain',
			end: {how: 'exited', code: exitCode},
			endLine: null,
			before,
			after: [after],
			expects: {versions: 1, healths: 1},
			target: ref(sha),
			from,
			stop: null,
			timedOut: false,
			wasKilled: false,
		});
		const operation = `op${index}`;
		return [
			{
				type: 'requested',
				operation,
				kind: 'deploy',
				environment: 'staging',
				from,
				to: ref(sha),
				sha,
				operator: 'kim',
				host: 'desk',
				command: ['x'],
				scriptKind: 'plain',
				planHash: 'h',
				usualSeconds: null,
				p95Seconds: null,
				phrase: null,
			},
			{type: 'script-ended', operation, exitCode, result: null, live: null, cause: null},
			{type: 'observed', operation, when: 'after', instances: [after]},
			{type: 'finished', operation, outcome, exitCode: own, because, next, live, log: null},
		];
	});
	const folded = foldRecords(
		nothingFolded,
		events.map((event, index): JournalRecord => ({
			...event,
			v: 1,
			seq: index + 1,
			at: (index + 1) * 1000,
			previous: '',
			hash: '',
		})),
	);
	const observation = observing(course.at(-1)![1].version);
	const releases = releasesOf(null, 'staging', {folded, pins: [], observation});
	const live = liveRef(observation, releases, folded, 'staging', history);
	const offers = offersOf(releases, aroundOf(folded, 'staging', live));
	return {
		folded,
		releases,
		live,
		offers,
		target: offers.find(({isDefault}) => isDefault),
		operations: [...folded.operations.values()].map(({operation}) => operation),
	};
};

test('a version that names no commit ends a deployment as unverified, and the release before is offered with its word', () => {
	for (const version of ['v1.4.0', '1.4.0', 'latest', null]) {
		const {operations, live, target, offers} = deployed([b, at(version)], [c, at(version)]);
		assert.deepEqual(
			operations.map(({outcome, exitCode}) => [outcome, exitCode]),
			[
				['interrupted', 7],
				['interrupted', 7],
			],
		);
		assert.equal(live?.sha, c, 'by the word of its script');
		assert.equal(target?.release.sha, b, JSON.stringify(offers));
		assert.match(target.because, /unproven: nobody has seen that it was this release that answered/);
		const readiness = readinessOf(offers);
		assert.deepEqual([readiness.ready, readiness.ready === true && readiness.to.wasHealthy], [true, 'unproven']);
	}
	const [{because, next}] = deployed([b, at('v1.4.0')]).operations as unknown as [{because: string; next: string}];
	assert.match(
		because,
		/^unverified: the script ended with 0, but whether staging runs 9f8e7d6 cannot be told: web-1 reports v1\.4\.0, healthy, and no commit can be read in v1\.4\.0$/,
	);
	assert.match(next, /versionPath/);
});

test('one that was proven is preferred; what contradicts, is sick, is silent or failed is never offered', () => {
	assert.equal(deployed([a, at(a)], [b, at('v1.4.0')], [c, at('v1.4.0')]).target?.release.sha, a);
	for (const after of [at(a), at('v1.4.0', {health: false}), at(null, {health: 'unknown', latencyMs: null})]) {
		assert.deepEqual(knownReleases(deployed([b, after]).folded, 'staging'), [], JSON.stringify(after));
	}
	assert.deepEqual(knownReleases(deployed([b, at('v1.4.0'), 1]).folded, 'staging'), []);
	// Shipped again, and seen this time.
	assert.equal(deployed([b, at('v1.4.0')], [b, at(b)]).releases[0]!.wasHealthy, true);
});

test('the list of the scripts is not contradicted by a version that names no commit', () => {
	const listed = [c, b].map(sha => ({
		id: sha,
		sha,
		isLive: sha === c,
		isPresent: true,
		wasHealthy: 'unproven' as const,
		isBad: false,
		badBecause: null,
		migration: 'none' as const,
		deployedAt: null,
		lastLiveAt: null,
		hosts: null,
	}));
	const known = {folded: nothingFolded, pins: []};
	assert.deepEqual(
		releasesOf(listed, 'staging', {...known, observation: observing('v1.4.0')}).map(({isLive}) => isLive),
		[true, false],
	);
	assert.equal(liveRef(observing('v1.4.0'), listed, nothingFolded, 'staging')?.sha, c);
	// One that does is believed.
	assert.deepEqual(
		releasesOf(listed, 'staging', {...known, observation: observing(`main-${b}`)}).map(({isLive}) => isLive),
		[false, true],
	);
});
