/** Completion scripts of the shells, from the table. */
import {defaultSettings} from '../../core/settings/settings.ts';
import type {Flag} from '../table/command.ts';
import type {Completable} from './completable.ts';
import {bashScript} from './bash.ts';
import {fishScript} from './fish.ts';
import {zshScript} from './zsh.ts';
import {commands, globalFlags} from '../table/table.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

const completable = (): Completable => {
	const all: readonly Flag[] = [...globalFlags, ...commands.flatMap(({flags}): readonly Flag[] => flags)];
	// Where a name has choices in one command and is free in another (--until), the choices are worth completing.
	const byChoices = all.toSorted(
		(one, other) => Number(one.choices !== undefined) - Number(other.choices !== undefined),
	);
	return {
		commands,
		globalFlags,
		flags: [...new Map(byChoices.map(flag => [flag.name, flag])).values()],
		flagsOf: ({flags, refuses}) => [...flags, ...globalFlags].filter(({name}) => !refuses?.names.includes(name)),
		wordsFor: ({name, choices}) =>
			choices ??
			(name === 'COMMAND'
				? commands.map(command => command.name)
				: name === 'ENV'
					? defaultSettings.environments.map(environment => environment.name)
					: []),
	};
};

const scripts: Readonly<Record<Shell, (table: Completable) => string>> = {
	bash: bashScript,
	zsh: zshScript,
	fish: fishScript,
};

/** The script that `deployctl completion SHELL` prints, with a line break at its end. */
export const completionScript = (shell: Shell): string => scripts[shell](completable());
