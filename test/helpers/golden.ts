/** Texts that people have looked at and found good. `UPDATE_SCREENS=1 npm test` writes them anew; then look at the difference. */
import assert from 'node:assert/strict';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname} from 'node:path';
import {fileURLToPath} from 'node:url';

export const matchesGolden = (name: string, actual: string): void => {
	const path = fileURLToPath(new URL(`../screens/${name}.txt`, import.meta.url));
	if (process.env['UPDATE_SCREENS'] === '1') {
		mkdirSync(dirname(path), {recursive: true});
		writeFileSync(path, `${actual}\n`);
		return;
	}
	assert.equal(
		`${actual}\n`,
		readFileSync(path, 'utf8'),
		`the screen differs from test/screens/${name}.txt; UPDATE_SCREENS=1 writes it anew`,
	);
};
