/** A promotion watches production: what names no commit proves nothing, and is nobody else's release either. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {releasesIn} from '../source/core/operations/release-list.ts';
import {soak, verifyLive} from '../source/operations/promoter/verify.ts';
import type {Course} from '../source/operations/promoter/course.ts';

const [sha, other] = ['1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d', '9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c'] as const;

/** `says`: what production reports the n-th time; the last of them from then on. Time passes only by waiting, and an hour is the end. */
const watching = (says: readonly string[], soakSeconds = 60) => {
	const told: string[] = [];
	let [now, asked] = [0, 0];
	const speech = {begin: () => {}, ok: () => {}, fail: () => {}, note: (_: string, text: string) => told.push(text)};
	const clock = {
		now: () => now,
		after: async (ms: number) => {
			now += ms;
			if (now > 3_600_000) throw new Error('it never ends');
		},
	};
	const observe = async () => ({
		environment: 'production',
		readAt: now,
		instances: [
			{
				instance: 'web-1',
				version: says[Math.min(asked++, says.length - 1)]!,
				health: true,
				because: '',
				latencyMs: 1,
			},
		],
	});
	const course = {
		speech,
		clock,
		signal: new AbortController().signal,
		environment: {version: ['https://x.example'], health: ['https://x.example']},
		observe,
		plan: {promotion: {soakSeconds}},
		reached: {},
	} as unknown as Course;
	return {course, told, waited: () => now};
};

test('production is proven by any usual form of the commit, and by nothing that names none', async () => {
	for (const form of [sha, `sha-${sha.slice(0, 7)}`, `1.4.0+${sha.slice(0, 9)}`])
		assert.equal((await verifyLive(watching([other, form]).course, sha, {did: true})).ok, true, form);
	const unread = await verifyLive(watching(['v1.4.0']).course, sha, {did: true});
	assert.deepEqual(
		[unread.ok, !unread.ok && unread.ending.exit, !unread.ok && unread.ending.result],
		[false, 31, 'unverified'],
	);
	assert.match(
		unread.ok ? '' : unread.ending.because,
		/nobody can tell whether production runs 1a2b3c4: no commit can be read in v1\.4\.0/,
	);
	const elsewhere = await verifyLive(watching([other]).course, sha, {did: true});
	assert.equal(!elsewhere.ok && elsewhere.ending.result, 'not-live');
});

test('another commit overtakes; what cannot be compared only does not count, until it says so again', async () => {
	const overtaken = await soak(watching([sha, other]).course, sha);
	assert.equal(!overtaken.ok && overtaken.ending.result, 'overtaken');
	const [steady, doubtful] = [watching([sha]), watching([sha, 'v1.4.0', 'v1.4.0', 'v1.4.0', sha])];
	assert.deepEqual([(await soak(steady.course, sha)).ok, (await soak(doubtful.course, sha)).ok], [true, true]);
	assert.ok(doubtful.waited() > steady.waited(), 'that time was not counted');
	assert.match(doubtful.told.join('\n'), /healthy, but it does not say that it is 1a2b3c4/);
	await assert.rejects(soak(watching(['v1.4.0']).course, sha), /never ends/);
});

test('a list of releases says which are unproven', () => {
	const line = (rest: string) => `deployctl/1 2026-11-24T00:00:00Z +0.100 ${rest}\n`;
	const answer = releasesIn(
		line(
			'note release id=20261124000002-bbbbbbb sha=bbbbbbb live=no complete=yes healthy=unproven bad=no candidate=yes migration=none deployed=- -- unproven: nobody saw it',
		) + line('end list exit=0'),
	);
	assert.deepEqual(
		answer.ok &&
			answer.releases.map(({wasHealthy, isBad, scriptSays}) => [wasHealthy, isBad, scriptSays?.isCandidate]),
		[['unproven', false, true]],
	);
});
