/** The built demo in a pseudo-terminal, as a newcomer has it: real supervisors, scripts, processes and HTTP. */
import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test, type TestContext} from 'node:test';
import {realClock} from '../source/edges/clock.ts';
import {processEntry} from '../source/operations/script/process-tree.ts';
import {findPlace} from '../source/sandbox/place.ts';
import {patient, until} from './helpers/patience.ts';
import {launcher, run, temporaryHome} from './helpers/program.ts';
import {type Pty, startInPty} from './helpers/pty.ts';
import {eventually, processesIn, said} from './helpers/sandbox.ts';

const enter = '\r';

const stage = (t: TestContext) => {
	const {home, env} = temporaryHome(t);
	const folder = join(home, 'state', 'deployctl', 'demo', 'quiet');
	const open = (...args: readonly string[]) => {
		// Nothing happens in this scenario by itself.
		const pty = startInPty(
			process.execPath,
			[launcher, 'demo', '--scenario', 'quiet', '--reduced-motion', ...args],
			{columns: 120, rows: 40, cwd: home, env},
		);
		t.after(() => pty.close());
		return pty;
	};
	// Before the folder is removed: what looks at it ends, and a script that is at work must not write into it meanwhile.
	t.after(async () =>
		eventually('no script is at work', async () =>
			(await processesIn(folder)).every(line => !line.includes('host.sh')),
		),
	);
	return {home, folder, open, env};
};

/** A dialog takes no confirmation in its first half second: the key is pressed again until it does. */
const confirm = async (pty: Pty, expected: RegExp): Promise<void> => {
	await until(
		() => `y is heard:\n${pty.text()}`,
		() => {
			pty.write('y');
			return pty.waitFor(expected, patient(800)).then(
				() => true,
				() => false,
			);
		},
	);
};

/** Selects the commit so many rows below the first, and deploys it to staging. */
const deployTo = async (pty: Pty, below: number, what: RegExp, running: RegExp): Promise<void> => {
	await pty.waitFor(/staging +1dfa83c healthy[\s\S]*rollback ready[\s\S]*production +cdc3fb4 healthy/);
	pty.write('j'.repeat(below));
	await pty.waitFor(what);
	pty.write('D');
	await pty.waitFor(/Deploy to which environment/);
	pty.write(enter);
	await pty.waitFor(/Press y to deploy/);
	await confirm(pty, running);
};

