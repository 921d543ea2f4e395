/** One bats file as a test of its own: against real directories, processes, git and sshd. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {delimiter} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const env = {
	...process.env,
	NODE_BINARY: process.execPath,
	PATH: [process.env['PATH'] ?? '', '/usr/sbin', '/sbin'].join(delimiter),
};

/** Runs a command to its end. `code`: the exit code, the name of an error such as ENOENT, or null after a signal. */
export function runTool(
	command: string,
	...args: readonly string[]
): Promise<{code: number | string | null; output: string}> {
	return new Promise(resolve => {
		execFile(command, args, {env, maxBuffer: 16 * 1024 * 1024}, (error, stdout, stderr) =>
			resolve({code: error === null ? 0 : (error.code ?? null), output: stdout + stderr}),
		);
	});
}

/** Why a test is skipped: the first tool that is not installed; false when all are here. */
export async function missingTool(...tools: readonly string[]): Promise<string | false> {
	for (const tool of tools)
		if ((await runTool('sh', '-c', `command -v ${tool}`)).code !== 0) return `${tool} is not installed here`;
	return process.platform === 'linux' ? false : 'the host half of the scripts needs Linux';
}

/** @param name of a file in test/scripts */
export async function batsFile(name: string): Promise<void> {
	const skip = await missingTool('bats', 'git', 'flock', 'curl', 'timeout', 'setsid');
	test(name, {skip}, async t => {
		const {code, output} = await runTool('bats', here(`../scripts/${name}`));
		const [passed, skipped] = [output.match(/^ok /gm)?.length ?? 0, output.match(/^ok .*# skip/gm)?.length ?? 0];
		t.diagnostic(`${passed - skipped} passed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
		assert.equal(code, 0, output);
		assert.ok(passed > 0, 'no test ran');
	});
}
