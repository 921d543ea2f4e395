/** Our sources and everything that they need at run time, as a few files: the published package has no dependencies. */
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join, relative} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build, type BuildOptions, type Metafile, type Plugin} from 'esbuild';
import {schemaText} from './schema-text.ts';
import {tuning, whyNotTuned} from './tuning-plugin.ts';

export const root = new URL('../', import.meta.url);

/** Entry points in the order of importance; those that do not exist (yet) are left out. */
const entryPoints: Readonly<Record<string, string>> = {
	cli: 'source/cli.tsx',
	worker: 'source/simulator/worker.ts',
	supervisor: 'source/operations/supervisor/supervisor.ts',
	promoter: 'source/operations/promoter/promoter.ts',
	'sandbox-app': 'source/sandbox/app.ts',
};

/** Ink asks for React's developer tools only when DEV is "true"; they are not to be shipped. */
const withoutDevtools: Plugin = {
	name: 'without-devtools',
	setup(hooks) {
		hooks.onResolve({filter: /^react-devtools-core$/}, () => ({path: 'react-devtools-core', namespace: 'empty'}));
		hooks.onLoad({filter: /.*/, namespace: 'empty'}, () => ({contents: 'export default {};'}));
	},
};

/** Of package.json only the version belongs in the bundle. */
const versionOnly: Plugin = {
	name: 'version-only',
	setup(hooks) {
		hooks.onLoad({filter: /[/\\]package\.json$/}, ({path}) => {
			if (path !== fileURLToPath(new URL('package.json', root))) {
				return null;
			}
			const {version} = JSON.parse(readFileSync(path, 'utf8')) as {version: string};
			return {contents: JSON.stringify({version}), loader: 'json'};
		});
	},
};

/** What is copied as it is: the program writes it into repositories. */
const templates = (outdir: URL): ReadonlyArray<{path: string; contents: Uint8Array}> => {
	const from = fileURLToPath(new URL('source/templates', root));
	if (!existsSync(from)) return [];
	return readdirSync(from, {recursive: true, withFileTypes: true})
		.filter(entry => entry.isFile())
		.map(entry => {
			const file = join(entry.parentPath, entry.name);
			return {path: join(fileURLToPath(outdir), 'templates', relative(from, file)), contents: readFileSync(file)};
		});
};

/** Only what changed is written, and what is stale is removed last: a program that runs meanwhile keeps finding its chunks. */
const replaceFiles = (outdir: URL, files: ReadonlyArray<{path: string; contents: Uint8Array}>) => {
	const folder = fileURLToPath(outdir);
	// The nearest package.json says how Node.js reads these files, wherever they are copied to.
	const wanted = new Map([
		...files.map(({path, contents}) => [path, contents] as const),
		[join(folder, 'package.json'), Buffer.from('{"type": "module"}\n')],
	]);
	for (const [path, contents] of wanted) {
		if (!existsSync(path) || !readFileSync(path).equals(contents)) {
			mkdirSync(dirname(path), {recursive: true});
			// Renamed into place: somebody else may be starting the program from here just now.
			writeFileSync(`${path}.${process.pid}`, contents);
			renameSync(`${path}.${process.pid}`, path);
		}
	}
	for (const entry of readdirSync(folder, {recursive: true, withFileTypes: true})) {
		const path = join(entry.parentPath, entry.name);
		if (entry.isFile() && !wanted.has(path)) {
			rmSync(path);
		}
	}
};

/**
What runs inside of other programs: one CommonJS file each, with nothing of ours around it, for whichever way they load it. Its export is
the function itself, and that as `default`, too. For the Node.js of the repository's tests, which may be older than ours.
*/
const guests = async (outdir: URL) => {
	const {outputFiles} = await build({
		absWorkingDir: fileURLToPath(root),
		entryPoints: {'playwright-reporter': 'source/reporter/playwright.ts'},
		outdir: fileURLToPath(outdir),
		outExtension: {'.js': '.cjs'},
		bundle: true,
		minify: true,
		format: 'cjs',
		platform: 'node',
		target: 'node20',
		legalComments: 'none',
		footer: {js: 'module.exports=Object.assign(module.exports.default,{default:module.exports.default});'},
		logLevel: 'error',
		write: false,
	});
	return outputFiles;
};

/** For every output that is a program of its own. */
const common = {
	absWorkingDir: fileURLToPath(root),
	bundle: true,
	minify: true,
	format: 'esm',
	platform: 'node',
	// Not node22 or later: esbuild would then turn /\p{…}/u literals into `new RegExp(…)`, also inside hot callbacks.
	target: 'es2024',
	jsx: 'automatic',
	legalComments: 'none',
	loader: {'.graphql': 'text'},
	define: {'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"'},
	banner: {
		js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);',
	},
	logLevel: 'error',
	write: false,
	metafile: true,
} as const satisfies BuildOptions;

