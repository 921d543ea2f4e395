/** This machine: what deployments run on. */
import {proxyAdvice} from '../../core/github/proxy.ts';
import {sayingIn} from '../model/findings.ts';
import type {Finding, FolderReading, MachineReading, Readings} from '../model/model.ts';

const say = sayingIn('machine');
const megabyte = 1024 * 1024;

const node = ({nodeVersion}: MachineReading): Finding => {
	const [major = 0, minor = 0] = nodeVersion.replace(/^v/, '').split('.').map(Number);
	return major > 22 || (major === 22 && minor >= 13)
		? say('ok', 'node', `Node.js ${nodeVersion}`)
		: say('error', 'node', `Node.js ${nodeVersion} is older than 22.13`, {
				why: 'deployctl does not start with it.',
				how: 'Install a newer one.',
			});
};

const uses: Readonly<Record<string, {severity: 'error' | 'warning' | 'note'; why: string}>> = {
	git: {severity: 'error', why: 'The checkout, its remote and its history are read with it.'},
	bash: {severity: 'error', why: 'The scripts are written for it.'},
	ssh: {severity: 'warning', why: 'The scripts reach other hosts with it.'},
	rsync: {severity: 'warning', why: 'The scripts bring releases to their hosts with it.'},
	curl: {severity: 'warning', why: 'The scripts ask for health with it.'},
};

const tools = ({tools: found, unsure = {}}: MachineReading): readonly Finding[] =>
	Object.entries(found).map(([name, version]) =>
		unsure[name] !== undefined
			? say('unknown', 'tool', `${name} is here, but ${unsure[name]}`, {
					why: uses[name]?.why ?? null,
					how: `Run it again; or see what ${name} does by itself.`,
					where: name,
				})
			: version === null
				? say(uses[name]?.severity ?? 'note', 'tool', `${name} is not here`, {
						why: uses[name]?.why ?? null,
						how: `Install ${name}.`,
						where: name,
					})
				: say('ok', 'tool', version, {where: name}),
	);

const folder = ({
	name,
	path,
	exists,
	isWritable,
	isOpen,
	isShared = false,
	freeBytes,
}: FolderReading): readonly Finding[] => {
	const where = {where: path};
	const isNeeded = name !== 'config';
	return [
		isWritable
			? say('ok', 'folder', `The ${name} folder ${exists ? 'can be written to' : 'can be made'}`, where)
			: say(
					name === 'state' ? 'error' : 'warning',
					'folder',
					`The ${name} folder cannot be written to: ${path}`,
					{
						why:
							name === 'state'
								? 'Without a journal nothing is deployed.'
								: 'What was learnt is forgotten at the end.',
						how: 'Correct its owner and permissions.',
						...where,
					},
				),
		...(name === 'state' && isOpen === true
			? [
					say('warning', 'folder-open', `Others may look into the state folder: ${path}`, {
						why: 'Journals and logs of deployments are in it.',
						how: `chmod 700 ${path}`,
						...where,
						fix: {kind: 'restrict-folder', path},
					}),
				]
			: []),
		...(isShared
			? [
					say('warning', 'folder-shared', `Others may write into the cache folder: ${path}`, {
						why: 'Compiled code is kept in it, and is run; it is not used as it is, so that every start is slower.',
						how: `rm -r ${path}/compiled && chmod 700 ${path}`,
						...where,
					}),
				]
			: []),
		...(isNeeded && freeBytes !== null && freeBytes < 200 * megabyte
			? [
					say(
						freeBytes < 20 * megabyte ? 'error' : 'warning',
						'space',
						`${Math.floor(freeBytes / megabyte)} MB are left for the ${name} folder`,
						{
							why: 'With a full disk the journal cannot be written, and nothing is deployed.',
							how: 'Make room.',
							...where,
						},
					),
				]
			: []),
	];
};

const terminal = ({
	terminal: {isTerminal, term, columns, rows, hasColours, hasUnicode, tmux, isRemote},
}: MachineReading): readonly Finding[] => {
	if (!isTerminal) return [say('note', 'terminal', 'The output is not a terminal, so nothing can be said about it')];
	const isSmall = columns !== null && rows !== null && (columns < 80 || rows < 24);
	return [
		term === null || term === 'dumb'
			? say('error', 'terminal', `This terminal cannot show a screen (TERM is ${term ?? 'not set'})`, {
					how: 'Use the commands that print lines: status, watch --plain; or another terminal.',
				})
			: say('ok', 'terminal', `TERM is ${term}`),
		...(isSmall
			? [
					say(columns < 60 ? 'warning' : 'note', 'size', `The terminal has ${columns}×${rows} characters`, {
						why: 'The screen is made for 80×24 and more, and usable from 60 columns on.',
					}),
				]
			: []),
		...(hasColours
			? []
			: [
					say('note', 'colours', 'The terminal has no colours', {
						why: 'Every state has a symbol and a word too.',
					}),
				]),
		...(hasUnicode
			? []
			: [
					say('note', 'unicode', 'The language is not UTF-8', {
						why: 'Symbols may be shown as question marks.',
						how: '--ascii, or set LANG to one with UTF-8.',
					}),
				]),
		...(tmux !== null && tmux.clipboard === 'off'
			? [
					say('note', 'clipboard', 'tmux keeps copied text to itself', {
						why: 'Copying (y) goes by OSC 52.',
						how: 'set -g set-clipboard on',
					}),
				]
			: []),
		...(tmux === null && isRemote
			? [say('ok', 'clipboard', 'Over SSH, copying depends on OSC 52 in your terminal')]
			: []),
	];
};

/** How requests leave this machine: nothing is said where the environment says nothing. */
const network = ({proxy = null, certificates = []}: MachineReading): readonly Finding[] => [
	...(proxy === null
		? []
		: [
				proxy.problem === null
					? say('ok', 'proxy', `GitHub is asked through the proxy ${proxy.shown} (${proxy.variable})`)
					: say('warning', 'proxy', `The proxy of ${proxy.variable} is not used: ${proxy.problem}`, {
							why: 'Requests go out without it, and fail where they may not.',
							how: proxyAdvice(proxy),
						}),
			]),
	...certificates.map(({variable, path, isReadable}) =>
		isReadable
			? say('ok', 'certificates', `The certificates of ${variable} are trusted`, {where: path})
			: say('warning', 'certificates', `${variable} names a file that cannot be read: ${path}`, {
					why: 'Its certificates are not trusted, and hosts that need them are unreachable.',
					how: `Correct ${variable}, or leave it out.`,
					where: path,
				}),
	),
];

export const checkMachine = ({machine}: Readings): readonly Finding[] => [
	node(machine),
	...tools(machine),
	...machine.folders.flatMap(folder),
	...network(machine),
	...terminal(machine),
];
