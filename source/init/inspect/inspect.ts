/** Looks at a repository: reads files, and nothing else. What it cannot make sense of is a problem that it names, never a crash. */
import {sanitise} from '../../core/text/sanitise.ts';
import {findE2e} from './e2e.ts';
import {lookAtGit} from './git.ts';
import {findHosts} from './hosts.ts';
import type {ExistingWorkflow, Inspection, Part} from '../model.ts';
import {nodeParts} from './node.ts';
import {otherParts} from './others.ts';
import {pythonParts} from './python.ts';
import {openTree, type Tree} from '../files/tree.ts';

/** A workflow of GitHub's may have 512 kB; a billion laughs are none. */
const maximumAliases = 100;

const parseWorkflow = async (file: string, text: string): Promise<ExistingWorkflow> => {
	const {default: yaml} = await import('yaml');
	try {
		const document = yaml.parseDocument(text, {prettyErrors: false, schema: 'core'});
		if (document.errors.length > 0)
			return {
				file,
				text,
				parsed: null,
				problem: `it is not valid YAML: ${sanitise(document.errors[0]!.message, 160)}`,
			};
		const value = document.toJS({maxAliasCount: maximumAliases}) as unknown;
		if (typeof value !== 'object' || value === null || Array.isArray(value))
			return {file, text, parsed: null, problem: 'it is not a mapping'};
		return {
			file,
			text,
			parsed: value as Record<string, unknown>,
			problem: 'jobs' in value ? null : 'it has no jobs',
		};
	} catch (error) {
		return {
			file,
			text,
			parsed: null,
			problem: `it could not be read: ${sanitise(error instanceof Error ? error.message : 'unknown reason', 160)}`,
		};
	}
};

const findWorkflows = async (tree: Tree): Promise<readonly ExistingWorkflow[]> => {
	const found: ExistingWorkflow[] = [];
	for (const path of tree.files.filter(file => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(file))) {
		const text = await tree.read(path);
		if (text !== null) found.push(await parseWorkflow(path.slice('.github/workflows/'.length), text));
	}
	return found;
};

/** One of the first twenty lines, as deployctl itself looks for it. */
const contractOf = (text: string | null): string | null =>
	text?.split('\n', 20).some(line => line.trimEnd() === '# Contract: deployctl/1') === true ? 'v1' : null;

const findScripts = async (tree: Tree): Promise<Inspection['scripts']> => {
	const paths = tree.files.filter(file =>
		/^(?:(?:scripts?|bin|deploy|ci|tools|ops)\/)?(?:[\w-]*(?:deploy|rollback|release)[\w-]*)(?:\.sh|\.bash)?$/i.test(
			file,
		),
	);
	return Promise.all(
		paths.map(async path => ({
			path,
			isExecutable: await tree.isExecutable(path),
			contract: contractOf(await tree.read(path)),
		})),
	);
};

/** `app` where there is only one with something to do; else by their folders, told apart by the folders above. */
const named = (parts: readonly Part[]): readonly Part[] => {
	const busy = parts.filter(({tasks}) => Object.keys(tasks).length > 0);
	const taken = new Set<string>();
	return parts.map(part => {
		const words = part.directory === '.' ? ['app'] : part.directory.split('/');
		const clean = (text: string) =>
			text
				.toLowerCase()
				.replaceAll(/[^a-z0-9]+/g, '-')
				.replaceAll(/^-|-$/g, '');
		const wished =
			busy.length === 1 && busy[0] === part
				? ['app']
				: [words.at(-1)!, words.join('-'), `${words.join('-')}-${part.language}`];
		const usable = wished.map(clean).map(name => (/^[a-z]/.test(name) ? name : `part-${name}`));
		const name = usable.find(candidate => !taken.has(candidate)) ?? `${usable.at(-1)!}-${taken.size}`;
		taken.add(name);
		return {...part, name};
	});
};

/** Submodules, and files of Git LFS: they are not in a copy of the commit by themselves. */
const findBeyond = async (tree: Tree): Promise<NonNullable<Inspection['beyond']>> => {
	const [modules, attributes] = [await tree.read('.gitmodules'), await tree.read('.gitattributes')];
	const submodules = [...(modules ?? '').matchAll(/^[ \t]*path[ \t]*=(.*)$/gm)].map(([, path]) =>
		sanitise(path!.trim(), 100),
	);
	return {submodules, hasLfs: /^(?![ \t]*#).*[ \t]filter=lfs(?:\s|$)/m.test(attributes ?? '')};
};

export const inspect = async (root: string): Promise<Inspection> => {
	const [tree, git] = await Promise.all([openTree(root), lookAtGit(root)]);
	const parts = named([...(await nodeParts(tree)), ...(await pythonParts(tree)), ...(await otherParts(tree))]);
	const workflows = await findWorkflows(tree);
	const config = await tree.read('deployctl.yml');
	const [e2e, scripts, hosts] = [
		await findE2e(tree, parts),
		await findScripts(tree),
		await findHosts(tree, workflows, config),
	];
	const broken = workflows
		.filter(({problem}) => problem !== null)
		.map(({file, problem}) => `.github/workflows/${sanitise(file, 100)}: ${problem}`);
	return {
		root,
		remote: git.remote,
		defaultBranch: git.defaultBranch,
		branches: git.branches,
		parts,
		e2e,
		workflows,
		scripts,
		config,
		hosts,
		beyond: await findBeyond(tree),
		problems: [...new Set([...(git.problem === null ? [] : [git.problem]), ...tree.problems, ...broken])],
	};
};
