/** Title and progress: on terminals that take them, taken back whenever the screen is left, and never with words that break out. */
import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import {silent, talkOf, talkText} from '../source/edges/terminal-talk.ts';
import type {State} from '../source/state/model/state.ts';
import {terminalWords} from '../source/state/view/terminal-words.ts';
import {createScreenGuard} from '../source/tuning/terminal/screen-guard.ts';
import {operationOf} from './helpers/operation.ts';
import {openOperator} from './helpers/operator.ts';

test('which terminal gets what: unknown ones and those in between as little as they are known to take', () => {
	const title = {title: true, progress: false, links: false};
	const linked = {...title, links: true};
	const all = {title: true, progress: true, links: true};
	for (const [env, expected] of [
		[{TERM: 'xterm-256color'}, title],
		[{TERM: 'xterm-kitty'}, linked],
		[{TERM: 'xterm-256color', VTE_VERSION: '7603'}, linked],
		[{TERM: 'xterm-256color', VTE_VERSION: '4801'}, title],
		[{TERM: 'xterm-256color', VTE_VERSION: '8001'}, all],
		[{TERM: 'xterm-256color', WT_SESSION: 'a'}, all],
		[{TERM: 'xterm-ghostty', TERM_PROGRAM: 'ghostty'}, all],
		[{TERM: 'xterm-256color', TERM_PROGRAM: 'iTerm.app', TERM_PROGRAM_VERSION: '3.5.14'}, linked],
		[{TERM: 'xterm-256color', TERM_PROGRAM: 'iTerm.app', TERM_PROGRAM_VERSION: '3.6.6'}, all],
		[{TERM: 'xterm-256color', TERM_PROGRAM: 'iTerm.app', TERM_PROGRAM_VERSION: '3.0.15'}, title],
		[{TERM: 'xterm-256color', TERM_PROGRAM: 'Apple_Terminal', TERM_PROGRAM_VERSION: '455'}, title],
		[{TERM: 'xterm-256color', TERM_PROGRAM: 'constructor', TERM_PROGRAM_VERSION: '9'}, title],
		[{TERM: 'xterm-256color', TERM_PROGRAM: 'vscode', TERM_PROGRAM_VERSION: '1.95.3'}, linked],
		[{TERM: 'xterm-256color', KONSOLE_VERSION: '201202'}, linked],
		[{TERM: 'foot'}, linked],
		// What asks for less gets less.
		[{TERM: 'xterm-kitty', NO_COLOR: '1'}, title],
		[{TERM: 'xterm-kitty', NO_COLOR: ''}, linked],
		[{TERM: 'xterm-kitty', CI: 'true'}, title],
		[{TERM: 'tmux-256color', TMUX: '/tmp/tmux,1,0', TERM_PROGRAM: 'tmux', TERM_PROGRAM_VERSION: '3.4'}, linked],
		[{TERM: 'tmux-256color', TMUX: '/tmp/tmux,1,0', TERM_PROGRAM: 'tmux', TERM_PROGRAM_VERSION: '3.3a'}, title],
		[{TERM: 'tmux-256color', TERM_PROGRAM: 'tmux', TERM_PROGRAM_VERSION: '3.5'}, silent],
		[
			{TERM: 'tmux-256color', TMUX: '/tmp/tmux,1,0', TERM_PROGRAM: 'WezTerm', TERM_PROGRAM_VERSION: '20240203'},
			title,
		],
		// tmux hands on neither, and takes the title for itself, whatever terminal is behind it.
		[{TERM: 'tmux-256color', TMUX: '/tmp/tmux,1,0', WT_SESSION: 'a'}, title],
		[{TERM: 'screen', TMUX: '/tmp/tmux,1,0'}, title],
		[{TERM: 'screen', STY: '1.pts'}, silent],
		[{TERM: 'screen-256color'}, silent],
		[{TERM: 'xterm-256color', ZELLIJ: '0', WT_SESSION: 'a'}, silent],
		[{TERM: 'dumb'}, silent],
		[{TERM: 'linux'}, silent],
		[{TERM: 'vt100'}, silent],
		[{}, silent],
		[{TERM: 'xterm-256color', INSIDE_EMACS: '29'}, silent],
	] as const)
		assert.deepEqual(talkOf(env), expected, JSON.stringify(env));
});

