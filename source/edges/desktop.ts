/** The browser and the clipboard of whoever sits in front of the terminal. */
import {scriptEnvironment} from '../core/settings/child-environment.ts';
import type {Desktop} from '../world.ts';

type Machine = {
	platform: NodeJS.Platform;
	env: Readonly<Record<string, string | undefined>>;
	write(text: string): void;
};
type Command = readonly [file: string, ...args: string[]];

/** Programs that open a page, best first. Over SSH a browser would open where nobody sits. */
const openers = ({platform, env}: Machine): readonly Command[] => {
	if (env['BROWSER']) return [[env['BROWSER']]];
	if (platform === 'darwin') return [['open']];
	if (platform === 'win32') return [['rundll32', 'url.dll,FileProtocolHandler']];
	if (env['SSH_CONNECTION'] && !env['DISPLAY']) return [];
	return [['xdg-open'], ['wslview'], ['gio', 'open']];
};

const copiers = ({platform, env}: Machine): readonly Command[] => {
	if (platform === 'darwin') return [['pbcopy']];
	if (platform === 'win32') return [['clip']];
	return [
		...(env['WAYLAND_DISPLAY'] ? [['wl-copy'] as const] : []),
		...(env['DISPLAY'] ? [['xclip', '-selection', 'clipboard'] as const] : []),
	];
};

/** True when one of the commands ended well. Started only on a key press, so execa is loaded only then. */
const anyOf = async (
	commands: readonly Command[],
	env: Machine['env'],
	extra: readonly string[],
	input?: string,
): Promise<boolean> => {
	if (commands.length === 0) return false;
	const {execa} = await import('execa');
	for (const [file, ...args] of commands) {
		const {failed} = await execa(file, [...args, ...extra], {
			// A browser needs what nobody can list; GitHub's tokens it does not.
			env: scriptEnvironment(env, {named: [], ours: []}),
			extendEnv: false,
			reject: false,
			timeout: 5000,
			stdout: 'ignore',
			stderr: 'ignore',
			...(input === undefined ? {stdin: 'ignore' as const} : {input}),
		});
		if (!failed) return true;
	}
	return false;
};

/** Terminals that take the clipboard sequence; asking first would need a reply that many never send. */
const takesOsc52 = (env: Machine['env']): boolean =>
	env['TERM'] !== undefined &&
	env['TERM'] !== 'dumb' &&
	env['TERM'] !== 'linux' &&
	env['TERM_PROGRAM'] !== 'Apple_Terminal';

export const systemDesktop = (machine: Machine): Desktop => ({
	async open(url) {
		// Only pages: a crafted `file:` or custom scheme from an answer must not start programs.
		return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
			? anyOf(openers(machine), machine.env, [url])
			: false;
	},
	async copy(text) {
		const byTool = await anyOf(copiers(machine), machine.env, [], text);
		if (takesOsc52(machine.env)) {
			machine.write(`\u001B]52;c;${Buffer.from(text).toString('base64')}\u0007`);
			return true;
		}
		return byTool;
	},
});
