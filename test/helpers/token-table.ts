/** The table of docs/tokens.md, from the table of the code. */
import {
	type Level,
	type Permission,
	permissionTitles,
	type Permissions,
	together,
} from '../../source/core/github/needs.ts';
import {type CommandNeed, commandNeeds, needsOfUses} from '../../source/github/token-needs.ts';

const order = Object.keys(permissionTitles) as Permission[];
const inWords = (permissions: Permissions): string =>
	(['read', 'write'] as const)
		.flatMap((level: Level) => {
			const names = order.filter(name => permissions[name] === level).map(name => permissionTitles[name]);
			return names.length === 0 ? [] : [`${names.join(', ')}: ${level}`];
		})
		.join('; ');

/** What comes on top of what the command needs anyhow. */
const beyond = (base: Permissions, more: Permissions): Permissions =>
	Object.fromEntries(
		Object.entries(more).filter(
			([name, level]) => base[name as Permission] !== 'write' && base[name as Permission] !== level,
		),
	);

const row = ({commands, uses, sometimes = [], scopes}: CommandNeed): string => {
	const base = needsOfUses(uses);
	const more = sometimes
		.map(
			({uses: others = [], permissions = {}, when}) =>
				[inWords(beyond(base, together([needsOfUses(others), permissions]))), when] as const,
		)
		.filter(([words]) => words !== '');
	return `| ${commands.map(name => `\`${name}\``).join(', ')} | ${scopes.map(scope => `\`${scope}\``).join(', ')} | ${inWords(base)} | ${more.map(([words, when]) => `${words}, when ${when}`).join('<br>')} |`;
};

export const tokenTable = (): string =>
	[
		'| command | classic | fine-grained, GitHub App, workflow | besides |',
		'| --- | --- | --- | --- |',
		...commandNeeds.map(row),
	].join('\n');
