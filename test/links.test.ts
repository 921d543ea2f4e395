/** Links under what the screen says: where they lead, that they take no cell, and that nobody's text leads anywhere. */
import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import {render} from 'ink';
import {createElement} from 'react';
import {isPlainAddress, pagesOf} from '../source/core/github/pages.ts';
import {scenario} from '../source/simulator/model/scenario.ts';
import type {State} from '../source/state/model/state.ts';
import {rowUpdate} from '../source/tuning/terminal/row-update.ts';
import {createScreenGuard} from '../source/tuning/terminal/screen-guard.ts';
import {simpleWidth} from '../source/tuning/ink/simple-text.ts';
import {App} from '../source/ui/app.tsx';
import {linked} from '../source/ui/lines/links.ts';
import {picture} from '../source/ui/picture.ts';
import {ansiLine, screenText} from '../source/ui/lines/screen-text.ts';
import {type Line, lineWidth, type Span, widthOf, wrap} from '../source/ui/lines/text.ts';
import {lookOf} from '../source/ui/lines/theme.ts';
import {type AppOptions, openApp} from './helpers/app.ts';
import {openIncident} from './helpers/operator.ts';
import {openPromotion, openReleaser} from './helpers/releaser.ts';
import {keys, openTerminal, type TestTerminal} from './helpers/terminal.ts';

const home = 'https://github.com/acme/auto-author';
const linesOf = (state: State) => picture(state, lookOf(state.preferences, 'dark', state.frame));
const linksIn = (state: State): readonly Span[] =>
	linked(linesOf(state), state)
		.flat()
		.filter(({link}) => link !== undefined);
const leads = (state: State, text: string) => [
	...new Set(
		linksIn(state)
			.filter(part => part.text === text)
			.map(({link}) => link),
	),
];

const open = async (t: TestContext, options: AppOptions = {}) => {
	const app = await openApp({startMinutes: 9, columns: 120, rows: 40, ...options}, t);
	await app.settled();
	await app.advance(5000);
	return app;
};

/** The app in Ink behind the guard, as on a real screen. Gives back what ends it. */
const inTerminal = (app: Awaited<ReturnType<typeof open>>, terminal: TestTerminal, hasLinks: boolean): (() => void) => {
	const guard = createScreenGuard({stdout: terminal.stdout, stdin: terminal.stdin, ownsProcess: false});
	const ink = render(
		createElement(App, {
			store: app.store,
			background: 'dark',
			isForScreenReader: false,
			hasLinks,
			onReady: () => {},
		}),
		{
			stdin: terminal.stdin,
			stdout: guard.stdout,
			alternateScreen: true,
			incrementalRendering: false,
			exitOnCtrlC: false,
			patchConsole: false,
			interactive: true,
			maxFps: 120,
		},
	);
	return () => {
		ink.unmount();
		guard.dispose();
		terminal.close();
	};
};

test('pages are built from the repository itself and from what is a SHA or a number', () => {
	const pages = pagesOf({repository: 'acme/auto-author', url: home})!;
	const sha = 'ba1e5d94a4cd2f2c90a9901217ab5b4f5563e892';
	assert.deepEqual(
		[pages.commit(sha), pages.run(14_541_961_385), pages.pull(428)],
		[`${home}/commit/${sha}`, `${home}/actions/runs/14541961385`, `${home}/pull/428`],
	);
	for (const wrong of ['ba1e5d9', `${sha}0`, `${sha.slice(1)}\u0007`, '../../../evil', ''])
		assert.equal(pages.commit(wrong), null, wrong);
	for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])
		assert.deepEqual([pages.run(wrong), pages.pull(wrong)], [null, null], String(wrong));
	assert.equal(
		pagesOf({repository: 'acme/auto-author', url: 'https://git.acme.example/acme/auto-author'})!.pull(1),
		'https://git.acme.example/acme/auto-author/pull/1',
	);
	for (const url of [
		null,
		'https://github.com/mallory/auto-author',
		`${home}\u0007`,
		`${home}\u001B\\`,
		`${home}?x=1`,
		'javascript:alert(1)',
		'file:///acme/auto-author',
		'https://u:p@github.com/acme/auto-author',
		'https://gіthub.com/acme/auto-author',
		`${home} `,
	]) {
		const made = pagesOf({repository: 'acme/auto-author', url});
		assert.equal(made?.pull(1) ?? null, url === `${home}?x=1` ? `${home}/pull/1` : null, String(url));
	}
	assert.equal(pagesOf({repository: 'acme/auto author', url: 'https://github.com/acme/auto author'}), null);
});

