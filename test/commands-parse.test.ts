import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {join} from 'node:path';
import {test} from 'node:test';
import fc from 'fast-check';
import {editDistance, nearest} from '../source/core/text/nearest.ts';
import {Failure} from '../source/errors.ts';
import {keyOf} from '../source/commands/table/command.ts';
import type {Flag} from '../source/commands/table/command.ts';
import {parseCommandLine} from '../source/commands/table/parse.ts';
import {commandNamed, commands, globalFlags} from '../source/commands/table/table.ts';
import type {CommandLine} from '../source/commands/table/table.ts';
import {scenarios} from '../source/simulator/scenarios/scenarios.ts';
import {runs} from './helpers/fuzz.ts';

const words = (line: string) => line.split(' ').filter(word => word !== '');
const parsed = (line: string) => parseCommandLine(words(line));

const commandLine = (line: string): CommandLine => {
	const result = parsed(line);
	assert.ok('command' in result, line);
	return result;
};

const failureOf = (argv: readonly string[]): Failure => {
	try {
		parseCommandLine(argv);
	} catch (error) {
		assert.ok(error instanceof Failure, String(error));
		assert.equal(error.exitCode, 2);
		return error;
	}

	return assert.fail(`${argv.join(' ')} was taken`);
};

const globalDefaults = {
	repo: null,
	config: null,
	readOnly: false,
	color: 'auto',
	theme: null,
	ascii: false,
	reducedMotion: false,
	screenReader: false,
	noRecord: false,
};

test('without a command, the screen with its defaults', () => {
	assert.deepEqual(parseCommandLine([]), {command: 'screen', flags: globalDefaults, positionals: []});
});

const acting = {dryRun: false, json: false, yes: false, confirm: null, detach: false};

const ofJobs = {
	follow: false,
	tail: null,
	job: null,
	failed: false,
	tier: null,
	sha: null,
	errors: false,
	timestamps: false,
};

const taken: ReadonlyArray<
	readonly [line: string, command: string, flags: Readonly<Record<string, unknown>>, positionals?: readonly string[]]
> = [
	['--read-only --repo acme/app', 'screen', {readOnly: true, repo: 'acme/app'}],
	['status', 'status', {json: false, sha: null, exitStatus: false}],
	['status --json --sha 1A2B3C4', 'status', {json: true, sha: '1a2b3c4', exitStatus: false}],
	['--repo=acme/app status --json', 'status', {json: true, repo: 'acme/app', sha: null, exitStatus: false}],
	['--json status', 'status', {json: true, sha: null, exitStatus: false}],
	['status --json --json --sha 1a2b3c4 --sha 1A2B3C4', 'status', {json: true, sha: '1a2b3c4', exitStatus: false}],
	[
		'watch --until e2e --timeout 1h30m --plain',
		'watch',
		{plain: true, until: 'e2e', sha: null, timeoutSeconds: 5400},
	],
	['watch --timeout=90s', 'watch', {plain: false, until: null, sha: null, timeoutSeconds: 90}],
	['demo', 'demo', {scenario: 'release', speed: null, plain: false}],
	['demo --speed 0.5 --scenario=red-e2e', 'demo', {scenario: 'red-e2e', speed: 0.5, plain: false}],
	['--config=-odd.yml', 'screen', {config: '-odd.yml'}],
	['completion zsh', 'completion', {}, ['zsh']],
	['completion -- bash', 'completion', {}, ['bash']],
	['-- status', 'status', {json: false, sha: null, exitStatus: false}],
	['deploy staging', 'deploy', {...acting, sha: null}, ['staging']],
	[
		'deploy production --sha 1A2B3C4 -y --confirm production --detach --json --dry-run',
		'deploy',
		{sha: '1a2b3c4', yes: true, confirm: 'production', detach: true, json: true, dryRun: true},
		['production'],
	],
	[
		'rollback staging --to 20261123-1a2b3c4 --force',
		'rollback',
		{...acting, to: '20261123-1a2b3c4', force: true, pastLock: false, trustScripts: false},
		['staging'],
	],
	// The name that it had before.
	[
		'rollback staging --to 20261123-1a2b3c4 --insist',
		'rollback',
		{...acting, to: '20261123-1a2b3c4', force: true, pastLock: false, trustScripts: false},
		['staging'],
	],
	['lock staging -m audit', 'lock', {...acting, reason: 'audit'}, ['staging']],
	['unlock staging', 'unlock', {...acting, break: null, reason: null}, ['staging']],
	['operations --limit 3 --environment staging', 'operations', {json: false, environment: 'staging', limit: 3}],
	['attach', 'attach', {plain: false}],
	['logs 1f9c -f --tail 20', 'logs', {...ofJobs, follow: true, tail: 20}, ['1f9c']],
	['logs --tier e2e --failed --errors', 'logs', {...ofJobs, tier: 'e2e', failed: true, errors: true}],
	['logs --job=lint --sha 1a2b3c4 --timestamps', 'logs', {...ofJobs, job: 'lint', sha: '1a2b3c4', timestamps: true}],
	['--no-color', 'screen', {color: 'never'}],
	['--color never --no-color', 'screen', {color: 'never'}],
	[
		'--theme dark --ascii --reduced-motion --screen-reader --config a.yml',
		'screen',
		{theme: 'dark', ascii: true, reducedMotion: true, screenReader: true, config: 'a.yml'},
	],
];

