/** README and docs against the code: generated sections, links, scenarios, scripts, YAML. `UPDATE_DOCS=1 npm test` writes the sections anew. */
import assert from 'node:assert/strict';
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, relative, resolve} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {Ajv2020} from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import {parseDocument} from 'yaml';
import type {Command} from '../source/commands/table/command.ts';
import {commandTableMarkdown} from '../source/commands/table/markdown.ts';
import {operationReport, planReport} from '../source/commands/operate/operation-report.ts';
import {parseCommandLine} from '../source/commands/table/parse.ts';
import {allExitCodes, exitCodeMeanings, exitCodeRows} from '../source/commands/table/environment-help.ts';
import {commands, screen} from '../source/commands/table/table.ts';
import {baseIntervalMs, reservePoints} from '../source/core/polling/pace.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {exitCodes} from '../source/errors.ts';
import {parseSettings} from '../source/settings/parse/parse.ts';
import {scenarios} from '../source/simulator/scenarios/scenarios.ts';
import {keyTableMarkdown} from '../source/state/keys/keys-markdown.ts';
import {keyTable} from '../source/state/keys/keys.ts';
import {operation, plan} from './helpers/desk.ts';
import {tokenTable} from './helpers/token-table.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (name: string): string => readFileSync(resolve(root, name), 'utf8');
const pages = [
	'README.md',
	...readdirSync(resolve(root, 'docs'), {recursive: true, encoding: 'utf8'})
		.filter(name => name.endsWith('.md'))
		.map(name => `docs/${name.replaceAll('\\', '/')}`),
].sort();
const packageFile = JSON.parse(read('package.json')) as {
	version: string;
	scripts: Record<string, string>;
	engines: {node: string};
};

const table = (...rows: ReadonlyArray<readonly string[]>): string =>
	rows.map(row => `| ${row.join(' | ')} |`).join('\n');

/** Codes that every command can end with are in the help of a command without flags and promises of its own. */
const everywhere = exitCodeRows([]).map(([code]) => code);
const endingWith = (name: keyof typeof exitCodes): string => {
	const ending = ([screen, ...commands] as readonly Command[])
		.filter(command => command.exitCodes.includes(name))
		.map(command => `\`${command.name === 'screen' ? 'deployctl' : command.name}\``);
	return everywhere.includes(String(exitCodes[name]))
		? 'every command'
		: ending.length > 0
			? ending.join(', ')
			: 'reserved';
};

/** Markers `<!-- NAME:start -->` and `<!-- NAME:end -->` in a page, and what belongs between them. */
const sections: ReadonlyArray<readonly [page: string, name: string, content: string]> = [
	['docs/demo.md', 'screen', `\`\`\`text\n${read('test/screens/board-80.txt').trimEnd()}\n\`\`\``],
	[
		'docs/demo.md',
		'scenarios',
		table(
			['scenario', 'what happens'],
			['---', '---'],
			...scenarios.map(({name, description}, index) => [
				`\`${name}\`${index === 0 ? ' (default)' : ''}`,
				description,
			]),
		),
	],
	['docs/keys.md', 'keys', keyTableMarkdown()],
	['docs/commands.md', 'commands', commandTableMarkdown()],
	['docs/tokens.md', 'needs', tokenTable()],
	[
		'docs/exit-codes.md',
		'codes',
		table(
			['code', 'meaning', 'who ends with it'],
			['---', '---', '---'],
			...allExitCodes
				.toSorted((a, b) => exitCodes[a] - exitCodes[b])
				.map(name => [String(exitCodes[name]), exitCodeMeanings[name], endingWith(name)]),
		),
	],
];