const opened = async (t: TestContext): Promise<State> => (await openOperator(t, {columns: 100, rows: 24})).state();
const withOperation = (state: State, over: Parameters<typeof operationOf>[0]): State => ({
	...state,
	operations: {
		...state.operations,
		reading: {
			...state.operations.reading!,
			operations: [
				operationOf({
					outcome: 'running',
					finishedAt: null,
					environment: 'staging',
					startedAt: state.wallNow - 30_000,
					...over,
				}),
			],
		},
	},
});

test('what is said: the operation, what is wrong, how far the tests are', async t => {
	const state = await opened(t);
	assert.deepEqual(terminalWords(withOperation(state, {usualSeconds: 60})), {
		title: 'auto-author: Deployment of 2222222 to staging is running',
		progress: {share: 0.5},
	});
	assert.deepEqual(terminalWords(withOperation(state, {usualSeconds: null})).progress, {share: null});
	assert.deepEqual(
		terminalWords(withOperation(state, {usualSeconds: 1})).progress,
		{share: 0.95},
		'what takes longer than usual is not done',
	);
	assert.equal(terminalWords({...state, snapshot: null}).title, 'auto-author: deployctl');
	assert.equal(terminalWords({...state, snapshot: null}).progress, null);
});

test('no name from outside ends the sequence that it stands in, and no secret is in it', async t => {
	const state = await opened(t);
	const hostile = 'v1\u0007\u001B]52;c;eHg=\u0007\u009C\u009D\u001B\\\nghp_abcdefghijklmnopqrstuvwxyz0123456789';
	const {title} = terminalWords(
		withOperation(
			{...state, repository: `acme/${hostile}`},
			{to: {release: hostile, sha: null}, environment: hostile},
		),
	);
	// oxlint-disable-next-line no-control-regex -- That is what must not be there.
	assert.doesNotMatch(title, /[\u0000-\u001F\u007F-\u009F]|ghp_abcdef/);
	const {words} = talkText({title: true, progress: true}, {title, progress: {share: 0.5}});
	assert.deepEqual([words.split('\u001B').length - 1, words.split('\u0007').length - 1], [2, 2], 'one sequence each');
});

test('progress in the words of terminals', () => {
	const words = (progress: {share: number | null} | null) =>
		talkText({title: false, progress: true}, {title: 'x', progress}).words;
	assert.deepEqual(
		[words({share: 0.424}), words({share: null}), words(null)],
		['\u001B]9;4;1;42\u0007', '\u001B]9;4;3\u0007', '\u001B]9;4;0\u0007'],
	);
	assert.deepEqual(talkText(silent, {title: 'x', progress: {share: 1}}), {greeting: '', words: '', farewell: ''});
});

test('said on the screen alone, once, again after each return, and taken back whenever it is left', () => {
	let raw = '';
	const terminal = {
		isTTY: true,
		rows: 24,
		columns: 80,
		write: (text: string) => {
			raw += text;
			return true;
		},
		on: () => terminal,
		off: () => terminal,
	} as unknown as NodeJS.WriteStream;
	const guard = createScreenGuard({stdout: terminal, stdin: {isTTY: false} as NodeJS.ReadStream, ownsProcess: false});
	const taken = () => {
		const text = raw;
		raw = '';
		return text;
	};
	const said = (title: string) => talkText({title: true, progress: true}, {title, progress: null});
	guard.tell(said('one'));
	assert.equal(taken(), '', 'not before the screen is entered');
	guard.stdout.write('\u001B[?1049h');
	assert.equal(taken(), '\u001B[?1049h\u001B[22;2t\u001B]2;one\u0007\u001B]9;4;0\u0007');
	guard.tell(said('one'));
	assert.equal(taken(), '', 'the same is not said twice');
	guard.tell(said('two'));
	assert.equal(taken(), '\u001B]2;two\u0007\u001B]9;4;0\u0007');
	guard.stdout.write('\u001B[?1049l');
	assert.ok(taken().startsWith('\u001B[?1049l\u001B]9;4;0\u0007\u001B]2;\u0007\u001B[23;2t'), 'suspended');
	guard.tell(said('three'));
	assert.equal(taken(), '');
	guard.stdout.write('\u001B[?1049h');
	assert.equal(taken(), '\u001B[?1049h\u001B[22;2t\u001B]2;three\u0007\u001B]9;4;0\u0007');
	guard.leave();
	assert.match(taken(), /\u001B\[\?1049l\u001B\]9;4;0\u0007\u001B\]2;\u0007\u001B\[23;2t/);
	guard.tell(said('four'));
	assert.equal(taken(), '', 'nothing after the end');
	guard.dispose();
});
