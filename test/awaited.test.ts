/** A dialog that is wished for while what it needs is still being read: it is there at once, takes nothing, and opens by itself. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Message} from '../source/state/model/messages.ts';
import {initialOperations} from '../source/state/model/operations-state.ts';
import {modeOf} from '../source/state/questions/select.ts';
import type {State} from '../source/state/model/state.ts';
import {update} from '../source/state/update.ts';
import {linearLines} from '../source/ui/linear/linear.ts';
import {picture} from '../source/ui/picture.ts';
import {screenText} from '../source/ui/lines/screen-text.ts';
import {lookOf} from '../source/ui/lines/theme.ts';
import {openOperator} from './helpers/operator.ts';

const screenOf = (state: State) => screenText(picture(state, lookOf({...state.preferences, theme: 'mono'}, 'dark', 0)));

/** A program that has just started: the pipeline may be known, the journal is not. */
const starting = async (t: Parameters<typeof openOperator>[0]) => {
	const app = await openOperator(t, {columns: 100, rows: 24});
	const whole = app.state();
	let state: State = {...whole, operations: initialOperations};
	const tell = (message: Message) => {
		const [next, effects] = update(state, message);
		state = next;
		return effects;
	};
	return {
		whole,
		state: () => state,
		change: (change: Partial<State>) => {
			state = {...state, ...change};
		},
		press: (...keys: readonly string[]) =>
			keys.flatMap(key => {
				tell({type: 'ticked', now: state.now + 100, wallNow: state.wallNow + 100});
				return tell({type: 'key-pressed', key});
			}),
		read: (reading = whole.operations.reading) =>
			tell({
				type: 'operations-read',
				generation: state.operations.generation,
				reading,
				now: state.now,
				wallNow: state.wallNow,
			}),
	};
};

test('B before the journal is read: a dialog that takes nothing, and then the one that was wished for', async t => {
	const app = await starting(t);
	app.press('B');
	assert.equal(modeOf(app.state()), 'awaited');
	assert.match(screenOf(app.state()), /Roll back[\s\S]*reading local history/);
	assert.match(linearLines(app.state()).join('\n'), /Roll back: reading local history/);
	const effects = app.press('enter', 'enter', 'y', 'q', 'D', 'o', ...'production');
	assert.deepEqual(
		effects.filter(({type}) => type !== 'tick'),
		[],
	);
	assert.equal(modeOf(app.state()), 'awaited', 'no key runs as a command, none confirms');
	app.read();
	const {dialog} = app.state();
	assert.equal(dialog?.name, 'choose');
	assert.equal(dialog.shownAt, app.state().wallNow, 'what confirms too soon is counted from here');
});

test('Escape closes it, and what is read then opens nothing', async t => {
	const app = await starting(t);
	app.press('B', 'esc');
	assert.equal(app.state().dialog, null);
	app.read();
	assert.equal(app.state().dialog, null);
});

test('where it cannot be opened after all the reason is said, and the next letters run nothing', async t => {
	const app = await starting(t);
	app.press('U');
	app.read();
	assert.equal(app.state().dialog, null);
	assert.match(app.state().toast!.text, /no release is pinned/);
	assert.deepEqual(
		app.press('q', 't', 'o').filter(({type}) => type === 'quit' || type === 'open'),
		[],
	);
	assert.equal(modeOf(app.state()), 'board');
});

test('D and P are about the commit that was selected: another one by then opens nothing', async t => {
	for (const key of ['D', 'P']) {
		const app = await starting(t);
		app.press(key);
		assert.equal(modeOf(app.state()), 'awaited', key);
		app.change({view: {...app.state().view, selectedSha: app.whole.snapshot!.candidates[2]!.sha}});
		app.read();
		assert.equal(app.state().dialog, null);
		assert.match(app.state().toast!.text, /another commit is selected/);
		const same = await starting(t);
		same.press(key);
		same.read();
		assert.ok(['choose', 'plan'].includes(same.state().dialog!.name), key);
	}
});

test('without any commit in view D and P wait for nothing; / takes text, and Enter does nothing until there is something to search', async t => {
	const app = await starting(t);
	app.change({snapshot: null, facts: null});
	app.press('P');
	assert.equal(app.state().dialog, null);
	app.press('esc', 'esc', '/', ...'toolbar', 'enter');
	assert.deepEqual(app.state().view.overlay, {name: 'search', query: 'toolbar'});
	assert.match(screenOf(app.state()), /\/toolbar +reading …/);
	app.change({snapshot: app.whole.snapshot, facts: app.whole.facts});
	assert.doesNotMatch(screenOf(app.state()), /reading …/);
	app.press('enter');
	assert.equal(app.state().view.overlay, null);
	assert.equal(app.state().view.query, 'toolbar');
});