for (const [line, command, flags, positionals = []] of taken) {
	test(`takes: deployctl ${line}`, () => {
		assert.deepEqual(parsed(line), {command, flags: {...globalDefaults, ...flags}, positionals});
	});
}

const refused: ReadonlyArray<readonly [line: string, message: string]> = [
	['stauts', 'no command "stauts". Did you mean "status"?'],
	['prod', 'no command "prod".'],
	['screen', 'no command "screen".'],
	['constructor', 'no command "constructor".'],
	['stauts --jsn', 'no command "stauts". Did you mean "status"?'],
	['--theem dark status', 'no flag "--theem". Did you mean "--theme"?'],
	['status --jsn', 'no flag "--jsn". Did you mean "--json"?'],
	['status --read_only', 'no flag "--read_only". Did you mean "--read-only"?'],
	['status --__proto__', 'no flag "--__proto__".'],
	['status --constructor=1', 'no flag "--constructor".'],
	['status -j', 'no flag "-j".'],
	['-vx', 'no flag "-x".'],
	['status --plain', '"status" has no flag "--plain"; it belongs to watch, attach, replay and others.'],
	['--json', 'without a command, there is no flag "--json"; it belongs to status, gate, deploy and others.'],
	['--repo', '--repo needs a value: --repo [HOST/]OWNER/NAME.'],
	['--repo= status', '--repo needs a value: --repo [HOST/]OWNER/NAME.'],
	['--repo --read-only', '--repo needs a value: --repo [HOST/]OWNER/NAME.'],
	['status --sha --json', '--sha needs a value: --sha SHA.'],
	['status --json=yes', '--json takes no value.'],
	['--no-color=1', '--no-color takes no value.'],
	['--version=1', '--version takes no value.'],
	['lock staging', '"lock" needs --reason.'],
	['lock -m audit', '"lock" needs ENV.'],
	['operations --limit 0.5', '--limit is "0.5". Expected a whole number above 0, such as 20.'],
	['operations --limit 0', '--limit is "0". Expected a whole number above 0, such as 20.'],
	['status --sha abc', '--sha is "abc". Expected 7 to 40 hexadecimal digits of a commit.'],
	['status --sha main', '--sha is "main". Expected 7 to 40 hexadecimal digits of a commit.'],
	[
		`status --sha ${'a'.repeat(41)}`,
		`--sha is "${'a'.repeat(41)}". Expected 7 to 40 hexadecimal digits of a commit.`,
	],
	['status --sha 1a2b3c4 --sha 1a2b3c5', '--sha is given twice, with different values.'],
	['--color always --no-color', '--color is given twice, with different values.'],
	['--color allways', '--color is "allways". Expected auto, always, never. Did you mean "always"?'],
	['watch --until e2', '--until is "e2". Expected fast, deploy, e2e, smoke. Did you mean "e2e"?'],
	['watch --until toString', '--until is "toString". Expected fast, deploy, e2e, smoke.'],
	['demo --speed -5', '--speed is "-5". Expected a number above 0, such as 2 or 0.5.'],
	['demo --speed=-5', '--speed is "-5". Expected a number above 0, such as 2 or 0.5.'],
	...['0', '0.0', 'fast', 'NaN', 'Infinity', '1e3', '0x10', '1,5', '9'.repeat(20)].map(
		text => [`demo --speed ${text}`, `--speed is "${text}". Expected a number above 0, such as 2 or 0.5.`] as const,
	),
	...['5', '0s', '5 m', '-5m', 'm'].map(
		text =>
			[
				`watch --timeout=${text.replace(' ', '')}x`,
				`--timeout is "${text.replace(' ', '')}x". Expected a duration above 0, such as 90s, 5m or 1h30m.`,
			] as const,
	),
	['watch --timeout 0s', '--timeout is "0s". Expected a duration above 0, such as 90s, 5m or 1h30m.'],
	['status now', '"status" takes no argument, but there is "now".'],
	[
		'demo --scenario red',
		`--scenario is "red". Expected ${scenarios.map(({name}) => name).join(', ')}. Did you mean "red-e2e"?`,
	],
	['demo --config my.yml', '--config does nothing in "demo": the demo has a repository and settings of its own.'],
	[
		'--repo acme/auto-author demo',
		'--repo does nothing in "demo": the demo has a repository and settings of its own.',
	],
	['completion', '"completion" needs SHELL: bash, zsh, fish.'],
	['completion bahs', 'SHELL is "bahs". Expected bash, zsh, fish. Did you mean "bash"?'],
	['completion bash zsh', '"completion" takes only SHELL, but there is "zsh".'],
	['help watc', 'no command "watc". Did you mean "watch"?'],
	['watc --help', 'no command "watc". Did you mean "watch"?'],
];