const withSection = (page: string, name: string, content: string): string => {
	const [begin, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
	const start = page.indexOf(begin);
	const stop = page.indexOf(end);
	assert.ok(start !== -1 && stop > start, `there is no section ${name}`);
	return `${page.slice(0, start + begin.length)}\n${content}\n${page.slice(stop)}`;
};

for (const [page, name, content] of sections) {
	if (process.env['UPDATE_DOCS'] === '1') writeFileSync(resolve(root, page), withSection(read(page), name, content));
	test(`${page}: the section ${name} is what the code says`, () => {
		assert.equal(read(page), withSection(read(page), name, content), 'UPDATE_DOCS=1 npm test writes it anew');
	});
}

test('the table of keys has every action, once per row, in cells of its own', () => {
	const rows = keyTableMarkdown().split('\n');
	assert.equal(rows.length, keyTable.length + 2);
	for (const [index, {help, keys}] of keyTable.entries()) {
		const row = rows[index + 2]!;
		const cells = row
			.replaceAll('\\|', '')
			.split('|')
			.slice(1, -1)
			.map(cell => cell.trim());
		assert.equal(cells.length, 3, row);
		assert.equal(cells[2], help);
		assert.equal(cells[0] === 'palette', keys.length === 0, row);
	}
});

/** GitHub's names of headings as anchors. */
const anchorsOf = (page: string): ReadonlySet<string> =>
	new Set(
		[...page.replaceAll(/```[\s\S]*?```/g, '').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
			heading!
				.toLowerCase()
				.replaceAll(/[^\p{L}\p{N} _-]/gu, '')
				.replaceAll(' ', '-'),
		),
	);

test('every link leads somewhere', () => {
	let followed = 0;
	for (const page of pages) {
		for (const [, target] of read(page)
			.replaceAll(/```[\s\S]*?```/g, '')
			.matchAll(/\]\(([^)\s]+)\)/g)) {
			if (target!.startsWith('https://')) continue;
			const [path = '', anchor] = target!.split('#');
			const file = path === '' ? resolve(root, page) : resolve(root, dirname(page), path);
			assert.ok(existsSync(file), `${page} links to ${target}, which does not exist`);
			assert.ok(!relative(root, file).startsWith('..'), `${page} links out of the repository: ${target}`);
			if (anchor !== undefined)
				assert.ok(
					anchorsOf(readFileSync(file, 'utf8')).has(anchor),
					`${page} links to ${target}, which has no such heading`,
				);
			followed++;
		}
	}
	assert.ok(followed > 20, `only ${followed} links were found`);
});

test('files that the docs name in code exist', () => {
	for (const page of pages) {
		for (const [, path] of read(page).matchAll(
			/`((?:source|test|bin|docs|\.ci)\/[\w./-]+\.(?:tsx?|js|md|json|yml))`/g,
		)) {
			assert.ok(existsSync(resolve(root, path!)), `${page} names ${path}`);
		}
	}
	for (const [, path] of read('docs/architecture.md').matchAll(
		/`((?:core|state|ui|github|settings|edges|simulator|tuning|commands)\/[\w./-]*)`/g,
	)) {
		if (path!.includes('NAME')) continue;
		assert.ok(existsSync(resolve(root, 'source', path!)), `docs/architecture.md names ${path}`);
	}
});

test('architecture names every room', () => {
	const page = read('docs/architecture.md');
	for (const entry of readdirSync(resolve(root, 'source'), {withFileTypes: true})) {
		if (entry.isDirectory())
			assert.ok(
				page.includes(`| \`${entry.name}/\` |`),
				`docs/architecture.md says nothing about source/${entry.name}`,
			);
	}
});