test('an address is plain ASCII of http or https, without a name and a password', () => {
	for (const yes of ['https://staging.example/', 'http://10.0.0.1:8080/a?b=c;d#e'])
		assert.ok(isPlainAddress(yes), yes);
	for (const no of [
		'',
		'ftp://x/',
		'HTTPS://x/',
		' https://x/',
		'https://x/\n',
		'https://x/\u0007',
		'https://x/\u001B]8;;',
		'https://x/\u009C',
		'https://x/ö',
		'https://x/a b',
		'https://u@x/',
		`https://x/${'a'.repeat(2001)}`,
		'https://',
	])
		assert.ok(!isPlainAddress(no), JSON.stringify(no));
});

test('SHAs, runs, pull requests and addresses lead to their pages, on the board, in events, plans and operations', async t => {
	const app = await openIncident(t, {columns: 200, rows: 50});
	const [first] = app.state().snapshot!.candidates;
	assert.deepEqual(leads(app.state(), first!.sha.slice(0, 7)), [`${home}/commit/${first!.sha}`]);
	assert.deepEqual(leads(app.state(), '#428'), [`${home}/pull/428`]);
	assert.deepEqual(leads(app.state(), String(first!.tiers.e2e.runId)), [
		`${home}/actions/runs/${first!.tiers.e2e.runId}`,
	]);
	for (const key of ['e', 'esc', 'O', 'esc', '3', 'enter']) {
		await app.press(key);
		assert.ok(linksIn(app.state()).length > 0, `${key}\n${app.screen()}`);
	}
	const planned = await openReleaser(t, {columns: 120, rows: 40});
	await openPromotion(planned);
	assert.deepEqual(leads(planned.state(), '#424'), [`${home}/pull/424`]);
	const state = {
		...planned.state(),
		dialog: null,
		toast: {
			text: 'See https://docs.example/a?b=1 (https://x.example/ö).',
			tone: 'plain',
			untilWall: Number.MAX_SAFE_INTEGER,
		} as const,
	};
	assert.deepEqual(leads(state, 'https://docs.example/a?b=1'), ['https://docs.example/a?b=1']);
});

test('they take no cell and change no letter, at any size, whatever people have written', async t => {
	for (const name of ['release', 'nasty', 'red-e2e']) {
		const app = await open(t, {scenario: name});
		await app.press('e', 'esc', 'p', 'esc');
		for (const [columns, rows] of [
			[60, 15],
			[80, 24],
			[120, 40],
			[200, 50],
		] as const) {
			app.resize(columns, rows);
			const plain = linesOf(app.state());
			const lines = linked(plain, app.state());
			assert.equal(screenText(lines), screenText(plain));
			assert.deepEqual(
				lines.map(line => lineWidth(line)),
				plain.map(line => lineWidth(line)),
			);
			for (const {link} of lines.flat())
				if (link !== undefined)
					assert.match(
						link,
						/^https:\/\/github\.com\/acme\/auto-author\/(?:commit\/[0-9a-f]{40}|actions\/runs\/\d+|pull\/\d+)$/,
					);
		}
	}
});

