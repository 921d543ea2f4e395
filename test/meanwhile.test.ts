/** What ended while no screen was open: one line on the next start, gone at the first look. */
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, utimesSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import type {Operation} from '../source/core/operations/operation.ts';
import {keepVisit, lastVisit, visitPath} from '../source/edges/visit.ts';
import type {Message} from '../source/state/model/messages.ts';
import {noticesOf} from '../source/state/view/notices.ts';
import {initialOperations} from '../source/state/model/operations-state.ts';
import type {State} from '../source/state/model/state.ts';
import {update} from '../source/state/update.ts';
import {noticeSentences} from '../source/ui/linear/operations.ts';
import {operationOf} from './helpers/operation.ts';
import {openOperator} from './helpers/operator.ts';

const minute = 60_000;

/** The first reading of the journal, of a screen that was last open five minutes ago. */
const opened = async (
	t: TestContext,
	operations: (wallNow: number) => readonly Operation[],
	leftMinutes: number | null = 5,
) => {
	const app = await openOperator(t, {columns: 120, rows: 24});
	const whole = app.state();
	let state: State = {
		...whole,
		leftAt: leftMinutes === null ? null : whole.wallNow - leftMinutes * minute,
		operations: initialOperations,
	};
	const tell = (message: Message) => {
		[state] = update(state, message);
	};
	const read = (list: readonly Operation[]) =>
		tell({
			type: 'operations-read',
			generation: state.operations.generation,
			reading: {...whole.operations.reading!, operator: 'ada', operations: list},
			now: state.now,
			wallNow: state.wallNow,
		});
	read(operations(state.wallNow));
	return {
		news: () =>
			noticesOf(state)
				.map(({text}) => text)
				.filter(text => text.startsWith('Since you left')),
		spoken: () => noticeSentences(state),
		press: (key: string) => tell({type: 'key-pressed', key}),
		state: () => state,
		read,
	};
};

const ended = (wallNow: number, minutesAgo: number, more: Partial<Operation> = {}) =>
	operationOf({
		environment: 'staging',
		startedAt: wallNow - (minutesAgo + 1) * minute,
		finishedAt: wallNow - minutesAgo * minute,
		operator: 'ada',
		...more,
	});

test('whose operation it was, how it ended, and the way to it', async t => {
	const app = await opened(t, now => [
		ended(now, 2, {outcome: 'failed', because: 'scripts/deploy.sh ended with 1; nothing was changed'}),
	]);
	assert.deepEqual(app.news(), [
		'Since you left: Deployment of 2222222 to staging by you failed 2m ago (O): scripts/deploy.sh ended with 1; nothing was changed.',
	]);
	assert.match(app.spoken().join('\n'), /Attention: Since you left/);
});

test('several are one line; what ended before is no news, and what runs still is none either', async t => {
	const app = await opened(t, now => [
		ended(now, 0, {outcome: 'running', finishedAt: null}),
		ended(now, 1, {operator: 'mira'}),
		ended(now, 3),
		ended(now, 6, {outcome: 'failed'}),
	]);
	assert.equal(app.news().length, 1);
	assert.match(app.news()[0]!, /by mira succeeded 1m ago, and 1 more \(O\)/);
});

test('a first start has missed nothing', async t => {
	assert.deepEqual((await opened(t, now => [ended(now, 2)], null)).news(), []);
});

test('it is gone at the first look at operations, and by Escape', async t => {
	for (const keys of [['O', 'esc'], ['esc']]) {
		const app = await opened(t, now => [ended(now, 2)]);
		assert.equal(app.news().length, 1);
		for (const key of keys) app.press(key);
		assert.equal(app.state().view.place.name, 'board');
		assert.deepEqual(app.news(), [], keys.join(' '));
	}
});

test('what ends while the screen is open is told at that moment, not as news', async t => {
	const app = await opened(t, () => []);
	app.read([ended(app.state().wallNow, 0)]);
	assert.deepEqual(app.news(), []);
});

test('when a screen was last open is kept, also for one that was killed, and a disk that cannot be written is no end', t => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-visit-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	const path = visitPath(folder, 'github.com', 'Acme/Auto-Author');
	assert.equal(lastVisit(path), null);
	const stop = keepVisit(path);
	assert.ok(lastVisit(path) !== null, 'from the first moment on');
	utimesSync(path, new Date(1000), new Date(1000));
	stop();
	assert.ok(lastVisit(path)! > 1000, 'and at the end');
	keepVisit(join(path, 'below', 'a-file'))();
});
