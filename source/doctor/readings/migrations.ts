/** How the scripts of the templates migrate the database, as `deploy.ENV.conf` says it. Files are read; nothing of them is run. */
import {readdir} from 'node:fs/promises';
import {dirname, join, normalize} from 'node:path';
import type {Settings} from '../../core/settings/settings.ts';
import {readTextBounded} from '../../settings/checkout/bounded-read.ts';
import type {MigrationReading} from '../model/model.ts';

/** The last value of a key, as the scripts read it: white space and one pair of quotes are taken off. */
const valueIn = (text: string, key: string): string => {
	const lines = text
		.split(/\r?\n/)
		.map(line => line.trimStart())
		.filter(line => line.startsWith(`${key}=`));
	const value = (lines.at(-1) ?? '').slice(key.length + 1).trim();
	return /^(["']).*\1$/.test(value) && value.length > 1 ? value.slice(1, -1) : value;
};

/** Adapters are small; what is larger is a program whose words say nothing. Bytes. */
const largestAdapter = 65_536;

/** The file that a command names, by its path in the checkout; null: it names none that can be read. */
const adapterOf = async (root: string, command: string): Promise<MigrationReading['adapter']> => {
	for (const word of command.split(/\s+/)) {
		const path = normalize(word);
		if (!/^[\w./-]+$/.test(word) || path.startsWith('..') || path.startsWith('/')) continue;
		const text = await readTextBounded(join(root, path), largestAdapter);
		if (text !== null) return {path, text};
	}
	return null;
};

/** Of each `deploy.ENV.conf` beside a deploying script that has a MIGRATE_CMD. */
export const readMigrations = async (root: string, {environments}: Settings): Promise<readonly MigrationReading[]> => {
	const folders = [...new Set(environments.map(({deploy}) => dirname(deploy.path)))];
	const names = await Promise.all(
		folders.map(async folder =>
			(await readdir(join(root, folder)).catch(() => [])).map(name => join(folder, name)),
		),
	);
	const files = names
		.flat()
		.filter(path => /(?:^|\/)deploy\.(?!example\.)[\w-]+\.conf$/.test(path))
		.sort();
	const read = await Promise.all(
		files.map(async path => {
			const text = (await readTextBounded(join(root, path), largestAdapter)) ?? '';
			const command = valueIn(text, 'MIGRATE_CMD');
			return command === ''
				? []
				: [
						{
							path,
							knowsPosition: valueIn(text, 'MIGRATE_POSITION') === 'yes',
							adapter: await adapterOf(root, command),
						},
					];
		}),
	);
	return read.flat();
};