const bundledIn = ({outputs}: Metafile): readonly string[] => [
	...new Set(
		Object.values(outputs).flatMap(({inputs}) =>
			Object.entries(inputs).flatMap(([path, {bytesInOutput}]) => (bytesInOutput > 0 ? [path] : [])),
		),
	),
];

const gateEntry = 'source/gate.ts';

/** What the gate never comes to: the other commands, and of its World what it has no use for; preferences are not written. */
const gateAlone: Plugin = {
	name: 'gate-alone',
	setup(hooks) {
		const kept = new Set(['./worlds/connect.ts', './look/gate.ts']);
		const others =
			/^conf$|\/(?:logs\/job-logs|record\/recorder|github\/artifacts\/test-results|edges\/test-history)\.ts$/;
		hooks.onResolve({filter: /./}, ({path, importer, kind}) => {
			const isLeftOut =
				kind === 'dynamic-import' &&
				(others.test(path) || (/[/\\]commands[/\\]run\.ts$/.test(importer) && !kept.has(path)));
			return isLeftOut ? {path, namespace: 'left-out'} : null;
		});
		hooks.onLoad({filter: /.*/, namespace: 'left-out'}, ({path}) => ({
			contents: `throw new Error(${JSON.stringify(`${path} is no part of gate.mjs`)});`,
		}));
	},
};

/** Name, version and licence of each package that something of is in the output: the file is copied without its package. */
const packagesIn = (metafile: Metafile): string =>
	[
		...new Set(
			bundledIn(metafile).flatMap(path => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
		),
	]
		.map(
			folder =>
				JSON.parse(readFileSync(new URL(`${folder}/package.json`, root), 'utf8')) as {
					name: string;
					version: string;
					license?: string;
				},
		)
		.map(({name, version, license}) => `${name} ${version} (${license ?? 'no licence named'})`)
		.toSorted()
		.join(', ');

/**
What runs in other people's workflows, by its digest: one file that needs nothing beside Node.js. The same sources give the same bytes.
Its second line is read by `deployctl doctor`.
*/
export const gateFile = async (): Promise<{
	contents: Uint8Array;
	inputs: readonly string[];
	imports: readonly string[];
}> => {
	const {version} = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {version: string};
	const {outputFiles, metafile} = await build({
		...common,
		entryPoints: {gate: gateEntry},
		outdir: fileURLToPath(new URL('dist/', root)),
		plugins: [gateAlone, versionOnly],
	});
	const head = `// The production gate of deployctl, written by deployctl init. Not to be edited: the workflow starts it by its digest.\n// deployctl ${version}\n/* eslint-disable */ // biome-ignore-all lint: generated\n// biome-ignore-all format: generated\n// Contains ${packagesIn(metafile)}\n`;
	const imports = Object.values(metafile.outputs).flatMap(output => output.imports.map(({path}) => path));
	return {
		contents: Buffer.concat([Buffer.from(head), outputFiles[0]!.contents]),
		inputs: bundledIn(metafile),
		imports,
	};
};

const gate = async (outdir: URL) => ({
	path: join(fileURLToPath(outdir), 'gate.mjs'),
	contents: (await gateFile()).contents,
});

export type BundleOptions = {
	outdir: URL;
	/** Name of the output file without .js → source file, relative to the repository. */
	entries?: Readonly<Record<string, string>>;
	/** False: Ink and its dependencies as they come. */
	tuned?: boolean;
};

export const bundle = async ({outdir, entries, tuned = process.env['DEPLOYCTL_PLAIN_INK'] !== '1'}: BundleOptions) => {
	const warnings: string[] = [];
	const obstacle = tuned ? whyNotTuned() : null;
	if (obstacle !== null) {
		warnings.push(`${obstacle}; the bundle uses Ink as it comes (slower, same behaviour)`);
	}
	const isTuned = tuned && obstacle === null;
	const present = Object.entries(entries ?? entryPoints).filter(([, file]) => existsSync(new URL(file, root)));
	const {outputFiles, metafile} = await build({
		...common,
		entryPoints: Object.fromEntries(present),
		outdir: fileURLToPath(outdir),
		splitting: true,
		chunkNames: 'chunks/[name]-[hash]',
		plugins: [withoutDevtools, versionOnly, schemaText, ...(isTuned ? [tuning] : [])],
	});
	// A bundle of other entries is a part of the program, for a test or a measurement: it writes no repositories.
	replaceFiles(outdir, [
		...outputFiles,
		...(entries === undefined ? [...templates(outdir), ...(await guests(outdir)), await gate(outdir)] : []),
	]);
	return {
		tuned: isTuned,
		warnings,
		/** Files that something of is in the bundle, relative to the repository. */ inputs: bundledIn(metafile),
	};
};