test('npm scripts that the pages name exist, and the README names those that everybody needs, the page for developers the rest', () => {
	const builtIn = new Set(['ci', 'pack', 'install']);
	const named = new Map<string, Set<string>>(pages.map(page => [page, new Set()]));
	for (const page of pages) {
		const code = [...read(page).matchAll(/```[\s\S]*?```|`[^`\n]+`/g)].map(([text]) => text).join('\n');
		for (const [, name] of code.matchAll(/\bnpm (?:run )?(?:--\S+ )*([a-z]+)/g)) {
			assert.ok(builtIn.has(name!) || Object.hasOwn(packageFile.scripts, name!), `${page} names npm ${name}`);
			named.get(page)!.add(name!);
		}
	}
	const needed = {
		'README.md': ['ci', 'start', 'test'],
		'docs/development.md': ['start', 'test', 'check', 'bench', 'generate', 'build'],
	};
	for (const [page, names] of Object.entries(needed)) {
		for (const name of names) assert.ok(named.get(page)!.has(name), `${page} does not name npm ${name}`);
	}
});

test('scenarios that the pages name exist', () => {
	for (const page of pages) {
		for (const [, name] of read(page).matchAll(/--scenario ([a-z][\w-]*)/g))
			assert.ok(
				scenarios.some(scenario => scenario.name === name),
				`${page} names the scenario ${name}`,
			);
	}
});

test('YAML in the pages is YAML, and settings among it are valid', async () => {
	let settings = 0;
	for (const page of pages) {
		for (const [, text] of read(page).matchAll(/```yaml\n([\s\S]*?)```/g)) {
			const {errors} = parseDocument(text!);
			assert.deepEqual(errors.map(String), [], page);
			if (/^(?:branches|tiers|repository):/m.test(text!)) {
				const parsed = await parseSettings(text!, 'deployctl.yml');
				assert.ok(parsed.ok, `${page}: ${JSON.stringify(parsed)}`);
				settings++;
			}
		}
	}
	assert.ok(settings >= 2, `only ${settings} settings were found`);
});

test('the example workflows keep to the contract', () => {
	const blocks = [
		...read('docs/correlation.md').matchAll(/`\.github\/workflows\/([\w.-]+)`\n\n```yaml\n([\s\S]*?)```/g),
	].map(([, file, text]) => ({file: file!, text: text!}));
	assert.deepEqual(
		blocks.map(({file}) => file),
		[defaultSettings.tiers.fast, defaultSettings.tiers.deploy, defaultSettings.tiers.e2e].map(
			({workflow}) => workflow,
		),
	);
	for (const {file, text} of blocks.slice(1)) {
		const contexts = [...text.matchAll(/context=(\S+)/g)].map(([, context]) => context);
		assert.ok(contexts.length >= 2, file);
		assert.deepEqual(new Set(contexts), new Set([`deployctl/${file.replace(/\.yml$/, '')}`]), file);
		assert.match(text, /run-name: .*sha/, file);
		assert.match(
			text,
			/actions\/runs\/\$\{\{ github\.run_id \}\}\/attempts\/\$\{\{ github\.run_attempt \}\}/,
			file,
		);
	}
});

test('the README can be read in one sitting, and a rollback stands on its first screen', () => {
	const page = read('README.md');
	const words = page.split(/\s+/).filter(word => word !== '').length;
	assert.ok(words <= 1500, `the README has ${words} words: what is more belongs on a page of docs`);
	const [beginning] = page.split('\n## ');
	assert.ok(beginning!.split('\n').length <= 20, 'the first screen is longer than twenty lines');
	assert.match(beginning!, /deployctl rollback production/);
	assert.match(beginning!, /\(docs\/incident\.md\)/);
});

test('every page of docs is reached from the README', () => {
	const linked = (page: string): string[] =>
		[...read(page).matchAll(/\]\(([^)\s#]+)/g)].map(([, target]) =>
			relative(root, resolve(root, dirname(page), target!)),
		);
	const reached = new Set(['README.md', 'docs/decisions']);
	for (const page of reached) {
		if (page.endsWith('.md')) for (const target of linked(page)) if (pages.includes(target)) reached.add(target);
	}
	assert.deepEqual(
		pages.filter(page => !reached.has(page) && !page.startsWith('docs/decisions/')),
		[],
	);
});

test('numbers on the pages are those of the code', () => {
	const page = read('README.md');
	assert.deepEqual(baseIntervalMs, {running: 1000, waiting: 3000, idle: 10_000});
	assert.ok(read('docs/polling.md').includes(`and ${reservePoints} are left to others`));
	assert.ok(page.includes(`deployctl-${packageFile.version}.tgz`));
	assert.equal(packageFile.engines.node, '>=22.13');
	assert.ok(page.includes('Node.js 22.13 or newer'));
});

test('operations on the pages are as the program prints them', () => {
	const page = read('docs/operations.md');
	const [, example] = /```json\n([\s\S]*?)```/.exec(page) ?? assert.fail('no example');
	const ajv = new Ajv2020();
	addFormats.default(ajv);
	const validate = ajv.compile(JSON.parse(read('docs/operations.schema.json')) as object);
	const report = JSON.parse(example!) as {operations: Array<Record<string, unknown>>};
	assert.ok(validate(report), JSON.stringify(validate.errors));
	assert.deepEqual(Object.keys(report.operations[0]!), Object.keys(operationReport(operation())));
	for (const name of Object.keys(planReport(plan())))
		assert.ok(page.includes(`\`${name}\``), `docs/operations.md does not name ${name} of a plan`);
});

test('commands that the pages show are commands', () => {
	let taken = 0;
	for (const page of pages.filter(name => !name.startsWith('docs/decisions'))) {
		const code = [...read(page).matchAll(/```console\n([\s\S]*?)```/g)].map(([, block]) => block!).join('\n');
		for (const [, line] of code.matchAll(/(?:^|\$ |\$\(|\()deployctl ((?:"[^"]*"|[^\n"#|;&)])*)/gm)) {
			if (/[A-Z]{4,}|…|--sha SHA|\bENV\b|COMMAND|TIER/.test(line!.replaceAll(/"[^"]*"/g, ''))) continue;
			const words = [...line!.matchAll(/"([^"]*)"|[^\s"]+/g)]
				.map(([word, inQuotes]) => inQuotes ?? word)
				.filter(word => word !== '<(');
			assert.doesNotThrow(() => parseCommandLine(words), `${page}: deployctl ${line}`);
			taken++;
		}
	}
	assert.ok(taken > 30, `only ${taken} were found`);
});
