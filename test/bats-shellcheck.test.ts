/** The deployment scripts under ShellCheck; and each of their bats files has a test file, so that they run side by side. */
import assert from 'node:assert/strict';
import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {missingTool, runTool} from './helpers/bats.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const templates = here('../source/templates/scripts');

test('ShellCheck has nothing to say', {skip: await missingTool('shellcheck')}, async () => {
	const files = readdirSync(templates, {recursive: true, encoding: 'utf8'})
		.filter(name => name.endsWith('.sh'))
		.map(name => join(templates, name));
	assert.ok(files.length > 10);
	const {code, output} = await runTool('shellcheck', '-x', '-P', 'SCRIPTDIR', ...files);
	assert.equal(code, 0, output);
});

test('every bats file is run', () => {
	const names = readdirSync(here('scripts')).filter(name => name.endsWith('.bats'));
	assert.ok(names.length > 10);
	for (const name of names) {
		const file = `bats-${name.replace('.bats', '.test.ts')}`;
		assert.ok(existsSync(here(file)), `${name} has no test/${file}`);
	}
});
