/** Golden screens: whole pictures at the sizes that matter. */
import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import {widthOf} from '../source/ui/lines/text.ts';
import {type AppOptions, openApp} from './helpers/app.ts';
import {openIncident, openOperator} from './helpers/operator.ts';
import {openPromotion, openReleaser} from './helpers/releaser.ts';
import {isAsApproved} from './helpers/screens.ts';

type App = Awaited<ReturnType<typeof openApp>>;
type Picture = {
	name: string;
	options?: AppOptions;
	seconds?: number;
	act?: (app: App) => Promise<void>;
	sizes?: ReadonlyArray<readonly [columns: number, rows: number]>;
};

const sizes = [
	[60, 20],
	[80, 24],
	[120, 40],
] as const;

const pictures: readonly Picture[] = [
	{name: 'board', sizes: [...sizes, [100, 30], [200, 50]]},
	{name: 'board-low', sizes: [[200, 30]]},
	{name: 'steps', act: app => app.press('3'), sizes: [[200, 50]]},
	{name: 'outage', options: {scenario: 'outage', startMinutes: 0}, seconds: 90, sizes: [[80, 24]]},
	{name: 'first-answer', options: {startMinutes: 0}, seconds: 0},
	{name: 'ascii', options: {preferences: {symbols: 'ascii', motion: 'reduced'}}},
	{name: 'red-e2e', options: {scenario: 'red-e2e', startMinutes: 20}},
	{name: 'approval', options: {scenario: 'approval', startMinutes: 6}},
	{name: 'chained', options: {scenario: 'chained', startMinutes: 12}},
	{name: 'hotfix', options: {scenario: 'hotfix', startMinutes: 1}},
	{name: 'empty', options: {scenario: 'empty', startMinutes: 1}},
	{name: 'nasty', options: {scenario: 'nasty', startMinutes: 2}},
	{name: 'many-jobs', options: {scenario: 'many-jobs', startMinutes: 3}},
	{name: 'tier', act: app => app.press('3', 'enter')},
	{
		name: 'job',
		act: async app => {
			await app.press('3', 'enter', 'j', 'enter');
			await app.advance(1500);
		},
	},
	{name: 'gate', act: app => app.press('p')},
	{name: 'events', options: {startMinutes: 0}, seconds: 240, act: app => app.press('e')},
	{name: 'help', act: app => app.press('?')},
	{name: 'palette', act: app => app.press(':', 't', 'h', 'e', 'm', 'e')},
	{name: 'search', act: app => app.press('/', 't', 'o', 'o', 'l')},
	{name: 'refused', options: {startMinutes: 0}, seconds: 0, act: app => app.press('4', 'enter', 'enter')},
];

for (const {name, options, seconds = 5, act, sizes: own = sizes} of pictures) {
	test(`screen: ${name}`, async t => {
		const app = await openApp({startMinutes: 9, ...options}, t);
		await app.settled();
		await app.advance(seconds * 1000);
		await act?.(app);
		for (const [columns, rows] of own) {
			app.resize(columns, rows);
			isAsApproved(name, app.screen(), columns, rows);
		}
	});
}

/** Opened at their size: what is read goes by the room that there is. */
const extremes: ReadonlyArray<{name: string; open: (t: TestContext, size: AppOptions) => Promise<App>}> = [
	{
		name: 'extreme-green',
		open: async (t, size) => {
			const app = await openOperator(t, {...size, startMinutes: 13});
			await app.advance(20_000);
			return app;
		},
	},
	{
		name: 'extreme-red',
		open: async (t, size) => {
			const app = await openApp({...size, scenario: 'red-e2e', startMinutes: 20}, t);
			await app.settled();
			await app.advance(5000);
			return app;
		},
	},
	{name: 'extreme-incident', open: async (t, size) => openIncident(t, size)},
	{
		name: 'extreme-plan',
		open: async (t, size) => {
			const app = await openReleaser(t, size);
			await openPromotion(app);
			return app;
		},
	},
	{
		name: 'extreme-help',
		open: async (t, size) => {
			const app = await openOperator(t, size);
			await app.press('?');
			return app;
		},
	},
];

for (const {name, open} of extremes) {
	for (const [columns, rows] of [
		[60, 15],
		[200, 50],
	] as const) {
		test(`screen: ${name} at ${columns}x${rows}`, async t =>
			isAsApproved(name, (await open(t, {columns, rows})).screen(), columns, rows));
	}
}

test('from 60 by 15 on everything fits at every size; below, a plain message says so', async t => {
	const app = await openApp({startMinutes: 9}, t);
	await app.settled();
	await app.advance(5000);
	for (let columns = 20; columns <= 220; columns += 7) {
		for (let rows = 5; rows <= 70; rows += 5) {
			app.resize(columns, rows);
			const lines = app.screen().split('\n');
			assert.ok(lines.length <= Math.max(1, rows - 1), `${columns}x${rows}`);
			for (const line of lines) assert.ok(widthOf(line) <= columns, `${columns}x${rows}: ${line}`);
			if (columns < 60 || rows < 15) assert.match(lines.join('\n'), /terminal/);
			else assert.match(lines.join('\n'), /[0-9a-f]{7} /);
		}
	}
});