test('what others write breaks out of nothing and leads nowhere of theirs', async t => {
	const evil =
		'Merge \u001B]8;;https://evil.example\u0007click\u001B]8;;\u0007 https://evil.example/x mallory/other#7 #12345678 see #9… and deadbee 14541961';
	const app = await open(t, {
		columns: 200,
		rows: 50,
		scenario: scenario({
			name: 'evil',
			description: 'Texts that want out.',
			events: [{at: '-1h', push: 'develop', by: 'mira-okafor', commits: [['a', evil]]}],
		}),
	});
	const text = linked(linesOf(app.state()), app.state())
		.map(line => ansiLine(line, null))
		.join('\n');
	const addresses = [...text.matchAll(/\u001B\]8;;([^\u0007\u001B]*)\u0007/g)].map(([, address]) => address!);
	assert.ok(addresses.length > 0);
	assert.equal(addresses.filter(address => address === '').length, addresses.length / 2, 'each is closed');
	for (const [index, address] of addresses.entries())
		assert.match(
			address,
			index % 2 === 1
				? /^$/
				: /^https:\/\/github\.com\/acme\/auto-author\/(?:commit\/[0-9a-f]{40}|actions\/runs\/\d+)$/,
		);
	assert.equal(text.split('\u001B]').length - 1, addresses.length, 'no other sequence');
	// Also where a span itself were given such an address.
	for (const link of [
		'https://x.example/\u0007\u001B]52;c;eHg=\u0007',
		'javascript:alert(1)',
		'https://x.example/\u001B\\',
	])
		assert.equal(ansiLine([{text: 'a', link}], null), 'a');
	const hostile = {...app.state(), snapshot: {...app.state().snapshot!, url: 'https://evil.example/mallory/else'}};
	assert.deepEqual(linksIn(hostile), []);
});

test('what is cut off leads nowhere', async t => {
	const app = await open(t);
	const state = app.state();
	const cut = (text: string) => linked([[{text}]], state)[0]!.filter(({link}) => link !== undefined);
	const run = String(state.snapshot!.candidates[0]!.tiers.e2e.runId);
	assert.deepEqual(
		cut(`run ${run}`).map(({text}) => text),
		[run],
	);
	for (const text of [
		`run ${run.slice(0, -2)}…`,
		`run ${run.slice(0, 6)}`,
		'Autosave (#42…',
		'Autosave (#42~',
		'a1e5d9',
		`x${state.snapshot!.candidates[0]!.sha.slice(0, 7)}`,
	])
		assert.deepEqual(cut(text), [], text);
});

test('an address that goes on in the rows below leads there from each of them, and only where all of it stands there', async t => {
	const app = await open(t);
	const address =
		'https://docs.github.com/en/authentication/authorizing-a-token-for-use-with-saml-single-sign-on?a=1';
	const state: State = {
		...app.state(),
		toast: {text: `See ${address}.`, tone: 'plain', untilWall: Number.MAX_SAFE_INTEGER},
	};
	const box = (text: string, width: number): readonly Line[] =>
		wrap(text, width).map(row => [
			{text: '│ '},
			{text: row.padEnd(width)},
			{text: ' │ '},
			{text: '7a86ad4 Toolbar'},
		]);
	const parts = (lines: readonly Line[]) =>
		linked(lines, state)
			.flat()
			.filter(({link}) => link === address)
			.map(({text}) => text);
	for (const width of [30, 40, 60, 98]) {
		const lines = box(`Authorise it: ${address}. Then press R.`, width);
		assert.equal(parts(lines).join(''), address, `${width}`);
		assert.ok(parts(lines).length > 1 || width === 98);
		assert.deepEqual(
			linked(lines, state).map(line => line.map(({text}) => text).join('')),
			lines.map(line => line.map(({text}) => text).join('')),
		);
	}
	const rows = box(address, 40);
	assert.deepEqual(parts(rows.slice(0, -1)), [], 'its end is not there');
	assert.deepEqual(parts(rows.slice(1)), [], 'its beginning is not there');
	assert.deepEqual(parts([rows[0]!, ...box('else', 40), ...rows.slice(1)]), [], 'something else is between');
	assert.deepEqual(parts([...rows.slice(0, -1), ...box(`${address.slice(80)}/evil`, 40)]), [], 'it is another one');
	assert.deepEqual(parts(rows.map(line => line.map(part => ({...part, style: {}})))), [], 'a log');
	assert.deepEqual(
		linked(rows, app.state())
			.flat()
			.filter(({link}) => link === address),
		[],
		'nothing of ours names it',
	);
});