// Most of it is waiting: side by side, but not so many that a small machine does nothing but draw.
describe('the demo', {concurrency: 3}, () => {
	test('deploy the bad release, see it turn red, roll back, see it recover; quitting leaves nothing', async t => {
		const {folder, open} = stage(t);
		const pty = open();
		await deployTo(pty, 1, /7a86ad4 chosen/, /Deploy to staging +1dfa83c → 7a86ad4/);
		await pty.waitFor(/7a86ad4 is live on staging/);
		const place = await findPlace(folder);
		assert.match((await said(place, 'staging'))!.sha, /^7a86ad4/);
		await pty.waitFor(/staging is unhealthy/);
		assert.equal((await said(place, 'staging'))!.health, 503);
		pty.write('B');
		await pty.waitFor(/Roll back staging to which release[\s\S]*▸ ✔ 1dfa83c/);
		pty.write(enter);
		await pty.waitFor(/Press y to roll back/);
		await confirm(pty, /Roll back staging +7a86ad4 → 1dfa83c/);
		await pty.waitFor(/Staging is back on 1dfa83c/);
		assert.equal((await said(place, 'staging'))!.health, 200);
		pty.write('q');
		assert.equal((await pty.exited).exitCode, 0);
		await eventually('nothing of it runs', async () => (await processesIn(folder)).length === 0);
	});

	test('the terminal is closed in the middle: the operation goes on, and the next start finds it', async t => {
		const {folder, open} = stage(t);
		const first = open();
		// This one never gets healthy: its deployment takes some seconds, and gives up.
		await deployTo(first, 3, /912bbb1 chosen/, /Deploy to staging +1dfa83c → 912bbb1/);
		await first.waitFor(/● smoke/);
		// It is not to end before the next start has come so far, however long that takes.
		const scripts = (await processesIn(folder))
			.filter(line => /(?:host|deploy)\.sh/.test(line))
			.map(line => Number.parseInt(line, 10));
		assert.ok(scripts.length > 0, 'a script is at work');
		const signal = (name: NodeJS.Signals) => {
			for (const pid of scripts) if (processEntry(pid) !== null) process.kill(pid, name);
		};
		signal('SIGSTOP');
		const second = await (async () => {
			try {
				first.signal('SIGHUP');
				await first.exited;
				assert.ok((await processesIn(folder)).length > 4, 'script and applications go on');
				const next = open();
				await next.waitFor(/Deployment of 912bbb1 to staging is running. A attaches/);
				return next;
			} finally {
				signal('SIGCONT');
			}
		})();
		second.write('A');
		await second.waitFor(/Deploy to staging +1dfa83c → 912bbb1[\s\S]*deployctl\/1 \S+ \S+ begin upload/);
		await second.waitFor(/nothing changed on staging/);
		assert.match((await said(await findPlace(folder), 'staging'))!.sha, /^1dfa83c/);
		// While it is open, another one looks on and says why it can do no more.
		const third = open();
		await third.waitFor(/Another demo uses the environments/);
		third.write('q');
		await third.exited;
		assert.equal((await said(await findPlace(folder), 'staging'))!.health, 200);
		second.write('q');
		assert.equal((await second.exited).exitCode, 0);
		await eventually('nothing of it runs', async () => (await processesIn(folder)).length === 0);
	});

	test('the terminal is closed right after the operation began: its GitHub stays as long as it is asked, the next start says how it ended', async t => {
		const {folder, open} = stage(t);
		const first = open();
		await deployTo(first, 1, /7a86ad4 chosen/, /Deploy to staging +1dfa83c → 7a86ad4/);
		first.hangUp();
		await first.exited;
		const simulators = async () => (await processesIn(folder)).filter(line => line.includes('worker.js'));
		assert.equal((await simulators()).length, 1, 'GitHub is still there');
		await until(
			'the operation has ended',
			async () => !(await processesIn(folder)).some(line => /supervisor|host\.sh|deploy\.sh/.test(line)),
		);
		const second = open();
		await second.waitFor(/Since you left: Deployment of 7a86ad4 to staging by you succeeded/);
		second.write('O');
		await second.waitFor(/Operations/);
		second.write('\u001B');
		await second.waitFor(screen => /Candidates/.test(screen) && !/Since you left/.test(screen));
		second.write('q');
		assert.equal((await second.exited).exitCode, 0);
		await eventually('nothing of it runs, GitHub included', async () => (await processesIn(folder)).length === 0);
	});

	/** From the board to the line where the phrase is typed; the phrase. */
	const openRollback = async (pty: Pty): Promise<string> => {
		await pty.waitFor(/production +cdc3fb4 healthy[\s\S]*rollback ready/);
		pty.write('B');
		await pty.waitFor(/Roll back which environment\?[\s\S]*▸ production/);
		pty.write(enter);
		await pty.waitFor(/Roll back production to which release\?[\s\S]*▸ ✔ 3fc62f6/);
		pty.write(enter);
		await pty.waitFor(/Type production 3fc62f6 and press Enter/);
		return 'production 3fc62f6';
	};
	/** Shown before the next part is typed: a machine that is slower than a typist would else get all of it at once. */
	const typeParts = async (pty: Pty, parts: readonly string[], pauseMs: (index: number) => number): Promise<void> => {
		let typed = '';
		for (const [index, part] of parts.entries()) {
			await realClock.after(pauseMs(index));
			pty.write(part);
			typed += part;
			const shown = typed;
			if (index < parts.length - 1) await pty.waitFor(screen => screen.includes(`> ${shown}`));
		}
	};

	for (const [how, partsOf, pauseMs] of [
		[
			'typed at the speed of people, with Enter 50 ms later',
			(phrase: string) => [...phrase, enter],
			(index: number) => (index === 18 ? 50 : 30 + (index % 4) * 30),
		],
		[
			'in three chunks of a slow line, the last one with Enter',
			(phrase: string) => [phrase.slice(0, 5), phrase.slice(5, 12), phrase.slice(12) + enter],
			() => 300,
		],
	] as const)
		test(`production is rolled back by the first Enter: ${how}`, async t => {
			const pty = stage(t).open();
			await typeParts(pty, partsOf(await openRollback(pty)), pauseMs);
			await pty.waitFor(/Roll back production +cdc3fb4 → 3fc62f6[\s\S]*succeeded/);
			pty.write('q');
			assert.equal((await pty.exited).exitCode, 0);
		});

	test('without what the scripts need, the demo says so and goes on; as lines it has no environments', async t => {
		const {folder, home, env} = stage(t);
		const pty = startInPty(process.execPath, [launcher, 'demo', '--scenario', 'quiet', '--reduced-motion'], {
			columns: 120,
			rows: 40,
			cwd: home,
			env: {...env, PATH: home},
		});
		t.after(() => pty.close());
		await pty.waitFor(/no environments here: their scripts need bash/);
		await pty.waitFor(/Comments can be resolved/);
		pty.write('q');
		assert.equal((await pty.exited).exitCode, 0);
		assert.ok(!existsSync(join(folder, 'checkout')));
		const {exitCode, stdout} = await run(['demo', '--scenario', 'quiet'], {env, cwd: home});
		assert.deepEqual([exitCode, existsSync(join(folder, 'checkout'))], [0, false], stdout);
	});
});