for (const [line, message] of refused) {
	test(`refuses: deployctl ${line}`, () => {
		assert.equal(failureOf(words(line)).message, message);
	});
}

test('an empty word is no command', () => {
	assert.equal(failureOf(['']).message, 'no command "".');
});

test('what the user typed is shown without its escape sequences', () => {
	assert.equal(failureOf(['\u001B[31mred\u001B[0m\n']).message, 'no command "red".');
});

test('help wins over what else is wrong; the version does not', () => {
	const general = parsed('--help');
	assert.ok('help' in general);
	for (const line of ['-h', 'help', '-vh', '--help --bogus', '--sha x --help']) {
		assert.deepEqual(parsed(line), general, line);
	}

	for (const line of ['help watch', 'watch -h', '--help watch', 'watch --bogus --help']) {
		const result = parsed(line);
		assert.ok('help' in result && result.help.includes('deployctl watch [flags]'), line);
	}

	assert.deepEqual(parsed('--version'), {version: true});
	assert.deepEqual(parsed('status -v'), {version: true});
	assert.equal(failureOf(['-v', '--bogus']).message, 'no flag "--bogus".');
});

test('the types of the flags are those of the values', () => {
	const line = commandLine('watch --until smoke --timeout 1s');
	assert.ok(line.command === 'watch');
	const until: 'fast' | 'deploy' | 'e2e' | 'smoke' | null = line.flags.until;
	const seconds: number | null = line.flags.timeoutSeconds;
	const isReadOnly: boolean = line.flags.readOnly;
	assert.deepEqual([until, seconds, isReadOnly], ['smoke', 1, false]);
	const lock = commandLine('lock staging -m audit');
	assert.ok(lock.command === 'lock');
	const reason: string = lock.flags.reason;
	assert.equal(reason, 'audit');
});

test('a flag means the same wherever it is', () => {
	const all: readonly Flag[] = [...globalFlags, ...commands.flatMap(({flags}): readonly Flag[] => flags)];
	for (const flag of all) {
		const [first] = all.filter(({name}) => name === flag.name);
		// Where a watch ends is a tier, where a timeline ends is a time: both say until what.
		if (flag.name !== 'until')
			assert.deepEqual(
				[flag.kind, flag.short, flag.choices],
				[first?.kind, first?.short, first?.choices],
				flag.name,
			);
		assert.equal(flag.placeholder === undefined, flag.kind === 'switch' || flag.kind === 'answer', flag.name);
	}

	assert.equal(new Set(commands.map(({name}) => name)).size, commands.length);
	for (const {name, flags} of commands) {
		const own: readonly Flag[] = flags;
		const keys = [...globalFlags, ...own].map(flag => keyOf(flag));
		assert.equal(new Set(keys).size, keys.length, name);
	}

	assert.equal(
		new Set(all.map(({short}) => short).filter(short => short !== undefined)).size,
		new Set(all.filter(({short}) => short !== undefined).map(({name}) => name)).size,
	);
});

