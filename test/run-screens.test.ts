/** Golden screens of dialogs about GitHub's runs, and of the gap until GitHub shows what was asked for. */
import {test} from 'node:test';
import {runInView} from '../source/state/questions/run-select.ts';
import {dispatchRun} from '../source/simulator/simulation/acts.ts';
import {selectedCandidate} from '../source/state/questions/select.ts';
import {type AppOptions, openApp} from './helpers/app.ts';
import type {App} from './helpers/operator.ts';
import {isAsApproved} from './helpers/screens.ts';

type Picture = {name: string; options?: AppOptions; act: (app: App) => Promise<void>};
const sizes = [
	[80, 24],
	[120, 40],
] as const;

const inputs = [
	{name: 'sha', description: 'Commit to test', type: 'string', options: [], default: null, isRequired: true},
	{
		name: 'suite',
		description: 'Which tests',
		type: 'choice',
		options: ['all', 'smoke', 'critical'],
		default: 'all',
		isRequired: false,
	},
	{name: 'trace', description: 'Keep traces', type: 'boolean', options: [], default: 'false', isRequired: false},
	{
		name: 'grep',
		description: 'Only tests whose title matches',
		type: 'string',
		options: [],
		default: null,
		isRequired: false,
	},
] as const;

const confirmed = async (app: App, ...keys: readonly string[]) => {
	await app.type(keys);
	await app.advance(1000);
	await app.press('y');
};
const toProduction = async (app: App) => {
	const {sha} = selectedCandidate(app.state())!;
	app.simulator.simulation.act(engine =>
		dispatchRun(engine, 'deploy-production.yml', {sha, ref: 'main', by: 'lena-fischer'}),
	);
	await app.press('p');
	await app.advance(20_000);
};

const pictures: readonly Picture[] = [
	{
		name: 'rerun',
		act: async app => {
			await app.press('r');
		},
	},
	{name: 'rerun-confirm', act: app => app.type(['r', 'enter'])},
	{
		name: 'rerun-asked',
		act: async app => {
			app.runs.answers({ok: true, runId: runInView(app.state())!.seen.runId, attempt: 2});
			await confirmed(app, 'r', 'enter');
			await app.advance(5000);
		},
	},
	{
		name: 'rerun-late',
		act: async app => {
			app.runs.answers({ok: true, runId: runInView(app.state())!.seen.runId, attempt: 2});
			await confirmed(app, 'r', 'enter');
			await app.advance(65_000);
		},
	},
	{
		name: 'rerun-refused',
		act: async app => {
			app.runs.answers({
				ok: false,
				because: 'run 14541959189 is too old to be run again: GitHub keeps that possible for 30 days',
				next: 'Start the workflow again for the commit.',
				exitCode: 3,
			});
			await confirmed(app, 'r', 'enter');
		},
	},
	{
		name: 'rerun-ascii',
		options: {preferences: {symbols: 'ascii', motion: 'reduced'}},
		act: app => app.type(['r', 'j', 'enter']),
	},
	{
		name: 'cancel',
		options: {scenario: 'release', startMinutes: 11},
		act: async app => {
			await app.press('x');
		},
	},
	{
		name: 'cancel-production',
		options: {scenario: 'quiet', startMinutes: 1},
		act: async app => {
			await toProduction(app);
			await app.type(['x', ...'cancel prod']);
		},
	},
	{
		name: 'start-form',
		act: async app => {
			app.runs.declares({inputs, because: null});
			await app.type(['E', 'down', 'right']);
		},
	},
	{
		name: 'start-form-unknown',
		act: async app => {
			app.runs.declares({inputs: null, because: 'e2e-staging.yml could not be read on develop'});
			app.operations.site('staging').version = 'd'.repeat(40);
			app.operations.touch();
			await app.advance(10_000);
			await app.press('E');
		},
	},
	{
		name: 'start-confirm',
		act: async app => {
			app.runs.declares({inputs, because: null});
			await app.type(['E', 'down', 'right', 'enter']);
		},
	},
];

for (const {name, options, act} of pictures) {
	test(`screen: run ${name}`, async t => {
		for (const [columns, rows] of sizes) {
			const app = await openApp(
				{
					scenario: 'red-e2e',
					startMinutes: 20,
					operations: {},
					...options,
					columns,
					rows,
					preferences: {motion: 'reduced', ...options?.preferences},
				},
				t,
			);
			await app.settled();
			await app.advance(3000);
			const {candidates, environments} = app.state().snapshot!;
			app.operations.site('staging').version = candidates[0]!.sha;
			app.operations.site('production').version = environments.find(
				environment => environment.name === 'production',
			)!.sha!;
			await app.advance(10_000);
			await app.press('3', 'enter');
			await app.advance(2000);
			await act(app);
			isAsApproved(`run-${name}`, app.screen(), columns, rows, options?.preferences?.symbols === 'ascii');
		}
	});
}
