/** What promotions read of branches, commits and rules, and the branches that they remove. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {promotionBench} from './helpers/git-hub-promotions.ts';

const heads = (bench: ReturnType<typeof promotionBench>) =>
	[bench.at('refs/heads/main')!, bench.at('refs/heads/develop')!] as const;

test('a comparison: newest first, reverts marked, the same by names and by SHAs', async () => {
	const bench = promotionBench();
	const {promotions} = bench.edge();
	const [main, develop] = heads(bench);
	const revert = bench.commit('Undo the toolbar\n\nThis reverts commit 7a86ad4.', develop);
	const nasty = bench.commit('\u001B[31mRed\u202E text\nand more', revert);
	bench.move('refs/heads/develop', nasty);
	const compared = await promotions.compare('main', 'develop');
	assert.ok(compared.ok);
	assert.deepEqual(compared, await promotions.compare(main, nasty));
	assert.deepEqual(
		[compared.status, compared.behindBy, compared.isWhole, compared.commits.length],
		['ahead', 0, true, compared.aheadBy],
	);
	assert.deepEqual(compared.commits.slice(0, 2), [
		{sha: nasty, message: 'Red text', isRevert: false, author: 'jonas-lindqvist'},
		{sha: revert, message: 'Undo the toolbar', isRevert: true, author: 'jonas-lindqvist'},
	]);
	assert.equal(compared.commits[2]?.sha, develop);
	assert.ok(Array.isArray(compared.files));
});

test('all four words of a comparison', async () => {
	const bench = promotionBench();
	const {promotions} = bench.edge();
	const [main, develop] = heads(bench);
	const hotfix = bench.commit('Hotfix', main);
	const words = await Promise.all(
		[
			[main, develop],
			[develop, main],
			[main, main],
			[hotfix, develop],
		].map(async ([base, head]) => promotions.compare(base!, head!)),
	);
	assert.deepEqual(
		words.map(compared => compared.ok && compared.status),
		['ahead', 'behind', 'identical', 'diverged'],
	);
	assert.deepEqual(
		words.map(compared => compared.ok && compared.behindBy > 0),
		[false, true, false, true],
	);
});

test('several pages; of more than five the newest', async () => {
	for (const count of [250, 730]) {
		const bench = promotionBench();
		const [, develop] = heads(bench);
		let head = develop;
		for (let index = 0; index < count; index += 1) head = bench.commit(`Commit ${index}`, head);
		const compared = await bench.edge().promotions.compare(develop, head);
		assert.ok(compared.ok);
		assert.deepEqual(
			[
				compared.aheadBy,
				compared.isWhole,
				compared.commits[0]?.sha,
				new Set(compared.commits.map(({sha}) => sha)).size,
			],
			[count, count === 250, head, count === 250 ? 250 : 330],
		);
		assert.equal(compared.commits.at(-1)?.message, count === 250 ? 'Commit 0' : 'Commit 400');
		assert.equal(bench.api.counters.requests, count === 250 ? 3 : 5);
	}
});

test('files: renamed ones under both names; 300 are too many to trust', async () => {
	const bench = promotionBench();
	const body = (files: unknown[]) => ({
		status: 'ahead',
		ahead_by: 1,
		behind_by: 0,
		total_commits: 1,
		commits: [{sha: 'a'.repeat(40), author: null, commit: {message: 'x', author: {name: 'Nobody'}}}],
		files,
	});
	bench.pretend('/compare/some...nonsense?per_page=100&page=1', {});
	bench.pretend(
		'/compare/some...renames?per_page=100&page=1',
		body([{filename: '.env.example', previous_filename: '.env'}, {filename: 'config/x.yml'}]),
	);
	bench.pretend(
		'/compare/some...many?per_page=100&page=1',
		body(Array.from({length: 300}, (_, index) => ({filename: `${index}`}))),
	);
	const {promotions} = bench.edge();
	const [renamed, many, odd] = [
		await promotions.compare('some', 'renames'),
		await promotions.compare('some', 'many'),
		await promotions.compare('some', 'nonsense'),
	];
	assert.deepEqual(renamed.ok && renamed.files, ['.env.example', '.env', 'config/x.yml']);
	assert.equal(many.ok && many.files, null);
	assert.ok(!odd.ok && odd.kind === 'unreachable');
});

test('two that GitHub knows and cannot compare', async () => {
	const bench = promotionBench();
	const [[main], orphan] = [heads(bench), bench.commit('Begin anew', null)];
	const result = await bench.edge().promotions.compare(main, orphan);
	assert.equal(
		!result.ok && result.kind === 'no-such-commit' && result.because,
		`${main.slice(0, 7)} and ${orphan.slice(0, 7)} have no commit in common.`,
	);
});

test('what GitHub does not know', async () => {
	const bench = promotionBench();
	const {promotions} = bench.edge();
	const [main] = heads(bench);
	for (const [result, missing] of [
		[await promotions.compare('main', 'f'.repeat(40)), 'fffffff'],
		[await promotions.compare(main, 'f'.repeat(40)), 'fffffff'],
		[await promotions.compare('nowhere', main), 'nowhere'],
		[await promotions.compare('nowhere', 'f'.repeat(40)), 'nowhere or fffffff'],
		[await promotions.treeEquals(main, 'f'.repeat(40)), 'fffffff'],
		[await promotions.hasTreeOf('f'.repeat(40), main), 'fffffff'],
	] as const) {
		assert.ok(!result.ok && result.kind === 'no-such-commit', JSON.stringify(result));
		assert.equal(result.because, `GitHub does not know ${missing} here.`);
	}
	assert.deepEqual(await promotions.commit('f'.repeat(40)), {ok: true, commit: null});
	assert.deepEqual(await promotions.commit('not a sha'), {ok: true, commit: null});
	assert.deepEqual(await promotions.head('nowhere'), {ok: true, sha: null});
});

test('the head is asked for each time, and costs nothing while it stays', async () => {
	const bench = promotionBench();
	const {promotions} = bench.edge();
	const [main, develop] = heads(bench);
	assert.deepEqual(await promotions.head('main'), {ok: true, sha: main});
	const {core} = {...bench.api.counters};
	assert.deepEqual(await promotions.head('main'), {ok: true, sha: main});
	assert.equal(bench.api.counters.core, core);
	bench.move('refs/heads/main', develop);
	assert.deepEqual(await promotions.head('main'), {ok: true, sha: develop});
	bench.move('refs/heads/fix/über#1', develop);
	assert.deepEqual(await promotions.head('fix/über#1'), {ok: true, sha: develop});
});

test('a commit, and whether two have the same files', async () => {
	const bench = promotionBench();
	const {promotions} = bench.edge();
	const [main, develop] = heads(bench);
	const {tree} = bench.api.simulation.state.commits.get(develop)!;
	const merge = bench.commit('Merge', main, tree);
	assert.deepEqual(await promotions.commit(merge), {
		ok: true,
		commit: {sha: merge, tree, parents: [main], message: 'Merge'},
	});
	assert.deepEqual(
		[await promotions.treeEquals(merge, develop), await promotions.treeEquals(merge, main)],
		[
			{ok: true, isEqual: true},
			{ok: true, isEqual: false},
		],
	);
	const next = bench.commit('Next', develop);
	assert.deepEqual(
		[await promotions.hasTreeOf(merge, next), await promotions.hasTreeOf(merge, main)],
		[
			{ok: true, isThere: true},
			{ok: true, isThere: false},
		],
	);
});

test("the message of a lock's commit and the commit itself do not get into each other's way", async () => {
	const bench = promotionBench();
	const edge = bench.edge();
	const planted = bench.commit('not a lock', bench.at('refs/heads/main')!);
	bench.move('refs/deployctl/locks/production', planted);
	const [locks, commit] = [await edge.locks.read(), await edge.promotions.commit(planted)];
	assert.ok(locks.ok && locks.locks['production']?.lock === null);
	assert.ok(commit.ok && commit.commit?.message === 'not a lock');
	assert.ok((await edge.locks.read()).ok);
});

test('rules of a branch; a server that cannot say', async () => {
	const bench = promotionBench({
		rules: [{branch: 'main', pullRequest: {approvals: 2}, mergeQueue: {seconds: 60}, statusChecks: ['build']}],
	});
	const {promotions} = bench.edge();
	const [main, develop] = [await promotions.rules('main'), await promotions.rules('develop')];
	assert.ok(main.ok && main.rules && develop.ok && develop.rules);
	assert.deepEqual(
		[main.rules.pullRequest, main.rules.mergeQueue, [...main.rules.names].sort()],
		[{approvals: 2}, true, ['merge_queue', 'pull_request', 'required_status_checks']],
	);
	assert.deepEqual(develop.rules, {pullRequest: null, mergeQueue: false, names: []});
	assert.deepEqual(await bench.edge('sim_no-access').promotions.rules('main'), {ok: true, rules: null}, '404');
});

test('hotfix branches, newest first, at most twenty', async () => {
	const bench = promotionBench();
	const {promotions} = bench.edge();
	const [main] = heads(bench);
	bench.move('refs/heads/hotfixes', main);
	for (let index = 0; index < 25; index += 1) {
		bench.clock.advance(1000);
		bench.api.simulation.advanceTo(bench.clock.now());
		bench.move(`refs/heads/hotfix/fix-${index}`, bench.commit(`Fix ${index}`, main));
	}
	const found = await promotions.hotfixes('hotfix/');
	assert.ok(found.ok);
	assert.deepEqual(
		found.branches.map(({branch}) => branch),
		Array.from({length: 20}, (_, index) => `hotfix/fix-${24 - index}`),
	);
	assert.deepEqual(found.branches[0], {
		branch: 'hotfix/fix-24',
		sha: bench.at('refs/heads/hotfix/fix-24'),
		message: 'Fix 24',
		author: 'jonas-lindqvist',
		at: Math.floor(bench.clock.now() / 1000) * 1000,
	});
	assert.deepEqual(await promotions.hotfixes('none/'), {ok: true, branches: []});
});

test('a branch is deleted where it was last seen, and nowhere else', async () => {
	const bench = promotionBench();
	const {promotions} = bench.edge();
	const [main, develop] = heads(bench);
	const ref = 'refs/heads/deployctl/promote-1';
	bench.move(ref, develop);
	const elsewhere = await promotions.deleteBranch('deployctl/promote-1', main);
	assert.ok(!elsewhere.ok && elsewhere.kind === 'refused' && elsewhere.because.includes(develop.slice(0, 7)));
	assert.equal(bench.at(ref), develop);
	for (const fault of [null, {kind: 'lost-answer'}] as const) {
		bench.move(ref, develop);
		if (fault) bench.api.faults.next(fault, {match: {operation: 'UpdateRefs'}});
		assert.deepEqual(await promotions.deleteBranch('deployctl/promote-1', develop), {ok: true});
		assert.equal(bench.at(ref), undefined);
	}
	assert.deepEqual(await promotions.deleteBranch('deployctl/promote-1', develop), {ok: true}, 'gone is done');
	bench.move(ref, develop);
	bench.api.faults.next({kind: 'connection-reset'}, {match: {operation: 'UpdateRefs'}});
	const lost = await promotions.deleteBranch('deployctl/promote-1', develop);
	assert.ok(!lost.ok && lost.kind === 'unreachable');
});

test('failures are values', async () => {
	const bench = promotionBench();
	const {promotions} = bench.edge();
	const [main, develop] = heads(bench);
	for (const [fault, kind] of [
		[{kind: 'connection-reset'}, 'unreachable'],
		[{kind: 'unauthorised'}, 'not-permitted'],
	] as const) {
		bench.api.faults.next(fault, {times: 100});
		const results = [
			await promotions.compare(main, develop),
			await promotions.head('main'),
			await promotions.commit(main),
			await promotions.rules('main'),
			await promotions.treeEquals(main, develop),
			await promotions.hasTreeOf(main, develop),
			await promotions.hotfixes('hotfix/'),
			await promotions.deleteBranch('x', main),
		];
		for (const result of results) assert.ok(!result.ok && result.kind === kind, JSON.stringify(result));
		bench.api.faults.clear();
	}
});
