/** Whatever the terminal does to the screen (wrap it anew, show a row wider than measured, print), the next frame is whole. */
import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {startSimulator} from '../source/simulator/server.ts';
import {launcher, temporaryHome} from './helpers/program.ts';
import {noTmux, startInTmux, type Tmux} from './helpers/tmux.ts';

type Size = readonly [columns: number, rows: number];

/** One simulator and one cache for all programs of a test: whoever starts after the first has read what that one has read. */
const github = async (t: TestContext, name: string, minutes: number) => {
	const scenario = scenarioNamed(name);
	const offset = Date.parse(scenario.startsAt) + minutes * 60_000 - Date.now();
	const simulator = await startSimulator({scenario, clock: {now: () => Date.now() + offset}});
	const programs: Tmux[] = [];
	// In this order; hooks run in the order in which they were added.
	t.after(() => Promise.all(programs.map(program => program.stop())));
	t.after(() => simulator.close());
	const {home, env} = temporaryHome(t);
	return ([columns, rows]: Size) => {
		const program = startInTmux([process.execPath, launcher, '--reduced-motion'], {
			columns,
			rows,
			cwd: home,
			env: {
				...env,
				GH_REPO: `${scenario.repository.owner}/${scenario.repository.name}`,
				GH_TOKEN: scenario.tokens[0]!.token,
				GITHUB_API_URL: simulator.restUrl,
				GITHUB_GRAPHQL_URL: simulator.graphqlUrl,
			},
		});
		programs.push(program);
		return program;
	};
};

/** Clocks run on, and two programs do not ask at the same moment: numbers, ages and what depends on their length are left out. */
const still = (row: string) =>
	row
		.replaceAll(/\d+/g, '#')
		.replaceAll(/ (?:#[smhd])+ ago/g, '')
		.replaceAll(/ +/g, ' ')
		.replaceAll(/[─━]+/g, '─')
		.trimEnd();

const isWhole = (program: Tmux, fresh: Tmux) => {
	const [now, wanted] = [program.rows(), fresh.rows()];
	return now.length === wanted.length && now.every((row, index) => still(row) === still(wanted[index] ?? ''));
};

/** The program shows what another one shows that has started at this size. */
const matches = async (t: TestContext, program: Tmux, fresh: Tmux, [columns, rows]: Size) => {
	const isTooSmall = columns < 60 || rows < 16;
	await fresh.waitFor('the first answer', () =>
		fresh.rows().some(row => (isTooSmall ? row.includes('This terminal is') : row.includes('● synced'))),
	);
	try {
		await program.waitFor(`what a fresh start shows at ${columns}x${rows}`, () => isWhole(program, fresh));
	} catch (error) {
		const [now, wanted] = [program.rows(), fresh.rows()];
		const rowsThatDiffer = now.flatMap((row, index) =>
			still(row) === still(wanted[index] ?? '')
				? []
				: [`${index} is     ${row}`, `${index} should ${wanted[index] ?? ''}`],
		);
		throw new Error(`${String(error)}\n${rowsThatDiffer.join('\n')}`, {cause: error});
	}
	t.diagnostic(`${columns}x${rows}: ${program.rows().length} rows as in a fresh start`);
	const now = program.rows();
	assert.equal(program.wrapped(), 0, 'no row runs into the next one');
	assert.equal(now.length, rows);
	assert.equal(now.at(-1), '', 'the last row stays free');
	if (!isTooSmall) {
		assert.equal(now.filter(row => row.includes('● synced')).length, 1, 'one header');
		assert.match(now[0]!, /● synced/);
		assert.equal(now.filter(row => row.endsWith(' quit')).length, 1, 'one footer');
		assert.match(now.at(-2)!, / quit$/);
	}
};

/** A fresh program for each size; the next one starts while this one is looked at, and no more than two are there at once. */
const inTurn = async (
	start: (size: Size) => Tmux,
	sizes: readonly Size[],
	look: (fresh: Tmux, size: Size) => Promise<void>,
) => {
	let next: Tmux | null = start(sizes[0]!);
	for (const [index, size] of sizes.entries()) {
		const fresh: Tmux = next!;
		next = index + 1 < sizes.length ? start(sizes[index + 1]!) : null;
		await look(fresh, size);
		await fresh.stop();
	}
};

const hasReadAll = (program: Tmux) => () =>
	program.rows().some(row => row.includes('● synced')) && !program.rows().some(row => row.includes('not read yet'));

test('a resized tmux shows what a fresh start shows, narrower included', {skip: noTmux}, async t => {
	const start = await github(t, 'quiet', 0);
	const program = start([101, 22]);
	const sizes: readonly Size[] = [
		[99, 22],
		[100, 22],
		[120, 40],
		[80, 24],
		[60, 24],
		[200, 24],
		[200, 50],
		[120, 18],
		[50, 12],
		[89, 45],
	];
	await program.waitFor('everything', hasReadAll(program));
	await inTurn(start, sizes, async (fresh, size) => {
		program.resize(...size);
		await matches(t, program, fresh, size);
	});
});

test('many sizes in a row, as when a border is dragged', {skip: noTmux}, async t => {
	const start = await github(t, 'quiet', 0);
	const program = start([120, 40]);
	await program.waitFor('everything', hasReadAll(program));
	const fresh = start([90, 30]);
	for (let step = 1; step <= 30; step++) program.resize(120 - step, 40 - Math.floor(step / 3));
	await matches(t, program, fresh, [90, 30]);
});

test('rows that tmux shows wider than measured leave the other rows alone', {skip: noTmux}, async t => {
	const start = await github(t, 'nasty', 10);
	const program = start([100, 28]);
	const sizes: readonly Size[] = [
		[100, 28],
		[84, 28],
		[83, 24],
		[130, 36],
	];
	await program.waitFor('everything', hasReadAll(program));
	// Over every row and back, so that each is drawn in other colours and all that scrolls has scrolled.
	for (let press = 0; press < 40; press++) program.keys(press < 20 ? 'j' : 'k');
	// Following again, like one that has just started.
	program.keys('a');
	await inTurn(start, sizes, async (fresh, size) => {
		program.resize(...size);
		await matches(t, program, fresh, size);
	});
});

test('what another program printed is gone after a stop and a continue', {skip: noTmux}, async t => {
	const start = await github(t, 'quiet', 0);
	const program = start([100, 24]);
	await program.waitFor('everything', hasReadAll(program));
	const fresh = start([100, 24]);
	program.printedByAnother(
		`\u0007\u001B[?7h\u001B[31m\u001B[5;10HBroadcast message\r\nfrom root${'\r\n'.repeat(22)}`,
	);
	program.signal('SIGCONT');
	await matches(t, program, fresh, [100, 24]);
});
