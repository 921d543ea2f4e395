/**
Which sequences beside the picture do good on this terminal: OSC 2 (title) and OSC 9;4 (progress). A terminal that does not know one
of them may print it, or take it for a notification: only those that are known to take it get it.
*/
import type {TerminalWords} from '../core/terminal-words.ts';

type Environment = Readonly<Record<string, string | undefined>>;
export type Talk = {title: boolean; progress: boolean};

export const silent: Talk = {title: false, progress: false};

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
	if (env['TMUX']) return {title: true, progress: false};
	return /^(?:screen|tmux)/.test(term) ? silent : {title: true, progress: takesProgress(env)};
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

export const talkText = ({title: hasTitle, progress: hasProgress}: Talk, words: TerminalWords): TalkText => ({
	greeting: hasTitle ? '\u001B[22;2t' : '',
	words: (hasTitle ? title(words.title) : '') + (hasProgress ? progressOf(words.progress) : ''),
	farewell: (hasProgress ? progressOff : '') + (hasTitle ? `${title('')}\u001B[23;2t` : ''),
});
