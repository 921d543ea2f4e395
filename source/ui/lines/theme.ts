/** One record per state: symbol, word and tone; and the tones' colours per theme. Never colour alone: the symbol or word is always there. */
import type {Operation} from '../../core/operations/operation.ts';
import type {Status} from '../../core/pipeline/pipeline.ts';
import type {Preferences} from '../../core/settings/preferences.ts';

export type Tone = 'good' | 'bad' | 'busy' | 'wait' | 'quiet' | 'accent' | 'strong' | 'danger';
export type Colour = 'green' | 'red' | 'cyan' | 'blue' | 'yellow' | 'magenta' | 'gray';

type Mark = {unicode: string; ascii: string; tone: Tone};

/** Symbols of one cell in every font: no emoji, no private-use glyphs. */
export const marks: Readonly<Record<Status, Mark>> = {
	none: {unicode: '·', ascii: '.', tone: 'quiet'},
	queued: {unicode: '○', ascii: 'o', tone: 'wait'},
	waiting: {unicode: '◷', ascii: 'w', tone: 'wait'},
	running: {unicode: '●', ascii: '*', tone: 'busy'},
	passed: {unicode: '✔', ascii: 'V', tone: 'good'},
	failed: {unicode: '✖', ascii: 'X', tone: 'bad'},
	cancelled: {unicode: '⊘', ascii: '/', tone: 'quiet'},
	skipped: {unicode: '↷', ascii: '-', tone: 'quiet'},
	unknown: {unicode: '?', ascii: '?', tone: 'wait'},
};

/** How an operation stands. Back on the release before is neither good nor bad; interrupted needs somebody. */
export const outcomeMarks: Readonly<Record<Operation['outcome'], Mark>> = {
	running: marks.running,
	succeeded: marks.passed,
	failed: marks.failed,
	'rolled-back': {unicode: '↷', ascii: '<', tone: 'wait'},
	interrupted: {unicode: '▲', ascii: '!', tone: 'bad'},
};

const spinner = {unicode: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'], ascii: ['|', '/', '-', '\\']};

const glyphs = {
	unicode: {
		horizontal: '─',
		vertical: '│',
		topLeft: '╭',
		topRight: '╮',
		bottomLeft: '╰',
		bottomRight: '╯',
		filled: '━',
		empty: '─',
		cursor: '▸',
		live: '●',
		warn: '▲',
		arrow: '→',
		up: '↑',
		down: '↓',
		ellipsis: '…',
		separator: '·',
		mark: '┃',
	},
	ascii: {
		horizontal: '-',
		vertical: '|',
		topLeft: '+',
		topRight: '+',
		bottomLeft: '+',
		bottomRight: '+',
		filled: '=',
		empty: '-',
		cursor: '>',
		live: '*',
		warn: '!',
		arrow: '->',
		up: '^',
		down: 'v',
		ellipsis: '~',
		separator: '-',
		mark: '|',
	},
};

const palettes: Readonly<Record<'dark' | 'light', Readonly<Record<Tone, Colour | null>>>> = {
	dark: {
		good: 'green',
		bad: 'red',
		busy: 'cyan',
		wait: 'yellow',
		quiet: 'gray',
		accent: 'cyan',
		strong: null,
		danger: 'red',
	},
	// Yellow and cyan cannot be read on white.
	light: {
		good: 'green',
		bad: 'red',
		busy: 'blue',
		wait: 'magenta',
		quiet: 'gray',
		accent: 'blue',
		strong: null,
		danger: 'red',
	},
};

export type Look = {
	glyphs: (typeof glyphs)['unicode'];
	colours: Readonly<Record<Tone, Colour | null>> | null;
	markOf(status: Status): {text: string; tone: Tone};
	/** The same, but running turns. For one place a tier: a symbol that turns in every row would only be restless, and repaint them all. */
	turningMarkOf(status: Status): {text: string; tone: Tone};
	outcomeMarkOf(outcome: Operation['outcome']): {text: string; tone: Tone};
};

/** `frame` moves the spinner; with reduced motion running is a still symbol. `background` is what `auto` stands for. */
export const lookOf = (preferences: Preferences, background: 'dark' | 'light', frame: number): Look => {
	const {symbols, theme, motion} = preferences;
	const frames = spinner[symbols];
	return {
		glyphs: glyphs[symbols],
		colours: theme === 'mono' ? null : palettes[theme === 'auto' ? background : theme],
		markOf: status => ({text: marks[status][symbols], tone: marks[status].tone}),
		turningMarkOf: status => ({
			text: status === 'running' && motion === 'full' ? frames[frame % frames.length]! : marks[status][symbols],
			tone: marks[status].tone,
		}),
		outcomeMarkOf: outcome => ({text: outcomeMarks[outcome][symbols], tone: outcomeMarks[outcome].tone}),
	};
};

/** COLORFGBG is `foreground;background` where a terminal sets it; 7 and 15 are light grounds. */
export const backgroundFrom = (colorfgbg: string | undefined): 'dark' | 'light' => {
	const ground = colorfgbg?.split(';').at(-1);
	return ground === '7' || ground === '15' ? 'light' : 'dark';
};
