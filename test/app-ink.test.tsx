/** The App in Ink: keys as they come from a terminal, the picture as Ink draws it. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {render} from 'ink-testing-library';
import {selectedIndex} from '../source/state/questions/select.ts';
import {App} from '../source/ui/app.tsx';
import {openApp} from './helpers/app.ts';
import {openOperator} from './helpers/operator.ts';

// Without them Ink asks the developer's terminal.
process.env['COLUMNS'] = '100';
process.env['LINES'] = '24';

const open = async (t: Parameters<typeof openApp>[1]) => {
	const app = await openApp({startMinutes: 9, columns: 100, rows: 24}, t);
	await app.settled();
	await app.advance(3000);
	const ink = render(<App store={app.store} background="dark" isForScreenReader={false} onReady={() => {}} />);
	t!.after(() => ink.unmount());
	await app.settled();
	return {app, ink};
};

test('Ink draws the picture of the state, line by line', async t => {
	const {app, ink} = await open(t);
	assert.deepEqual([app.state().columns, app.state().rows], [100, 24]);
	assert.equal(
		ink
			.lastFrame()!
			.replaceAll(/\u001B\[[\d;]*m/g, '')
			.split('\n')
			.map(line => line.trimEnd())
			.join('\n')
			.trimEnd(),
		app.screen().trimEnd(),
	);
});

test('keys that come in one chunk are as many keys', async t => {
	const {app, ink} = await open(t);
	ink.stdin.write('jjj');
	await app.settled();
	assert.equal(selectedIndex(app.state()), 3);
	ink.stdin.write('\u001B[A\u001B[A');
	await app.settled();
	assert.equal(selectedIndex(app.state()), 1);
	ink.stdin.write('3\r');
	await app.settled();
	assert.equal(app.state().view.place.name, 'tier');
	ink.stdin.write('\u001B?');
	await app.settled();
	assert.equal(app.state().view.place.name, 'board', 'Escape and the next key are two keys, however close');
	assert.equal(app.state().view.overlay?.name, 'help');
});

test('control keys, and what is no key', async t => {
	const {app, ink} = await open(t);
	ink.stdin.write('\u0010');
	await app.settled();
	assert.equal(app.state().view.overlay?.name, 'palette');
	ink.stdin.write('\u0003');
	await app.settled();
	assert.deepEqual(app.asked.at(-1), {type: 'quit', exitCode: 130});
});

test('a chunk that opens a dialog says nothing to it; a phrase in one chunk confirms nothing', async t => {
	const app = await openOperator(t, {columns: 100, rows: 24});
	const ink = render(<App store={app.store} background="dark" isForScreenReader={false} onReady={() => {}} />);
	t.after(() => ink.unmount());
	await app.settled();
	ink.stdin.write('Dj\ry');
	await app.settled();
	const {dialog} = app.state();
	assert.ok(dialog?.name === 'choose' && dialog.chosen === 'staging');
	for (const key of ['j', '\r']) {
		await app.advance(1000);
		ink.stdin.write(key);
		await app.settled();
	}
	await app.advance(1000);
	assert.match(ink.lastFrame()!, /Type .*production [0-9a-f]{7}/);
	const {plan} = app.state().dialog as {plan: {phrase: string}};
	for (const chunk of [plan.phrase, `\u001B[200~${plan.phrase}\u001B[201~`, `${plan.phrase}\r`, '\r']) {
		ink.stdin.write(chunk);
		await app.advance(1500);
	}
	assert.equal((app.state().dialog as {typing: {isPasted: boolean}}).typing.isPasted, true);
	assert.equal(app.operations.started.length, 0);
});

test('a bracketed paste is text, never keys', async t => {
	const {app, ink} = await open(t);
	ink.stdin.write('\u001B[200~q\u001B[201~');
	await app.settled();
	assert.equal(app.asked.length, 0);
});
