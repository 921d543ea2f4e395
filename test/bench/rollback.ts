/** From the confirming key to "health validated": a rollback in the sandbox, with real supervisor, script, processes and HTTP. */
import {spawn} from 'node:child_process';
import {existsSync, mkdtempSync, realpathSync, rmSync} from 'node:fs';
import {hostname, tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {defaultSettings} from '../../source/core/settings/settings.ts';
import {realClock} from '../../source/edges/clock.ts';
import {createOperations} from '../../source/operations/operations.ts';
import {good} from '../../source/sandbox/behaviours.ts';
import {freePorts} from '../../source/sandbox/ports.ts';
import {withSandbox} from '../../source/sandbox/settings.ts';
import {eventually, processesIn, sourceProgram, stageIn} from '../helpers/sandbox.ts';
import {type Bench, median, milliseconds, percentile, ratio} from './measure.ts';

const rounds = 20;
const dist = (name: string): string => fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));
/** The built files, as the demo has them. */
const program = {...sourceProgram, app: dist('sandbox-app.js')};

const timed = async (act: () => Promise<unknown>): Promise<number> => {
	const began = performance.now();
	await act();
	return performance.now() - began;
};

const bareNode = () =>
	new Promise<void>((resolve, reject) => {
		spawn(process.execPath, ['-e', '0'], {stdio: 'ignore'})
			.once('error', reject)
			.once('exit', () => resolve());
	});

/** How long the application itself takes from its start to its first answer. */
const applicationStart = async (heartbeat: string, release: string, port: number): Promise<number> => {
	const child = spawn(process.execPath, [program.app, heartbeat, 'service', release, String(port), 'staging'], {
		stdio: 'ignore',
	});
	try {
		return await timed(() =>
			eventually('it answers', () =>
				fetch(`http://127.0.0.1:${port}/health`).then(
					({ok}) => ok,
					() => false,
				),
			),
		);
	} finally {
		child.kill('SIGKILL');
	}
};

export const rollback = async (): Promise<Bench> => {
	if (!existsSync(program.app)) throw new Error('This bench measures the built program: npm run build');
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'deployctl-bench-')));
	const stage = await stageIn(folder);
	const sandbox = await stage.open({program, behaviourOf: () => good});
	const {place} = stage;
	const env = {PATH: process.env['PATH'] ?? '', HOME: folder};
	const operations = createOperations({
		state: join(folder, 'deployctl'),
		gitHubHost: 'github.com',
		isExplicit: true,
		repository: 'acme/app',
		directory: place.checkout,
		settings: withSandbox(defaultSettings, place),
		readOnly: false,
		host: hostname(),
		user: 'bench',
		clock: realClock,
		supervisor: {command: [process.execPath, dist('supervisor.js')], env},
		gitHub: null,
		proveAgain: null,
	});
	const times: Record<'node' | 'plan' | 'done' | 'validated' | 'script' | 'start', number[]> = {
		node: [],
		plan: [],
		done: [],
		validated: [],
		script: [],
		start: [],
	};
	try {
		for (let round = 0; round < rounds; round++) {
			const deploy = (name: string) =>
				stage.script('deploy.sh', [
					'--env',
					name,
					'--sha',
					(0x10 + round).toString(16).padStart(40, '9'),
					'--run',
					`bench-${round}`,
				]);
			for (const name of ['staging', 'production']) await deploy(name);
			times.node.push(await timed(bareNode));
			let plan = await operations.plan({kind: 'rollback', environment: 'staging', release: null}, []);
			times.plan.push(
				await timed(async () => {
					plan = await operations.plan({kind: 'rollback', environment: 'staging', release: null}, []);
				}),
			);
			const pressed = Date.now();
			times.done.push(
				await timed(async () => {
					const started = await operations.start(plan, {phrase: plan.phrase});
					if (!started.ok) throw new Error(started.because);
					await eventually(
						'it has ended',
						async () => (await operations.read()).operations[0]?.outcome !== 'running',
					);
				}),
			);
			const {outcome, because, steps} = (await operations.read()).operations[0]!;
			if (outcome !== 'succeeded' && outcome !== 'rolled-back') throw new Error(because);
			times.validated.push((steps.find(({name}) => name === 'verify')?.finishedAt ?? Number.NaN) - pressed);
			times.script.push(
				await timed(() => stage.script('rollback.sh', ['--env', 'production', '--run', `by-hand-${round}`])),
			);
			times.start.push(
				await applicationStart(
					place.heartbeat,
					realpathSync(join(place.hosts, 'staging', 'current')),
					(await freePorts(1))[0]!,
				),
			);
		}
	} finally {
		await sandbox.end();
		await eventually('all of it has ended', async () => (await processesIn(folder)).length === 0);
		rmSync(folder, {recursive: true, force: true});
	}
	const base = median(times.node);
	const row = (name: string, values: readonly number[]) => [
		name,
		milliseconds(median(values)),
		milliseconds(percentile(values, 0.95)),
		ratio(median(values), base),
	];
	return {
		title: `Rollback in the sandbox, ${rounds} times (the release before is still warm)`,
		columns: ['what', 'median ms', 'p95 ms', '`node -e 0`'],
		rows: [
			row('bare `node -e 0`', times.node),
			row('the plan that the dialog shows', times.plan),
			row('confirming key → health validated by the script', times.validated),
			row('confirming key → outcome in the journal, locks released', times.done),
			row('`scripts/rollback.sh` alone, by hand', times.script),
			row("the application's own start, which a warm release does not need", times.start),
		],
		note: 'The script waits for two good answers in a row of the release itself and of the proxy before it; the supervisor observes before and after.',
	};
};
