/** The World's operations, whole: from a wish to an outcome, with real scripts, real supervisors and an environment that answers over HTTP. */
import assert from 'node:assert/strict';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {full, goodScript, openCheckout} from './helpers/checkout.ts';

const [a, b, c] = [full('a'), full('b'), full('c')];
const history = [
	{sha: c, message: 'Third', isRevert: false},
	{sha: b, message: 'Second', isRevert: false},
	{sha: a, message: 'First', isRevert: false},
];

test('deploy and roll back with plain scripts, the lock on GitHub taken and given back: done is what the environment says', async t => {
	const place = await openCheckout(t);
	place.live('staging', a);
	const plan = await place.operations.plan({kind: 'deploy', environment: 'staging', sha: b}, history);
	assert.deepEqual(
		[plan.blocked, plan.phrase, plan.from?.sha, plan.to?.sha, plan.coming?.map(({sha}) => sha), plan.going],
		[null, null, a, b, [b], []],
	);
	assert.deepEqual(plan.command, [join(place.directory, 'scripts/deploy.sh'), 'staging', b]);
	const started = await place.operations.start(plan, {phrase: null});
	assert.equal(started.ok, true, JSON.stringify(started));
	const ended = await place.ended(plan.id);
	assert.deepEqual([ended.outcome, ended.exitCode, ended.operator], ['succeeded', 0, 'mira-okafor'], ended.because);
	assert.equal(place.liveOn('staging'), b);
	const second = await place.operations.plan({kind: 'deploy', environment: 'staging', sha: c}, history);
	assert.equal((await place.operations.start(second, {phrase: null})).ok, true);
	assert.equal((await place.ended(second.id)).outcome, 'succeeded');
	const {readiness} = await place.operations.read();
	assert.equal(readiness['staging']?.ready === true && readiness['staging'].to.sha, b, JSON.stringify(readiness));
	const back = await place.operations.plan({kind: 'rollback', environment: 'staging', release: null}, history);
	assert.deepEqual([back.to?.sha, back.blocked, back.going?.map(({sha}) => sha)], [b, null, [c]]);
	assert.equal((await place.operations.start(back, {phrase: null})).ok, true);
	assert.equal((await place.ended(back.id)).outcome, 'succeeded');
	assert.equal(place.liveOn('staging'), b);
	const after = await place.operations.read();
	assert.deepEqual(
		after.pins.map(({sha}) => sha),
		[c],
		'the bad release is pinned',
	);
	const again = await place.operations.plan({kind: 'deploy', environment: 'staging', sha: c}, history);
	assert.match(again.blocked?.because ?? '', /pinned/);
	assert.deepEqual(await place.operations.unpin('staging', 'it was the cache'), {ok: true});
	assert.equal(
		(await place.operations.plan({kind: 'deploy', environment: 'staging', sha: c}, history)).blocked,
		null,
	);
	const log = place.operations.log(back.id);
	await log.grow();
	assert.deepEqual(await log.lines(0, 5), [`shipping ${b} to staging`]);
	await log.close();
});

test('production wants evidence and the typed phrase; the edge checks the phrase itself', async t => {
	const place = await openCheckout(t, {
		options: {
			proveAgain: async sha =>
				sha === b
					? null
					: {
							ok: false,
							because: `${sha.slice(0, 7)} is not proven: E2E failed`,
							next: 'Fix it.',
							exitCode: 3,
						},
		},
	});
	place.live('production', a);
	assert.match(
		(await place.operations.plan({kind: 'deploy', environment: 'production', sha: c}, history)).blocked?.because ??
			'',
		/not proven/,
	);
	const plan = await place.operations.plan({kind: 'deploy', environment: 'production', sha: b}, history);
	assert.deepEqual([plan.blocked, plan.phrase], [null, 'production bbbbbbb']);
	for (const phrase of [null, '', 'production aaaaaaa', 'production bbbbbbb ']) {
		const refused = await place.operations.start(plan, {phrase});
		assert.deepEqual([refused.ok, !refused.ok && refused.exitCode], [false, 3]);
	}
	assert.equal(place.liveOn('production'), a);
	assert.equal(existsSync(place.paths.journal), false, 'nothing was even begun');
	// The plan was told that it is proven; the supervisor asks GitHub itself, which knows no such commit.
	const started = await place.operations.start(plan, {phrase: 'production bbbbbbb'});
	const ended = await place.ended(plan.id);
	assert.deepEqual(
		[ended.outcome, ended.exitCode, place.liveOn('production')],
		['failed', 3, a],
		JSON.stringify([started, ended.because]),
	);
});

