/** What people do in an incident by the README and docs/incident.md: every command line, every key and every option of a script is one that exists. */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {resolve} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {parseCommandLine} from '../source/commands/table/parse.ts';
import {keyTableMarkdown} from '../source/state/keys/keys-markdown.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (name: string): string => readFileSync(resolve(root, name), 'utf8');
const pages = ['README.md', 'docs/incident.md'] as const;

/** Lines of the console blocks, without their comments, and pieces of code within a line. */
const codeOf = (page: string): string[] => {
	const text = read(page);
	const blocks = [...text.matchAll(/```console\n([\s\S]*?)```/g)]
		.flatMap(([, block]) => block!.split('\n'))
		.flatMap(line => line.replace(/(?:^|\s+)#.*$/, '').split('&&'));
	const inline = [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
	return [...blocks, ...inline].map(line => line.trim());
};

/** As a shell takes a line apart that has quotes and nothing else of a shell in it. */
const wordsOf = (line: string): string[] =>
	[...line.matchAll(/"([^"]*)"|[^\s"]+/g)].map(([word, quoted]) => quoted ?? word);

for (const page of pages) {
	test(`${page}: every command line is one that the program takes, without a placeholder to replace first`, () => {
		const lines = codeOf(page).filter(line => /^deployctl(?: |$)/.test(line) && line !== 'deployctl lock');
		for (const line of lines) {
			assert.doesNotMatch(line, /\b(?:ENV|ID|SHA|REASON|RELEASE|NAME)\b|[<>…$|;]/, `${line} has a placeholder`);
			assert.doesNotThrow(() => parseCommandLine(wordsOf(line).slice(1)), line);
		}
		assert.ok(lines.length > 15, `only ${lines.length} command lines were found`);
	});

	test(`${page}: every key is a key`, () => {
		const known = new Set([...keyTableMarkdown().matchAll(/`([^`]+)`/g)].map(([, key]) => key!));
		const keys = [...read(page).matchAll(/^\| [^|]+ \| ([^|]+) \| `deployctl[^|]*\|$/gm)].flatMap(([, cell]) =>
			[...cell!.matchAll(/`([^`]+)`/g)].map(([, key]) => key!),
		);
		assert.deepEqual(
			keys.filter(key => !known.has(key)),
			[],
		);
		assert.ok(keys.length > 15, `only ${keys.length} keys were found`);
	});
}

test('docs/incident.md: the scripts take what they are called with', () => {
	const lines = codeOf('docs/incident.md').filter(line => /^scripts\/\w+\.sh /.test(line));
	assert.ok(lines.length >= 4, `only ${lines.length} calls of scripts were found`);
	// The part of the scripts that reads their options, without the rest: 0 where they are taken, 2 where not.
	const taking =
		'ACTION=$1; shift; emit() { :; }; complain() { printf "%s\\n" "$*" >&2; }; . source/templates/scripts/deployctl/local/options.sh; options_read "$@"';
	const take = (script: string, options: readonly string[]) =>
		spawnSync('bash', ['-c', taking, 'bash', script, ...options], {cwd: root, encoding: 'utf8'});
	for (const line of lines) {
		const [script, ...options] = wordsOf(line);
		const {status, stderr} = take(script!.replace(/^.*\/|\.sh$/g, ''), options);
		assert.equal(status, 0, `${line}: ${stderr}`);
	}
	assert.equal(take('rollback', ['--environment', 'production']).status, 2, 'what no script takes would be found');
});

test('docs/incident.md tells of the five incidents, and each part has something to do', () => {
	const parts = read('docs/incident.md').split('\n## ').slice(1);
	const titles = parts.map(part => part.split('\n')[0]);
	assert.deepEqual(titles, [
		'Production is broken',
		'Staging is broken',
		'A lock was left behind',
		'GitHub is down',
		'rollback.sh itself fails',
		'Afterwards',
	]);
	for (const [index, part] of parts.entries()) assert.match(part, /`deployctl /, titles[index]!);
});

test('every promise names tests that exist', () => {
	const rows = read('docs/promises.md')
		.split('\n')
		.filter(line => /^\| \d/.test(line));
	assert.deepEqual(
		rows.map(row => Number(row.split('|')[1])),
		rows.map((_, index) => index + 1),
		'they are numbered through',
	);
	for (const row of rows) {
		const holders = [...row.matchAll(/\[[^\]]+\]\(\.\.\/(test\/[^)]+)\): “([^”]+)”/g)];
		assert.ok(holders.length > 0, `nothing holds: ${row}`);
		for (const [, file, name] of holders) {
			assert.ok(existsSync(resolve(root, file!)), `${file} does not exist`);
			const quoted = name!.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&').replaceAll("'", "\\\\?'");
			assert.match(
				read(file!),
				new RegExp(`(?:\\btest\\(\\s*|@test |name: )['"\`]${quoted}['"\`]`),
				`${file} has no test “${name}”`,
			);
		}
	}
	assert.ok(rows.length >= 20, `only ${rows.length} promises`);
});
