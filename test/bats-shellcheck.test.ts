/** The deployment scripts: ShellCheck over all of them, and each bats file as a test of its own, against real directories, processes, git and sshd. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {readdirSync} from 'node:fs';
import {delimiter, join} from 'node:path';
import {describe, test} from 'node:test';
import {fileURLToPath} from 'node:url';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const templates = here('../source/templates/scripts');
const env = {
	...process.env,
	NODE_BINARY: process.execPath,
	PATH: [process.env['PATH'] ?? '', '/usr/sbin', '/sbin'].join(delimiter),
};

type Ran = {code: number | string | null; output: string};
const run = (command: string, ...args: readonly string[]): Promise<Ran> =>
	new Promise(resolve => {
		execFile(command, args, {env, maxBuffer: 16 * 1024 * 1024}, (error, stdout, stderr) =>
			resolve({code: error === null ? 0 : (error.code ?? null), output: stdout + stderr}),
		);
	});
const missing = async (...tools: readonly string[]): Promise<string | false> => {
	for (const tool of tools)
		if ((await run('sh', '-c', `command -v ${tool}`)).code !== 0) return `${tool} is not installed here`;
	return process.platform === 'linux' ? false : 'the host half of the scripts needs Linux';
};

test('ShellCheck has nothing to say', {skip: await missing('shellcheck')}, async () => {
	const files = readdirSync(templates, {recursive: true, encoding: 'utf8'})
		.filter(name => name.endsWith('.sh'))
		.map(name => join(templates, name));
	assert.ok(files.length > 10);
	const {code, output} = await run('shellcheck', '-x', '-P', 'SCRIPTDIR', ...files);
	assert.equal(code, 0, output);
});

/** Two at a time: they wait more than they work. The longest happen to come last in the alphabet, and begin first. */
describe(
	'bats',
	{concurrency: 2, timeout: 3_600_000, skip: await missing('bats', 'git', 'flock', 'curl', 'timeout', 'setsid')},
	() => {
		for (const name of readdirSync(here('scripts'))
			.filter(file => file.endsWith('.bats'))
			.toSorted()
			.toReversed()) {
			test(name, async t => {
				const {code, output} = await run('bats', here(`scripts/${name}`));
				const [passed, skipped] = [
					output.match(/^ok /gm)?.length ?? 0,
					output.match(/^ok .*# skip/gm)?.length ?? 0,
				];
				t.diagnostic(`${passed - skipped} passed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
				assert.equal(code, 0, output);
				assert.ok(passed > 0, 'no test ran');
			});
		}
	},
);