test('a protected environment that needs no evidence: the phrase, and nothing else', async t => {
	const place = await openCheckout(t, {
		settings: settings => ({
			...settings,
			environments: settings.environments.map(each => ({...each, isProtected: true})),
		}),
	});
	place.live('staging', a);
	const plan = await place.operations.plan({kind: 'deploy', environment: 'staging', sha: b}, history);
	assert.equal(!(await place.operations.start(plan, {phrase: null})).ok && plan.phrase, 'staging bbbbbbb');
	assert.equal((await place.operations.start(plan, {phrase: plan.phrase})).ok, true);
	assert.equal((await place.ended(plan.id)).outcome, 'succeeded');
});

test('read-only refuses everything that changes, below every interface', async t => {
	const place = await openCheckout(t, {options: {readOnly: true}});
	place.live('staging', a);
	const plan = await place.operations.plan({kind: 'deploy', environment: 'staging', sha: b}, history);
	assert.match(plan.blocked?.because ?? '', /read-only/);
	const {operations} = place;
	for (const answer of [
		await operations.start({...plan, blocked: null}, {phrase: null}),
		await operations.stop('x', false),
		await operations.lock('staging', 'audit'),
		await operations.unlock('staging', null),
		await operations.unpin('staging', 'x'),
	]) {
		assert.deepEqual([answer.ok, !answer.ok && answer.exitCode], [false, 3]);
	}
	assert.equal(existsSync(place.paths.directory), false, 'not even a folder was made');
});

test('a script is judged by reading it: an unknown one is never run by looking, listing or planning', async t => {
	const place = await openCheckout(t);
	const witness = join(place.directory, 'it-ran');
	const trap = `#!/bin/sh\n${'# filler\n'.repeat(20)}# Contract: deployctl/1\ntouch ${witness}\n`;
	place.script('deploy.sh', trap);
	place.script('rollback.sh', trap);
	const plan = await place.operations.plan({kind: 'deploy', environment: 'staging', sha: b}, history);
	assert.equal(plan.scriptKind, 'plain', 'the line stands too late to count');
	await place.operations.refresh(['staging', 'production']);
	await place.operations.plan({kind: 'rollback', environment: 'staging', release: null}, history);
	await place.operations.read();
	assert.equal(existsSync(witness), false);
});

test('a script that ends with 1 although it did its work needs somebody to look', async t => {
	const place = await openCheckout(t);
	place.live('staging', a);
	place.script('deploy.sh', `${goodScript}exit 1\n`);
	const plan = await place.operations.plan({kind: 'deploy', environment: 'staging', sha: b}, history);
	assert.equal((await place.operations.start(plan, {phrase: null})).ok, true);
	const ended = await place.ended(plan.id);
	assert.deepEqual([ended.outcome, ended.exitCode], ['interrupted', 7], ended.because);
});

test('a human lock blocks until its holder gives it back, or somebody breaks it by its id and a reason', async t => {
	const place = await openCheckout(t);
	place.live('staging', a);
	const {operations} = place;
	assert.deepEqual(await operations.lock('staging', 'audit'), {ok: true});
	const second = await operations.lock('staging', 'mine');
	assert.equal(!second.ok && second.exitCode, 6);
	const plan = await operations.plan({kind: 'deploy', environment: 'staging', sha: b}, history);
	assert.deepEqual([plan.blocked?.exitCode, /audit/.test(plan.blocked?.because ?? '')], [6, true]);
	const other = place.reopen({user: 'lee', gitHub: null});
	const refused = await other.unlock('staging', null);
	assert.equal(!refused.ok && refused.exitCode, 6);
	const lock = (await operations.read()).locks['staging'];
	assert.ok(lock?.state === 'held' && lock.lock.kind === 'human' && !lock.isStale);
	assert.equal((await other.unlock('staging', {id: 'nonsense', reason: 'x'})).ok, false);
	assert.deepEqual(await other.unlock('staging', {id: lock.lock.id, reason: 'the audit is over'}), {ok: true});
	const left = (await operations.read()).locks['staging'];
	assert.ok(left?.state === 'held' && left.where === 'github', "who has no GitHub breaks this machine's only");
	assert.deepEqual(await operations.unlock('staging', {id: lock.lock.id, reason: 'there too'}), {ok: true});
	assert.equal((await operations.read()).locks['staging']?.state, 'free');
	assert.match(readFileSync(place.paths.journal, 'utf8'), /the audit is over.*lock-broken/);
	assert.deepEqual(await operations.lock('staging', 'again'), {ok: true});
	assert.deepEqual(await operations.unlock('staging', null), {ok: true});
	assert.equal((await operations.unlock('staging', null)).ok, true, 'unlocking what is free is done already');
});

