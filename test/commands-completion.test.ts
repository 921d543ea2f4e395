import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {completionScript} from '../source/commands/completion/completion.ts';
import type {Shell} from '../source/commands/completion/completion.ts';
import {commands, globalFlags} from '../source/commands/table/table.ts';

const folder = mkdtempSync(join(tmpdir(), 'deployctl-completion-'));
after(() => rmSync(folder, {recursive: true, force: true}));
const scriptPath = (shell: Shell) => {
	const path = join(folder, `_deployctl.${shell}`);
	writeFileSync(path, completionScript(shell));
	return path;
};

const isInstalled = (program: string) => spawnSync(program, ['--version']).error === undefined;

/** Asks real bash, as pressing the tab key does: the words so far, the last of them unfinished. */
const completed = (words: readonly string[], directory = folder): string[] => {
	const script =
		'set -u; source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _deployctl; [ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\\n" "${COMPREPLY[@]}"';
	const output = execFileSync('bash', ['--norc', '-c', script, scriptPath('bash'), 'deployctl', ...words], {
		cwd: directory,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	return output.split('\n').filter(line => line !== '');
};

const names = commands.map(({name}) => name);
const globals = globalFlags.flatMap(flag => [`--${flag.name}`, ...('short' in flag ? [`-${flag.short}`] : [])]);

const completions: ReadonlyArray<readonly [words: readonly string[], expected: readonly string[]]> = [
	[[''], names],
	[['s'], ['sign-off', 'status', 'stop']],
	[
		['deploy', ''],
		['staging', 'production'],
	],
	[['rollback', '--to', 'x', 'p'], ['production']],
	[['logs', ''], []],
	[['--repo', 'acme/app', 'w'], ['watch']],
	[['--repo', '=', 'acme/app', 'w'], ['watch']],
	[['--read-only', 'w'], ['watch']],
	[
		['--theme', ''],
		['auto', 'dark', 'light', 'mono'],
	],
	[['--theme', 'd'], ['dark']],
	[
		['--theme', '='],
		['auto', 'dark', 'light', 'mono'],
	],
	[['--theme', '=', 'l'], ['light']],
	[['--theme=l'], ['--theme=light']],
	[['-'], globals],
	[['status', '--j'], ['--json']],
	[
		['status', '--'],
		['--json', '--sha', '--exit-status', ...globals.filter(flag => flag.startsWith('--'))],
	],
	[
		['watch', '--until', ''],
		['fast', 'deploy', 'e2e', 'smoke'],
	],
	[['watch', '--plain', '--until', 'e'], ['e2e']],
	[['watch', '--until', '=', 'e'], ['e2e']],
	[['watch', '--sha', ''], []],
	[['status', ''], []],
	[
		['demo', '--re'],
		['--read-only', '--reduced-motion'],
	],
	[['demo', '--con'], []],
	[
		['completion', ''],
		['bash', 'zsh', 'fish'],
	],
	[['--color', 'never', 'completion', 'z'], ['zsh']],
	[['completion', 'bash', ''], []],
	[['help', 'dep'], ['deploy']],
	[['nonsense', ''], []],
	[['$(exit 9)', ''], []],
];

for (const [words, expected] of completions) {
	test(`bash completes: deployctl ${words.join(' ')}⇥`, () => {
		assert.deepEqual(completed(words).toSorted(), [...expected].toSorted());
	});
}

test('bash completes files for --config, also with spaces in their names', () => {
	const directory = join(folder, 'files');
	mkdirSync(directory);
	writeFileSync(join(directory, 'other settings.yml'), '');
	writeFileSync(join(directory, 'readme.md'), '');
	assert.deepEqual(completed(['--config', 'oth'], directory), ['other settings.yml']);
});

test('bash registers the function', () => {
	const output = execFileSync('bash', ['--norc', '-c', 'source "$0"; complete -p deployctl', scriptPath('bash')], {
		encoding: 'utf8',
	});
	assert.equal(output, 'complete -F _deployctl deployctl\n');
});

for (const shell of ['zsh', 'fish'] as const) {
	test(`${shell} reads its script`, {skip: isInstalled(shell) ? false : `${shell} is not installed`}, () => {
		execFileSync(shell, ['-n', scriptPath(shell)], {stdio: 'pipe'});
	});
}

/** The words of one line of a shell with single quotes; throws when a quote is open. `escape` is the shell's way to write a quote. */
const shellWords = (line: string, escape: string): string[] => {
	const text = line.replaceAll(escape, '\u0001');
	assert.equal(text.split("'").length % 2, 1, line);
	return [...text.matchAll(/(?:[^\s']|'[^']*')+/g)].map(([word]) =>
		word.replaceAll("'", '').replaceAll('\u0001', "'"),
	);
};

test('every line of the fish script is a complete command with options that fish has', () => {
	const lines = completionScript('fish')
		.split('\n')
		.filter(line => line !== '' && !line.startsWith('#'));
	for (const line of lines) {
		const [complete, ...rest] = shellWords(line, "\\'");
		assert.equal(complete, 'complete', line);
		for (let index = 0; index < rest.length; index++) {
			const word = rest[index]!;
			assert.ok(
				['-c', '-f', '-F', '-r', '-x', '-l', '-s', '-d', '-a', '-n'].includes(word),
				`${word} in ${line}`,
			);
			if (['-c', '-l', '-s', '-d', '-a', '-n'].includes(word)) {
				index++;
				assert.ok(rest[index] !== undefined && rest[index] !== '', line);
			}
		}
	}
});

test('the zsh script has balanced quotes and blocks, and well-formed specifications', () => {
	const script = completionScript('zsh');
	const count = (pattern: RegExp) => script.match(pattern)?.length ?? 0;
	assert.equal(count(/\bcase\b.*\bin$/gm), count(/^\t*esac$/gm));
	assert.equal(count(/\{$/gm), count(/^\}$/gm));
	for (const line of script.split('\n').filter(line => /^\t*'-/.test(line))) {
		const [specification = ''] = shellWords(line.replace(/ \\$/, '').trim(), "'\\''");
		assert.match(
			specification,
			/^--?[a-z-]+=?\[(?:[^[\]\\:]|\\.)+\](?::(?:[^:[\]\\]|\\.)+:(?: |_files|\([\w -]+\)))?$/,
		);
	}

	// Its grammar is close enough to bash's for bash to find an unfinished block.
	execFileSync('bash', ['-n', scriptPath('zsh')], {stdio: 'pipe'});
});

test('all scripts have all commands and flags', () => {
	for (const shell of ['bash', 'zsh', 'fish'] as const) {
		const script = completionScript(shell);
		for (const command of commands) {
			assert.ok(script.includes(command.name), command.name);
			for (const flag of [...command.flags, ...globalFlags]) {
				assert.ok(
					script.includes(shell === 'fish' ? `-l ${flag.name}` : `--${flag.name}`),
					`${shell} ${flag.name}`,
				);
			}
		}

		assert.match(script, /[^\n]\n$/);
	}
});