test('off: the demo, a replay, by preference, and where the terminal is not known to take them', async t => {
	const app = await open(t);
	const state = app.state();
	assert.ok(linksIn(state).length > 0);
	assert.deepEqual(linksIn({...state, demo: {scenario: 'release', speed: 1}}), []);
	assert.deepEqual(linksIn({...state, preferences: {...state.preferences, terminal: 'quiet'}}), []);
	for (const hasLinks of [true, false]) {
		const terminal = openTerminal({columns: 120, rows: 40});
		const close = inTerminal(app, terminal, hasLinks);
		await terminal.until(/Candidates/);
		assert.equal(terminal.raw().includes('\u001B]8;'), hasLinks);
		close();
	}
});

/** The address under a cell, as the emulator has it. */
const addressAt = ({emulator}: TestTerminal, x: number, y: number): string | null => {
	const buffer = emulator.buffer.active;
	const cell = buffer.getLine(buffer.baseY + y)?.getCell(x) as unknown as {extended: {urlId: number}};
	const core = (
		emulator as unknown as {_core: {_oscLinkService: {getLinkData(id: number): {uri: string} | undefined}}}
	)._core;
	return cell.extended.urlId === 0 ? null : (core._oscLinkService.getLinkData(cell.extended.urlId)?.uri ?? null);
};

test('in a terminal: the link lies under its text alone, and stays right when rows are painted anew', async t => {
	const app = await open(t);
	const terminal = openTerminal({columns: 120, rows: 40});
	t.after(inTerminal(app, terminal, true));
	const trimmed = (text: string) =>
		text
			.split('\n')
			.map(line => line.trimEnd())
			.join('\n')
			.trimEnd();
	const isWhole = () => terminal.until(screen => trimmed(screen) === trimmed(app.screen()));
	const isAsWanted = () => {
		for (const [y, line] of linked(linesOf(app.state()), app.state()).entries()) {
			let x = 0;
			for (const {text, link} of line) {
				for (const end = x + widthOf(text); x < end; x++)
					assert.equal(addressAt(terminal, x, y), link ?? null, `${x},${y} ${text}`);
			}
		}
	};
	await isWhole();
	isAsWanted();
	for (const key of [keys.down, keys.down, 'p', keys.down, 'e', '?', keys.down]) {
		await terminal.press(key);
		await isWhole();
		isAsWanted();
	}
	await terminal.resize(80, 24);
	app.resize(80, 24);
	await isWhole();
	isAsWanted();
	await app.advance(10_000);
	await isWhole();
	isAsWanted();
});

test('a row is painted from the first cell that differs, with the link that is open there', () => {
	const link = (address: string, text: string) => `\u001B]8;;${address}\u0007${text}\u001B]8;;\u0007`;
	assert.equal(
		rowUpdate(3, `${link('https://x.example/1', 'ba1e5d9')} one`, `${link('https://x.example/1', 'ba1e5d9')} two`),
		'\u001B[3;9H\u001B[Ktwo',
	);
	assert.equal(
		rowUpdate(
			1,
			link('https://x.example/1', 'abcdefghijklmnopqrstuvwxyz0123456789'),
			link('https://x.example/1', 'abcdefghijklmnopqrstuvwxyz012345678X'),
		),
		'\u001B[1;36H\u001B[K\u001B]8;;https://x.example/1\u0007X\u001B]8;;\u0007',
	);
	const whole = rowUpdate(1, link('https://x.example/1', 'same'), link('https://x.example/2', 'same'));
	assert.ok(whole.includes('\u001B]8;;https://x.example/2\u0007same'), 'another address is another row');
	assert.equal(simpleWidth(`a${link('https://x.example/', 'bc')}\u001B[1md\u001B[0m`), 4);
	assert.equal(simpleWidth('a\u001B]8;;https://x.example/\u001B\\b'), -1);
});