test('while one runs: another is refused with who and what, stop ends it, and nothing of it stays', async t => {
	const place = await openCheckout(t);
	place.live('staging', a);
	place.script('deploy.sh', '#!/bin/sh\nsleep 600 & sleep 600\n');
	const plan = await place.operations.plan({kind: 'deploy', environment: 'staging', sha: b}, history);
	assert.equal((await place.operations.start(plan, {phrase: null})).ok, true);
	const reading = await place.operations.read();
	assert.deepEqual(
		[reading.operations[0]?.outcome, reading.operations[0]?.isSupervised, reading.locks['staging']?.state],
		['running', true, 'held'],
	);
	const second = await place.operations.plan({kind: 'deploy', environment: 'staging', sha: c}, history);
	assert.deepEqual([second.blocked?.exitCode, second.blocked?.next.includes(plan.id)], [6, true]);
	const rollback = await place.operations.plan({kind: 'rollback', environment: 'staging', release: null}, history);
	assert.equal(rollback.stopping, plan.id, 'a rollback stops it first');
	const lock = reading.locks['staging'];
	const broken = await place.operations.unlock('staging', {
		id: lock?.state === 'held' ? lock.lock.id : '',
		reason: 'impatient',
	});
	assert.equal(!broken.ok && broken.exitCode, 6, 'the lock of a living operation is not broken');
	assert.deepEqual(await place.operations.stop(plan.id, false), {ok: true});
	const ended = await place.ended(plan.id);
	assert.notEqual(ended.outcome, 'running');
	assert.equal((await place.operations.stop(plan.id, false)).ok, false);
	assert.equal((await place.operations.read()).locks['staging']?.state, 'free');
});

test('wrong names and missing scripts are refused with what exists; nothing falls back to another environment', async t => {
	const place = await openCheckout(t);
	const unknown = await place.operations.plan({kind: 'deploy', environment: 'prod', sha: b}, history);
	assert.deepEqual(
		[unknown.blocked?.exitCode, unknown.blocked?.next],
		[2, 'deployctl.yml knows staging, production.'],
	);
	assert.equal((await place.operations.start(unknown, {phrase: null})).ok, false);
	for (const commit of ['ddddddd', null]) {
		const missing = await place.operations.plan(
			{kind: 'deploy', environment: 'staging', sha: commit},
			commit === null ? [] : history,
		);
		assert.equal(missing.blocked?.exitCode, 2);
	}
	writeFileSync(join(place.directory, 'scripts/deploy.sh'), goodScript, {mode: 0o644});
	const {chmodSync, rmSync, symlinkSync} = await import('node:fs');
	chmodSync(join(place.directory, 'scripts/deploy.sh'), 0o644);
	const blockedNow = async () =>
		(await place.operations.plan({kind: 'deploy', environment: 'staging', sha: b}, history)).blocked?.because ?? '';
	assert.match(await blockedNow(), /may not be executed/);
	rmSync(join(place.directory, 'scripts/deploy.sh'));
	assert.match(await blockedNow(), /there is no scripts\/deploy\.sh/);
	symlinkSync('/bin/true', join(place.directory, 'scripts/deploy.sh'));
	assert.match(await blockedNow(), /leads out of the repository/);
});

test("when something else went live than the releases' list says, the next look asks the script again", async t => {
	const place = await openCheckout(t, {options: {trustsScripts: true}});
	const listing = (live: string) =>
		`#!/bin/sh\n# Contract: deployctl/1\necho asked >> asked\nfor release in 3:${c} 2:${b} 1:${a}; do\n  sha=\${release#*:}; is=no; [ $sha = ${live} ] && is=yes\n  echo "deployctl/1 2026-11-24T00:00:00Z +0.001 note release id=2026112400000\${release%%:*}-$sha sha=$sha live=$is complete=yes healthy=yes bad=no candidate=yes migration=none deployed=2026-11-24T00:00:0\${release%%:*}Z"\ndone\necho "deployctl/1 2026-11-24T00:00:00Z +0.002 end list exit=0 result=listed"\n`;
	place.script('rollback.sh', listing(b));
	place.live('staging', b);
	const {operations} = place;
	const look = async () => {
		await operations.observe('staging');
		await operations.refresh(['staging']);
		const {readiness} = await operations.read();
		return readiness['staging']?.ready === true ? readiness['staging'].to.sha : readiness['staging'];
	};
	assert.equal(await look(), a);
	assert.equal(await look(), a);
	const asked = () => readFileSync(join(place.directory, 'asked'), 'utf8').split('\n').length - 1;
	assert.equal(asked(), 1, 'what is young and true is not asked for again');
	// Somebody has deployed by hand.
	place.script('rollback.sh', listing(c));
	place.live('staging', c);
	assert.equal(await look(), b);
	assert.equal(asked(), 2);
});
