/**
Which sequences do good on this terminal: OSC 2 (title) and OSC 9;4 (progress) beside the picture, and in it OSC 8 (links). A terminal that does not know one
of them may print it, or take it for a notification: only those that are known to take it get it.
*/
import type {TerminalWords} from '../core/text/terminal-words.ts';

type Environment = Readonly<Record<string, string | undefined>>;
export type Talk = {title: boolean; progress: boolean; links: boolean};

export const silent: Talk = {title: false, progress: false, links: false};

const isAtLeast = (version: string | undefined, wanted: readonly number[]): boolean => {
	const parts = (version ?? '').split('.').map(part => Number.parseInt(part, 10));
	for (const [index, least] of wanted.entries()) {
		const part = parts[index] ?? 0;
		if (part !== least) return part > least;
	}
	return true;
};

/** None of these variables comes along over SSH: there progress stays off, and the title on. */
const takesProgress = (env: Environment): boolean =>
	Boolean(env['WT_SESSION']) ||
	env['ConEmuANSI'] === 'ON' ||
	env['TERM_PROGRAM'] === 'ghostty' ||
	(env['TERM_PROGRAM'] === 'iTerm.app' && isAtLeast(env['TERM_PROGRAM_VERSION'], [3, 6, 6])) ||
	Number(env['VTE_VERSION'] ?? 0) >= 8000;

/** By TERM_PROGRAM, from which version on. */
const linkingPrograms: Readonly<Record<string, readonly number[]>> = {
	'iTerm.app': [3, 1],
	WezTerm: [0],
	vscode: [1, 72],
	ghostty: [1],
	mintty: [3, 1],
	tmux: [3, 4],
};

/** Terminals that take links, or pass over them without a trace. Over SSH, TERM alone comes along. */
const takesLinks = (env: Environment): boolean => {
	// Who wants no colours reads with something plain; what CI shows is a log.
	if (env['NO_COLOR'] || env['CI']) return false;
	const program = env['TERM_PROGRAM'] ?? '';
	const since = Object.hasOwn(linkingPrograms, program) ? linkingPrograms[program]! : null;
	// tmux says its own name; whatever is behind it, tmux takes links from 3.4 on and hands them on where they do good.
	if (env['TMUX']) return program === 'tmux' && isAtLeast(env['TERM_PROGRAM_VERSION'], since!);
	return (
		(since !== null && program !== 'tmux' && isAtLeast(env['TERM_PROGRAM_VERSION'], since)) ||
		Number(env['VTE_VERSION'] ?? 0) >= 5000 ||
		Number(env['KONSOLE_VERSION'] ?? 0) >= 201_200 ||
		Boolean(env['WT_SESSION']) ||
		/^(?:xterm-kitty|xterm-ghostty|wezterm|foot|alacritty|contour)/.test(env['TERM'] ?? '')
	);
};

/** The consoles of Linux and Emacs print what they do not know; GNU screen and others between us and the terminal are not known to pass it on. */
export const talkOf = (env: Environment): Talk => {
	const term = env['TERM'] ?? '';
	if (
		term === '' ||
		/^(?:dumb|linux|vt|ansi|cons|sun|emacs|eterm)/i.test(term) ||
		env['INSIDE_EMACS'] ||
		env['STY'] ||
		env['ZELLIJ']
	)
		return silent;
	// tmux takes a title for its pane, and passes no progress on.
	if (env['TMUX']) return {title: true, progress: false, links: takesLinks(env)};
	return /^(?:screen|tmux)/.test(term) ? silent : {title: true, progress: takesProgress(env), links: takesLinks(env)};
};

const stringEnd = '\u0007';
const title = (text: string): string => `\u001B]2;${text}${stringEnd}`;
const progressOff = `\u001B]9;4;0${stringEnd}`;

const progressOf = (progress: TerminalWords['progress']): string => {
	if (progress === null) return progressOff;
	return progress.share === null
		? `\u001B]9;4;3${stringEnd}`
		: `\u001B]9;4;1;${Math.round(progress.share * 100)}${stringEnd}`;
};

/** `greeting` goes before the first words, `farewell` after the last: the terminal's own title comes back where it keeps one. */
export type TalkText = {greeting: string; words: string; farewell: string};

export const talkText = (
	{title: hasTitle, progress: hasProgress}: Omit<Talk, 'links'>,
	words: TerminalWords,
): TalkText => ({
	greeting: hasTitle ? '\u001B[22;2t' : '',
	words: (hasTitle ? title(words.title) : '') + (hasProgress ? progressOf(words.progress) : ''),
	farewell: (hasProgress ? progressOff : '') + (hasTitle ? `${title('')}\u001B[23;2t` : ''),
});
