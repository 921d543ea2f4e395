/** E2E as an operator sees it: the scripts deploy, a real Playwright tests in four shards, and the built program in a terminal tells of it. Real time. */
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {createProject, createStaging, runShard} from './playwright.ts';
import {patienceMs} from './patience.ts';
import {launcher, temporaryHome} from './program.ts';
import {startInPty} from './pty.ts';
import {createStage} from './sandbox.ts';

/** As the reporter of the tests itself saw it end, by this machine's clock. */
export type TestEnd = {title: string; outcome: string; at: number};
export type Frame = {at: number; text: string};

/** Of shard `index`, as its row says: `3/30`. */
export const doneIn = (frame: string, index: number): number =>
	Number(new RegExp(`${index}/4\\b[^\\d\\n]* (\\d+)/\\d+ `).exec(frame)?.[1] ?? 0);

/** Whether it stands in the list of what failed or was flaky; not the test that runs now. */
export const names = (frame: string, title: string): boolean =>
	frame.split('\n').some(line => /^│ [▸ ] \S \S+\.spec\.ts:\d+ › /.test(line) && `${line} `.includes(`› ${title} `));

export type WatchOptions = {
	columns: number;
	rows: number;
	/** For the tests of a shard, in its environment. */
	more?: (index: number) => Readonly<Record<string, string>>;
	args?: readonly string[];
	/** The steady tests go on at least until the screen has looked like this. */
	until?: (frame: string) => boolean;
};

export const watchLiveE2e = async (
	t: Pick<TestContext, 'after'>,
	{columns, rows, more = () => ({}), args = [], until}: WatchOptions,
) => {
	const project = createProject(t);
	const stage = await createStage(t);
	const deployed = {output: ''};
	const staging = await createStaging(t, {
		startsAt: Date.now() - 60_000,
		async deploy(sha) {
			const sandbox = await stage.open({
				commits: [{alias: 'one', sha, message: 'First'}],
				releases: {staging: [], production: []},
			});
			t.after(() => sandbox.end());
			const {code, output} = await stage.script('deploy.sh', ['--env', 'staging', '--sha', sha, '--run', 'e2e']);
			if (code !== 0) throw new Error(`deploy.sh ended with ${code}:\n${output}`);
			deployed.output = output;
			return `http://127.0.0.1:${stage.place.ports.staging.front}`;
		},
	});
	const {home, env} = temporaryHome(t);
	const {simulator} = staging;
	const screen = startInPty(process.execPath, [launcher, '--repo', 'acme/auto-author'], {
		columns,
		rows,
		cwd: home,
		env: {
			...env,
			GH_TOKEN: 'sim_classic',
			GITHUB_API_URL: simulator.restUrl,
			GITHUB_GRAPHQL_URL: simulator.graphqlUrl,
		},
	});
	t.after(() => screen.close());
	// The board with its tiers: E2E waits for its runners.
	await screen.waitFor(/E2E\s+○ queued|E2E[^]*queued/);
	screen.write('t');
	await screen.waitFor(/E2E tests/);
	const awaited = join(project.folder, 'awaited');
	const frames: Frame[] = [];
	let over = false;
	const watching = screen.waitFor(text => {
		if (text !== frames.at(-1)?.text) {
			frames.push({at: Date.now(), text});
			if (until?.(text)) writeFileSync(awaited, '');
		}
		return over;
	}, 4 * patienceMs);
	// A test that has failed already says why.
	watching.catch(() => {});
	const began = Date.now();
	const times = (index: number) => join(project.folder, `times-${index}`);
	const shards = await Promise.all(
		[1, 2, 3, 4].map(async index =>
			runShard(
				project,
				staging,
				index,
				{...(until && {E2E_UNTIL: awaited}), ...more(index), E2E_TIMES: times(index)},
				args,
			),
		),
	);
	const tookMs = Date.now() - began;
	const ends = (index: number): TestEnd[] =>
		existsSync(times(index))
			? readFileSync(times(index), 'utf8')
					.trim()
					.split('\n')
					.map(line => JSON.parse(line) as TestEnd)
			: [];
	return {
		staging,
		screen,
		frames,
		shards,
		began,
		tookMs,
		deployed: deployed.output,
		/** By shard, in the order in which they ended. */
		ends: [1, 2, 3, 4].map(ends),
		/** Ends the recording of frames; the screen goes on. */
		async stop() {
			over = true;
			// Its spinner draws anew within a moment; where nothing moves any more, a key does.
			screen.write('?');
			await watching;
			screen.write('\u001B');
		},
	};
};
