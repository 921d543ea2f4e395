import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import type {Command} from '../source/commands/table/command.ts';
import {commandHelp, generalHelp} from '../source/commands/table/help.ts';
import {twoColumns, wrapped} from '../source/commands/table/layout.ts';
import {commandTableMarkdown} from '../source/commands/table/markdown.ts';
import {exitCodeMeanings} from '../source/commands/table/environment-help.ts';
import {commands, globalFlags} from '../source/commands/table/table.ts';
import {exitCodes} from '../source/errors.ts';

const helps = [generalHelp(), ...commands.map(command => commandHelp(command))];

test('help fits into 80 columns, has no spaces at line ends and ends with one line break', () => {
	for (const help of helps) {
		for (const line of help.split('\n')) {
			assert.ok(line.length <= 80, line);
			assert.equal(line, line.trimEnd());
		}

		assert.match(help, /[^\n]\n$/);
	}
});

test('the help of a command', () => {
	const command: Command = {
		name: 'lock',
		group: 'act',
		summary: '',
		description: 'Holds an environment, so that nobody else deploys to it until it is released again.',
		arguments: [
			{name: 'ENVIRONMENT', description: 'The environment.', choices: ['staging', 'production']},
			{name: 'WHY', description: 'The reason.', isOptional: true},
		],
		flags: [
			{
				name: 'for',
				short: 'f',
				kind: 'duration',
				placeholder: 'DURATION',
				default: '1h',
				variable: 'LOCK_FOR',
				description: 'How long.',
			},
			{name: 'a-flag-with-a-very-long-name', kind: 'switch', description: 'Long.'},
		],
		examples: [{line: 'deployctl lock staging', meaning: 'for an hour'}],
		exitCodes: ['locked'],
	};
	assert.equal(
		commandHelp(command),
		`Holds an environment, so that nobody else deploys to it until it is released
again.

Examples
  deployctl lock staging
      for an hour

Usage
  deployctl lock ENVIRONMENT [WHY] [flags]

Arguments
  ENVIRONMENT  The environment. One of staging, production.
  [WHY]        The reason.

Flags
  -f, --for DURATION  How long. Default: 1h. Variable: LOCK_FOR.
  --a-flag-with-a-very-long-name
                      Long.

Exit codes
  0   done, or already so
  2   wrong usage or configuration
  6   locked by another
  70  a bug of deployctl

Global flags: deployctl --help
`,
	);
});

test('the help of every command begins with examples, and tells of the global flags in one line', () => {
	for (const command of commands) {
		const help = commandHelp(command);
		assert.ok(command.examples.length > 0, command.name);
		assert.equal(/^\w[^\n]*$/m.exec(help.slice(help.indexOf('\n\n') + 2))?.[0], 'Examples', command.name);
		assert.ok(help.endsWith('\nGlobal flags: deployctl --help\n'), command.name);
		const own = new Set<string>(command.flags.map(({name}) => name));
		for (const {name} of globalFlags.filter(flag => !own.has(flag.name)))
			assert.doesNotMatch(
				help,
				new RegExp(`^  (?:-\\w, )?--${name}\\b`, 'm'),
				`${command.name} --help lists --${name}`,
			);
	}
	for (const {name} of globalFlags) assert.match(helps[0]!, new RegExp(`^  (?:-\\w, )?--${name}\\b`, 'm'));
});

test('help and docs/commands.md say everything that the table has', () => {
	const [general = ''] = helps;
	for (const {name, summary, flags, examples} of commands) {
		assert.ok(commandTableMarkdown().includes(`## \`deployctl ${name}`), name);
		assert.ok(general.replaceAll(/\s+/g, ' ').includes(summary), name);
		for (const flag of [...flags, ...globalFlags]) {
			assert.ok(commandTableMarkdown().includes(`--${flag.name}`), flag.name);
		}

		for (const {line} of examples) {
			assert.ok(commandTableMarkdown().includes(`$ ${line}`), line);
		}
	}

	for (const name of Object.keys(exitCodes) as Array<keyof typeof exitCodes>) {
		assert.ok(general.includes(`${exitCodes[name]}`.padEnd(5) + exitCodeMeanings[name]), name);
	}
});

test('tables of docs/commands.md have as many cells in every row', () => {
	for (const block of commandTableMarkdown()
		.split('\n\n')
		.filter(text => text.startsWith('|'))) {
		const counts = block.split('\n').map(row => row.replaceAll('\\|', '').split('|').length);
		assert.equal(new Set(counts).size, 1, block);
	}
});

test('wrapping keeps every word and the width', () => {
	fc.assert(
		fc.property(
			fc.array(fc.string({unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 30})),
			fc.integer({min: 1, max: 60}),
			(list, columns) => {
				const lines = wrapped(list.join(' '), columns);
				assert.equal(lines.join(' '), list.join(' '));
				assert.ok(lines.every(line => line.length <= columns || !line.includes(' ')));
			},
		),
	);
	assert.deepEqual(
		twoColumns([
			['a', 'one'],
			['bcd', 'two'],
		]),
		['  a    one', '  bcd  two'],
	);
});
