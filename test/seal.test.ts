import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {maskText} from '../source/core/text/mask.ts';
import {sealLog} from '../source/operations/script/seal.ts';

const secrets = ['open-sesame'];

const inFolder = (t: TestContext) => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-seal-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	return {
		folder,
		raw: join(folder, 'output.raw'),
		sealed: join(folder, 'output.log'),
		part: join(folder, 'output.log.part'),
		secrets,
	};
};
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
const masked = (content: Buffer) => Buffer.from(maskText(content.toString('latin1'), secrets), 'latin1');
/** Lines with secrets here and there, and bytes that are no UTF-8. */
const output = (lines: number) =>
	Buffer.concat(
		Array.from({length: lines}, (_, index) =>
			Buffer.concat([
				Buffer.from(
					`\u001B[2m${index}\u001B[0m é ${index % 50 === 0 ? 'open-sesame' : 'nothing to see'} ${'.'.repeat(index % 90)}`,
				),
				Buffer.from([0xc3, 0xff]),
				Buffer.from('\n'),
			]),
		),
	);

const sealing = (files: {raw: string; sealed: string}, shell: string | null = null) => {
	const register = fileURLToPath(new URL('./helpers/register.js', import.meta.url));
	const program = `const {sealLog} = await import(${JSON.stringify(new URL('../source/operations/script/seal.ts', import.meta.url).href)}); console.log(JSON.stringify(await sealLog(${JSON.stringify({raw: files.raw, sealed: files.sealed, secrets})})));`;
	const node = [process.execPath, '--import', register, '--input-type=module', '-e', program] as const;
	return shell === null
		? spawn(node[0], node.slice(1), {stdio: ['ignore', 'pipe', 'inherit']})
		: spawn('sh', ['-c', `${shell}; exec "$@"`, 'sh', ...node], {stdio: ['ignore', 'pipe', 'inherit']});
};

test('what was raw is sealed masked, for its owner alone, byte by byte otherwise', async t => {
	const files = inFolder(t);
	const content = output(20_000);
	writeFileSync(files.raw, content);
	const result = await sealLog(files);
	const written = readFileSync(files.sealed);
	assert.deepEqual(result, {ok: true, bytes: written.length, sha256: sha256(written)});
	assert.ok(written.equals(masked(content)));
	assert.ok(!written.includes('sesame') && written.includes(Buffer.from([0xc3, 0xff, 0x0a])));
	assert.equal(statSync(files.sealed).mode & 0o777, 0o600);
	assert.deepEqual(readdirSync(files.folder), ['output.log']);
});

test('again, or without any output: the same answer, an empty log', async t => {
	const files = inFolder(t);
	const empty = {ok: true, bytes: 0, sha256: sha256(Buffer.alloc(0))};
	assert.deepEqual(await sealLog(files), empty);
	assert.deepEqual(await sealLog(files), empty);
	assert.deepEqual(readdirSync(files.folder), ['output.log']);
});

test('a line without end, a secret across all borders', async t => {
	const files = inFolder(t);
	writeFileSync(files.raw, 'x'.repeat(262_140) + 'open-sesame'.repeat(3) + 'y'.repeat(1_500_000) + 'open-sesame');
	assert.equal((await sealLog(files)).ok, true);
	const text = readFileSync(files.sealed, 'utf8');
	assert.ok(text === `${'x'.repeat(262_140)}***${'y'.repeat(1_500_000)}***`, text.length.toString());
});

test('between renaming and removing: the sealed log is believed, the raw one goes, even with other secrets', async t => {
	const files = inFolder(t);
	writeFileSync(files.raw, 'a open-sesame\n');
	writeFileSync(files.sealed, 'a ***\n');
	writeFileSync(files.part, 'a o');
	assert.deepEqual(await sealLog({...files, secrets: []}), {
		ok: true,
		bytes: 6,
		sha256: sha256(Buffer.from('a ***\n')),
	});
	assert.deepEqual(readdirSync(files.folder), ['output.log']);
});

test('a link in the place of the half-written file is not followed', async t => {
	const files = inFolder(t);
	const precious = join(files.folder, 'precious');
	writeFileSync(precious, 'precious');
	symlinkSync(precious, files.part);
	writeFileSync(files.raw, 'a\n');
	assert.equal((await sealLog(files)).ok, true);
	assert.equal(readFileSync(precious, 'utf8'), 'precious');
});

test('killed at any moment: raw stays until the sealed log is complete, and the next call completes it', async t => {
	const files = inFolder(t);
	const content = output(80_000);
	const expected = masked(content);
	for (const share of [0, 0.3, 0.9, 1]) {
		rmSync(files.sealed, {force: true});
		writeFileSync(files.raw, content);
		const child = sealing(files);
		const ended = once(child, 'exit');
		const written = () => statSync(files.part, {throwIfNoEntry: false})?.size ?? -1;
		// Its size, or (too late for that) the end.
		while (written() < share * expected.length && child.exitCode === null && !existsSync(files.sealed))
			await turn();
		child.kill('SIGKILL');
		await ended;
		assert.ok(
			existsSync(files.sealed) || readFileSync(files.raw).equals(content),
			'raw is whole until there is a sealed log',
		);
		if (existsSync(files.sealed)) assert.ok(readFileSync(files.sealed).equals(expected), 'a sealed log is whole');
		assert.deepEqual(await sealLog(files), {ok: true, bytes: expected.length, sha256: sha256(expected)});
		assert.ok(readFileSync(files.sealed).equals(expected));
		assert.deepEqual(readdirSync(files.folder), ['output.log']);
	}
});

test('no room: the raw log stays, nothing half stays, and it says so', async t => {
	const files = inFolder(t);
	const content = output(50_000);
	writeFileSync(files.raw, content);
	// A limit on the size of files, as near to a full disk as a test without privileges comes.
	const child = sealing(files, 'ulimit -f 2000');
	const answer: string[] = [];
	child.stdout.on('data', (chunk: Buffer) => answer.push(chunk.toString()));
	await once(child, 'close');
	assert.deepEqual(JSON.parse(answer.join('')), {
		ok: false,
		because: `The disk is full: it stays as it is in ${files.raw}, which only its owner can read.`,
	});
	assert.ok(readFileSync(files.raw).equals(content));
	assert.deepEqual(readdirSync(files.folder), ['output.raw']);
	assert.equal((await sealLog(files)).ok, true);
	assert.ok(readFileSync(files.sealed).equals(masked(content)));
});
