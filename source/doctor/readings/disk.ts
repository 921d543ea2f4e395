/** What lies in the checkout: workflows and scripts. Nothing is run but git and `bash -n`, which reads and does not execute. */
import {createHash} from 'node:crypto';
import {constants} from 'node:fs';
import {access, readdir, stat} from 'node:fs/promises';
import {join} from 'node:path';
import type {Settings} from '../../core/settings/settings.ts';
import {readBounded, readTextBounded} from '../../settings/checkout/bounded-read.ts';
import {
	type BeyondReading,
	type DiskReading,
	type FileReading,
	type Read,
	type ScriptReading,
	notAsked,
} from '../model/model.ts';
import {readMigrations} from './migrations.ts';
import {readGateFile} from './gate-file.ts';
import {parseWorkflow} from '../model/workflow-model.ts';
import type {DiskQuestion} from './disk-question.ts';

/** GitHub takes no workflow above 512 kB, and no script is as long. Bytes. */
const fileAtMost = 1024 * 1024;

const readText = (path: string): Promise<string | null> => readTextBounded(path, fileAtMost);

/** Git's own name for a content: so a file here can be compared with GitHub's without asking for it. */
const blobOf = (bytes: Uint8Array): string =>
	createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

const readWorkflow = async (folder: string, file: string): Promise<FileReading> => {
	try {
		const bytes = await readBounded(join(folder, file), fileAtMost);
		const parsed = await parseWorkflow(file, bytes.toString('utf8'));
		return 'workflow' in parsed
			? {file, sha: blobOf(bytes), workflow: parsed.workflow, because: null}
			: {file, sha: blobOf(bytes), workflow: null, because: parsed.problem};
	} catch (error) {
		return {
			file,
			sha: '',
			workflow: null,
			because: `it cannot be read: ${(error as Error).message}`,
			isUnread: true,
		};
	}
};

const readWorkflows = async (root: string): Promise<readonly FileReading[]> => {
	const folder = join(root, '.github', 'workflows');
	const names = await readdir(folder).catch(() => []);
	return Promise.all(
		names
			.filter(name => /\.ya?ml$/.test(name))
			.sort()
			.map(name => readWorkflow(folder, name)),
	);
};

const contractOf = (text: string, line: string): string | null => {
	const begin = line.slice(0, line.lastIndexOf('/') + 1);
	return (
		text
			.split('\n', 20)
			.find(one => one.startsWith(begin))
			?.slice(line.lastIndexOf(' ') + 1) ?? null
	);
};

const syntaxOf = async (
	path: string,
	text: string,
	{root, env, execute}: DiskQuestion,
): Promise<Read<string | null>> => {
	if (!/^#!.*\b(?:ba)?sh\b/.test(text)) return notAsked('it is not a script of a shell');
	const said = await execute('bash', ['-n', path], {directory: root, env});
	if (said === null)
		return {ok: false, kind: 'unreachable', because: 'bash is not here to read it', next: 'Install bash.'};
	if (said.isLate)
		return {ok: false, kind: 'unreachable', because: 'bash did not answer in time', next: 'Run it again.'};
	return {ok: true, value: said.code === 0 ? null : said.stderr.split('\n', 1)[0]!.replace(`${path}: `, '')};
};

const isExecutable = (path: string): Promise<boolean> =>
	access(path, constants.X_OK).then(
		() => true,
		() => false,
	);

const readScript = async (path: string, question: DiskQuestion): Promise<ScriptReading> => {
	const {root, env, execute, contractLine} = question;
	const full = join(root, path);
	const text = await stat(full).then(
		found => (found.isFile() ? readText(full) : null),
		() => null,
	);
	if (text === null)
		return {
			path,
			text: null,
			isExecutable: false,
			indexMode: null,
			contract: null,
			syntax: notAsked('there is no file'),
			isTemplate: null,
		};
	const [executable, staged, syntax, template] = await Promise.all([
		isExecutable(full),
		execute('git', ['ls-files', '--stage', '--', path], {directory: root, env}),
		syntaxOf(full, text, question),
		question.template(path.split('/').at(-1)!),
	]);
	return {
		path,
		text,
		isExecutable: executable,
		indexMode: staged?.code === 0 ? (/^(\d{6}) /.exec(staged.stdout)?.[1] ?? null) : null,
		contract: contractOf(text, contractLine),
		syntax,
		isTemplate: template === null ? null : template === text,
	};
};

export const scriptPaths = ({environments}: Settings): readonly string[] => [
	...new Set(environments.flatMap(({deploy, rollback}) => [deploy.path, rollback.path])),
];

const linesOf = (text: string): readonly string[] => text.split('\n').filter(line => line !== '');

/** Submodules and files of Git LFS: a checkout has them only where somebody has brought them. */
const readBeyond = async ({root, settings, env, execute}: DiskQuestion): Promise<BeyondReading> => {
	const git = async (...parameters: string[]) => {
		const said = await execute('git', parameters, {directory: root, env});
		return said?.code === 0 ? linesOf(said.stdout) : [];
	};
	const configurations = settings.environments.map(({name}) =>
		readText(join(root, 'scripts', `deploy.${name}.conf`)),
	);
	// Not in the checkout: where git-lfs is missing, its configuration could say what `git lfs` runs.
	const [named, lfsFiles, lfs, ...texts] = await Promise.all([
		git('config', '-f', '.gitmodules', '--get-regexp', String.raw`^submodule\..*\.path$`),
		git('ls-files', '--', ':(attr:filter=lfs)'),
		execute('git', ['lfs', 'version'], {directory: '/', env}),
		...configurations,
	]);
	const submodules = named.map(line => line.slice(line.indexOf(' ') + 1));
	const there = await Promise.all(
		submodules.map(path =>
			stat(join(root, path, '.git')).then(
				() => true,
				() => false,
			),
		),
	);
	return {
		submodules,
		missing: submodules.filter((_, index) => !there[index]),
		lfsFiles,
		hasLfs: lfs?.isLate ? null : lfs?.code === 0,
		isBuilt:
			texts.every(text => text === null || /^[ \t]*BUILD_CMD=[ \t]*\S/m.test(text)) &&
			texts.some(text => text !== null),
	};
};

export const readDisk = async (question: DiskQuestion): Promise<DiskReading> => {
	const {root, settings} = question;
	const [isCheckout, files, scripts, beyond, migrations, gate] = await Promise.all([
		stat(join(root, '.git')).then(
			() => true,
			() => false,
		),
		readWorkflows(root),
		Promise.all(scriptPaths(settings).map(path => readScript(path, question))),
		readBeyond(question),
		readMigrations(root, settings),
		readGateFile(question),
	]);
	return {root, isCheckout, files, scripts, beyond, migrations, gate};
};