test('the scenarios are those of the simulator', () => {
	assert.deepEqual(
		commandNamed('demo')?.flags.find(({name}) => name === 'scenario')?.choices,
		scenarios.map(({name}) => name),
	);
});

test('every example of the table is taken', () => {
	for (const {name, examples} of commands) {
		for (const {line} of examples) {
			const text = /deployctl((?:"[^"]*"|[^)|"])*)/.exec(line)?.[1] ?? assert.fail(line);
			const result = parseCommandLine(
				[...text.matchAll(/"([^"]*)"|[^\s"]+/g)].map(([word, inQuotes]) => inQuotes ?? word),
			);
			assert.ok(('command' in result && result.command === name) || (name === 'help' && 'help' in result), line);
		}
	}
});

const garbage = fc.oneof(
	fc.string({unit: 'binary'}),
	fc.constantFrom(
		...commands.map(({name}) => name),
		...globalFlags.map(({name}) => `--${name}`),
		'--sha',
		'--sha=',
		'--speed',
		'--until',
		'--timeout',
		'--json',
		'--',
		'-',
		'-vh',
		'-v=1',
		'--=',
		'=',
		'--no-',
		'--no-json',
		'1a2b3c4',
		'-5',
		'bash',
		'--__proto__',
		'--constructor=x',
		'--toString',
		'toString',
		'',
	),
	fc.string().map(text => `--${text}`),
);

test('whatever the words are, the answer is a command, a text or a usage failure', () => {
	fc.assert(
		fc.property(fc.array(garbage, {maxLength: 8}), argv => {
			try {
				const result = parseCommandLine(argv);
				assert.ok('help' in result || 'version' in result || result.command.length > 0);
			} catch (error) {
				assert.ok(error instanceof Failure, String(error));
				assert.equal(error.exitCode, 2);
				assert.doesNotMatch(`${error.message}${error.next}`, /[\u0000-\u001F\u007F-\u009F]/);
			}
		}),
		runs(5000),
	);
});

test('the parser loads nothing but node:util', () => {
	const script = `
		import {registerHooks} from 'node:module';
		registerHooks({resolve: (name, context, next) => { if (!/^(\\.|node:util$|file:)/.test(name)) throw new Error(name); return next(name, context); }});
		const {parseCommandLine} = await import('./source/commands/table/parse.ts');
		parseCommandLine(['status']);
	`;
	execFileSync(process.execPath, ['--input-type=module', '-e', script], {
		cwd: join(import.meta.dirname, '..'),
		stdio: 'pipe',
	});
});

test('the nearest word', () => {
	for (const [word, candidates, expected] of [
		['stauts', ['status', 'start'], 'status'],
		['budgt', ['budget', 'jobs'], 'budget'],
		['alert-after', ['budget', 'alertAfter'], 'alertAfter'],
		['prod', ['staging', 'production'], 'production'],
		['x', ['y', 'z'], null],
		['', ['a'], null],
		['zzzzzz', ['status'], null],
		['status', [], null],
		['aa', ['ab'], null],
		['abc', ['abd', 'abe'], 'abd'],
		['a'.repeat(100_000), ['a'], null],
	] as const) {
		assert.equal(nearest(word, candidates), expected, word.slice(0, 20));
	}
});

test('the distance of words is a distance', () => {
	assert.equal(editDistance('stauts', 'status'), 1);
	assert.equal(editDistance('', 'abc'), 3);
	const word = fc.string({maxLength: 12});
	fc.assert(
		fc.property(word, word, (a, b) => {
			const distance = editDistance(a, b);
			assert.equal(distance, editDistance(b, a));
			assert.equal(distance === 0, a === b);
			assert.ok(distance >= Math.abs(a.length - b.length) && distance <= Math.max(a.length, b.length));
		}),
	);
});
