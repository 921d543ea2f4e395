/** Our sources and everything that they need at run time, as a few files: the published package has no dependencies. */
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join, relative} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build, type Metafile, type Plugin} from 'esbuild';
import {schemaText} from './schema-text.ts';
import {tuning, whyNotTuned} from './tuning-plugin.ts';

export const root = new URL('../', import.meta.url);

/** Entry points in the order of importance; those that do not exist (yet) are left out. */
const entryPoints: Readonly<Record<string, string>> = {
	cli: 'source/cli.tsx',
	worker: 'source/simulator/worker.ts',
	supervisor: 'source/operations/supervisor.ts',
	promoter: 'source/operations/promoter.ts',
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
	return readdirSync(from, {recursive: true, withFileTypes: true}).filter(entry => entry.isFile()).map(entry => {
		const file = join(entry.parentPath, entry.name);
		return {path: join(fileURLToPath(outdir), 'templates', relative(from, file)), contents: readFileSync(file)};
	});
};

/** Only what changed is written, and what is stale is removed last: a program that runs meanwhile keeps finding its chunks. */
const replaceFiles = (outdir: URL, files: ReadonlyArray<{path: string; contents: Uint8Array}>) => {
	const folder = fileURLToPath(outdir);
	// The nearest package.json says how Node.js reads these files, wherever they are copied to.
	const wanted = new Map([...files.map(({path, contents}) => [path, contents] as const), [join(folder, 'package.json'), Buffer.from('{"type": "module"}\n')]]);
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

export type BundleOptions = {
	outdir: URL;
	/** Name of the output file without .js → source file, relative to the repository. */
	entries?: Readonly<Record<string, string>>;
	/** False: Ink and its dependencies as they come. */
	tuned?: boolean;
};

const bundledIn = ({outputs}: Metafile): readonly string[] => [...new Set(Object.values(outputs).flatMap(({inputs}) => Object.entries(inputs)
	.flatMap(([path, {bytesInOutput}]) => (bytesInOutput > 0 ? [path] : []))))];

export const bundle = async ({outdir, entries, tuned = process.env['DEPLOYCTL_PLAIN_INK'] !== '1'}: BundleOptions) => {
	const warnings: string[] = [];
	const obstacle = tuned ? whyNotTuned() : null;
	if (obstacle !== null) {
		warnings.push(`${obstacle}; the bundle uses Ink as it comes (slower, same behaviour)`);
	}
	const isTuned = tuned && obstacle === null;
	const present = Object.entries(entries ?? entryPoints).filter(([, file]) => existsSync(new URL(file, root)));
	const {outputFiles, metafile} = await build({
		absWorkingDir: fileURLToPath(root),
		entryPoints: Object.fromEntries(present),
		outdir: fileURLToPath(outdir),
		bundle: true,
		splitting: true,
		minify: true,
		format: 'esm',
		platform: 'node',
		// Not node22 or later: esbuild would then turn /\p{…}/u literals into `new RegExp(…)`, also inside hot callbacks.
		target: 'es2024',
		jsx: 'automatic',
		legalComments: 'none',
		loader: {'.graphql': 'text'},
		define: {'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"'},
		banner: {js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);'},
		chunkNames: 'chunks/[name]-[hash]',
		plugins: [withoutDevtools, versionOnly, schemaText, ...(isTuned ? [tuning] : [])],
		logLevel: 'error',
		write: false,
		metafile: true,
	});
	// A bundle of other entries is a part of the program, for a test or a measurement: it writes no repositories.
	replaceFiles(outdir, [...outputFiles, ...(entries === undefined ? [...templates(outdir), ...await guests(outdir)] : [])]);
	return {tuned: isTuned, warnings, /** Files that something of is in the bundle, relative to the repository. */ inputs: bundledIn(metafile)};
};
