/** This machine: programs, folders, terminal. */
import {constants} from 'node:fs';
import {access, stat, statfs} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {Proxy} from '../../core/github/proxy.ts';
import {type Execute, executeMs} from './execute.ts';
import type {FolderReading, MachineReading} from '../model/model.ts';

export type MachineQuestion = {
	env: Readonly<Record<string, string | undefined>>;
	platform: NodeJS.Platform;
	directory: string;
	nodeVersion: string;
	directories: Readonly<Record<'state' | 'cache' | 'config', string>>;
	/** null: the output is no terminal. */
	terminal: {columns: number; rows: number; colours: number} | null;
	execute: Execute;
	/** What requests to GitHub go through; null: nothing. */
	proxy?: Proxy | null;
};

/** How each says its version; ssh says it on the error output. */
const tools: Readonly<Record<string, readonly string[]>> = {
	git: ['--version'],
	ssh: ['-V'],
	rsync: ['--version'],
	curl: ['--version'],
	bash: ['--version'],
};

/** The folder itself or the nearest that exists: where it would be made. */
const standing = async (path: string): Promise<string> => {
	for (let folder = path; ; folder = dirname(folder)) {
		if (
			(await stat(folder).then(
				() => true,
				() => false,
			)) ||
			dirname(folder) === folder
		)
			return folder;
	}
};

/** As the launcher looks at it (bin/skeleton.js), but for the folders above. */
const isShared = async (cache: string): Promise<boolean> => {
	const seen = await Promise.all([cache, join(cache, 'compiled')].map(path => stat(path).catch(() => null)));
	return seen.some(found => found !== null && (found.mode & 0o022) !== 0);
};

const readFolder = async (
	name: FolderReading['name'],
	path: string,
	platform: NodeJS.Platform,
): Promise<FolderReading> => {
	const nearest = await standing(path);
	const [found, isWritable, space] = await Promise.all([
		stat(path).catch(() => null),
		access(nearest, constants.W_OK).then(
			() => true,
			() => false,
		),
		statfs(nearest).catch(() => null),
	]);
	return {
		name,
		path,
		...(name === 'cache' && platform !== 'win32' && (await isShared(path)) && {isShared: true}),
		exists: found !== null,
		isWritable: isWritable && found?.isDirectory() !== false,
		isOpen: platform === 'win32' || found === null ? null : (found.mode & 0o077) !== 0,
		freeBytes: space === null ? null : space.bavail * space.bsize,
	};
};

const tmuxOption = async (name: string, {env, directory, execute}: MachineQuestion): Promise<string | null> => {
	const said = await execute('tmux', ['show-options', '-gv', name], {directory, env});
	return said?.code === 0 ? said.stdout.trim() : null;
};

const readTerminal = async (question: MachineQuestion): Promise<MachineReading['terminal']> => {
	const {env, terminal} = question;
	const language = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
	const isInTmux = Boolean(env['TMUX']);
	const [passthrough, clipboard] = isInTmux
		? await Promise.all([tmuxOption('allow-passthrough', question), tmuxOption('set-clipboard', question)])
		: [null, null];
	return {
		isTerminal: terminal !== null,
		term: env['TERM'] ?? null,
		columns: terminal?.columns ?? null,
		rows: terminal?.rows ?? null,
		hasColours: (terminal?.colours ?? 0) > 2,
		hasUnicode: /utf-?8/i.test(language) || question.platform === 'win32' || question.platform === 'darwin',
		tmux: isInTmux ? {passthrough: passthrough!, clipboard: clipboard!} : null,
		isRemote: Boolean(env['SSH_CONNECTION']),
	};
};

const readCertificates = async (env: MachineQuestion['env']) =>
	Promise.all(
		['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE']
			.filter(name => env[name])
			.map(async variable => {
				const path = env[variable]!;
				return {
					variable,
					path,
					isReadable: await access(path, constants.R_OK).then(
						() => true,
						() => false,
					),
				};
			}),
	);

export const readMachine = async (question: MachineQuestion): Promise<MachineReading> => {
	const {env, directory, directories, platform, nodeVersion, execute} = question;
	const version = async ([name, parameters]: readonly [string, readonly string[]]) => {
		const said = await execute(name, parameters, {directory, env});
		if (said === null) return {name, version: null, unsure: null};
		const unsure = said.isLate
			? `did not answer within ${executeMs / 1000} s`
			: said.code === 0
				? null
				: `ended with ${said.code} when asked for its version`;
		return {name, version: unsure === null ? (said.stdout || said.stderr).split('\n', 1)[0]!.trim() : null, unsure};
	};
	const [versions, folders, terminal, certificates] = await Promise.all([
		Promise.all(Object.entries(tools).map(version)),
		Promise.all((['state', 'cache', 'config'] as const).map(name => readFolder(name, directories[name], platform))),
		readTerminal(question),
		readCertificates(env),
	]);
	return {
		nodeVersion,
		tools: Object.fromEntries(versions.map(({name, version: words}) => [name, words])),
		unsure: Object.fromEntries(versions.flatMap(({name, unsure}) => (unsure === null ? [] : [[name, unsure]]))),
		folders,
		terminal,
		certificates,
		proxy: question.proxy ?? null,
	};
};
