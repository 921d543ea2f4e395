/** One answer for each commit: what the board shows, what `status --json` says and what a plan of a promotion is blocked by. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {isOn, obstacleOf} from '../source/core/snapshot/answer.ts';
import {correlate} from '../source/core/snapshot/correlate.ts';
import type {CommitFact, Facts, RunFact} from '../source/core/github/facts.ts';
import type {Moment} from '../source/core/gate/moment.ts';
import type {Candidate} from '../source/core/pipeline/pipeline.ts';
import {promotionPlanOf, type PromotionGround} from '../source/core/plan/promotion.ts';
import {obstacleIn} from '../source/core/plan/promotion-words.ts';
import {defaultPreferences} from '../source/core/settings/preferences.ts';
import {statusReport} from '../source/core/snapshot/report.ts';
import {snapshotOf} from '../source/state/questions/moment.ts';
import {behindItsBranch, commitsBehind, namesRunning} from '../source/state/questions/operation-select.ts';
import {initialState, type State} from '../source/state/model/state.ts';
import {linearLines} from '../source/ui/linear/linear.ts';
import {gateRows, gateSummary, gateWord} from '../source/ui/panes/board/gate.ts';
import {lookOf} from '../source/ui/lines/theme.ts';
import {allRead, commit, facts, job, run, start, minutes} from './helpers/facts.ts';
import {known, mine, moment as goodMoment, settings} from './helpers/gate-evidence.ts';
import {runs} from './helpers/fuzz.ts';

const now = start + minutes(60);
const shas = Array.from({length: 6}, (_, index) => `${'abcdef'[index]}${index}`.repeat(20));
const look = lookOf(defaultPreferences, 'dark', 0);

type Outcome = 'none' | 'passed' | 'failed' | 'running' | 'unread';
const outcomes = fc.constantFrom<Outcome>('none', 'passed', 'passed', 'passed', 'failed', 'running', 'unread');

const runOf = (id: number, name: 'fast' | 'deploy' | 'e2e', sha: string, outcome: Outcome): readonly RunFact[] => {
	if (outcome === 'none') return [];
	const isOver = outcome !== 'running';
	const at = {headSha: sha, title: `${name} ${sha}`, attempt: 1, createdAt: start + minutes(id % 10)};
	const [status, conclusion] = [
		isOver ? 'COMPLETED' : 'IN_PROGRESS',
		isOver ? (outcome === 'failed' ? 'FAILURE' : 'SUCCESS') : null,
	];
	return [
		run(id, name, {
			...at,
			status,
			conclusion,
			...(outcome === 'unread'
				? {jobs: null, jobsTotal: null, jobsAsOf: null}
				: {jobs: [job(id * 10, {name, status, conclusion})], jobsTotal: 1, jobsAsOf: start + minutes(3)}),
		}),
	];
};

/** From when on all later runs are known: always, some minutes after the beginning, never. */
const readSince: fc.Arbitrary<Pick<Facts, 'runsSince' | 'unnamedSince'>> = fc.oneof(
	{weight: 3, arbitrary: fc.constant(allRead)},
	{
		weight: 1,
		arbitrary: fc.integer({min: 1, max: 9}).map(minute => ({
			runsSince: Object.fromEntries(Object.keys(allRead.runsSince).map(file => [file, start + minutes(minute)])),
		})),
	},
	{
		weight: 1,
		arbitrary: fc.constantFrom({runsSince: {}}, {runsSince: undefined, unnamedSince: undefined} as unknown as Pick<
			Facts,
			'runsSince'
		>),
	},
);

type History = {facts: Facts; moment: Moment};
const histories: fc.Arbitrary<History> = fc
	.record({
		commits: fc.array(fc.tuple(outcomes, outcomes, outcomes), {minLength: 1, maxLength: shas.length}),
		branchAt: fc.nat(shas.length - 1),
		reported: fc.array(fc.constantFrom(...shas, 'unreadable'), {maxLength: 2}),
		pinned: fc.option(fc.constantFrom(...shas)),
		isLocked: fc.constantFrom(true, false, null),
		isSick: fc.boolean(),
		length: fc.constantFrom(7, 12, 40),
		readSince,
	})
	.map(({commits, branchAt, reported, pinned, isLocked, isSick, length, readSince: since}) => {
		const listed: readonly CommitFact[] = commits.map((_, index) => commit(shas[index]!));
		const production = shas[branchAt]!;
		const runs = commits.flatMap((tiers, index) =>
			(['fast', 'deploy', 'e2e'] as const).flatMap((name, tier) =>
				runOf(index * 10 + tier + 1, name, shas[index]!, tiers[tier]!),
			),
		);
		const versions = [
			...new Set(reported.map(version => version.slice(0, version === 'unreadable' ? undefined : length))),
		];
		return {
			facts: facts({
				commits: listed,
				runs,
				refs: {
					staging: {name: 'develop', sha: shas[0]!},
					production: {name: 'main', sha: production},
					aheadBy: branchAt,
					behindBy: 0,
				},
				productionRules: {reviewers: [], waitMinutes: 0},
				absentWorkflows: ['smoke-tests.yml'],
				...since,
			}),
			moment: {
				now,
				pins:
					pinned === null
						? []
						: [{environment: 'production', release: pinned, sha: pinned, by: 'ada', because: 'broke'}],
				reported: versions,
				lock:
					isLocked === null
						? null
						: isLocked
							? {state: 'unknown', because: 'GitHub did not answer'}
							: {state: 'free'},
				production: {
					overall: {
						version: versions.length === 1 ? versions[0]! : null,
						isMixed: versions.length > 1,
						health: !isSick,
					},
					instances: 2,
					readAt: now,
					healthyInARow: isSick ? 0 : 9,
				},
			},
		};
	});

/** A board that has read and observed exactly that. */
const boardOf = ({facts: known, moment}: History): State => {
	const beginning = initialState({
		repository: known.repository,
		settings,
		preferences: defaultPreferences,
		demo: null,
		readOnly: false,
		columns: 120,
		rows: 40,
		now,
		wallNow: now,
	});
	const instances = (moment.reported ?? []).map((version, index) => ({
		instance: `i${index}`,
		version,
		health: moment.production!.overall.health,
		because: '',
		latencyMs: 1,
	}));
	const latest = {
		environment: 'production',
		readAt: now,
		instances:
			instances.length > 0
				? instances
				: [
						{
							instance: 'i',
							version: null,
							health: moment.production!.overall.health,
							because: '',
							latencyMs: 1,
						},
					],
	} as unknown as NonNullable<State['operations']['observed'][string]['latest']>;
	const state: State = {
		...beginning,
		facts: known,
		origin: 'github',
		poll: {...beginning.poll, answeredAtWall: now, nextAtWall: now + 1000},
		operations: {
			...beginning.operations,
			availability: 'present',
			reading: {
				operations: [],
				locks: moment.lock === null ? {} : {production: moment.lock},
				readiness: {},
				pins: moment.pins!,
				problem: null,
				operator: 'ada',
				outbox: {waiting: 0, oldestAt: null, because: null},
			} as unknown as NonNullable<State['operations']['reading']>,
			observed: {
				production: {
					generation: 0,
					afterMs: 0,
					latest,
					lastTold: latest,
					healths: [],
					healthyInARow: moment.production!.healthyInARow,
					unhealthySince: null,
					sameVersion: {version: null, count: 0},
				},
			},
		},
	};
	return {...state, snapshot: snapshotOf(state, known, now, null)};
};

const planOf = (candidate: Candidate): ReturnType<typeof promotionPlanOf> =>
	promotionPlanOf({
		id: 'p',
		wish: {kind: 'promote', environment: 'production', sha: candidate.sha},
		environment: settings.environments.find(({name}) => name === 'production')!,
		settings,
		isReadOnly: false,
		directory: '/',
		command: ['deployctl'],
		script: null,
		scripts: {state: 'same'},
		found: {candidate, branchAt: null, coming: [], staying: [], files: [], rule: null},
		operator: null,
		from: null,
		lock: {state: 'free'},
		observation: {environment: 'production', readAt: now, instances: []},
		offers: [],
		rollbackTrouble: null,
		running: null,
		last: null,
		usualSeconds: null,
		p95Seconds: null,
		journalProblem: null,
	} as unknown as PromotionGround);

const columnOf: Readonly<Record<Candidate['answer'], RegExp>> = {
	'in-production': /^in prod$/,
	mixed: /^▲ mixed$/,
	pinned: /^▲ pinned$/,
	older: /^older$/,
	merged: /^merged$/,
	ready: /^✔ ready$/,
	blocked: /^✖ \S/,
	waiting: /^… \S/,
	checking: /^\? checking$/,
	unknown: /^\? \S/,
};
const panelOf: Readonly<Record<Candidate['answer'], RegExp>> = {
	'in-production': /^✔ in production/,
	mixed: /^▲ production runs/,
	pinned: /^▲ pinned/,
	older: /^older/,
	merged: /^on main/,
	ready: /^✔ ready/,
	blocked: /^✖ blocked/,
	waiting: /^… waiting/,
	checking: /^\? checking/,
	unknown: /^\? unknown/,
};
const textOf = (line: ReadonlyArray<{text: string}>) =>
	line
		.map(({text}) => text)
		.join('')
		.trim();

const agrees = (history: History): void => {
	const board = boardOf(history);
	const read = correlate(history.facts, board.settings, now, null, history.moment);
	const report = statusReport(read);
	assert.equal(report.production.behindBy, commitsBehind(board, 'production'), 'how far production is behind');
	const {aheadBy} = read.branches.staging;
	assert.equal(
		behindItsBranch(board),
		report.production.behindBy !== null && aheadBy !== null && report.production.behindBy > aheadBy
			? report.production.behindBy
			: null,
	);
	for (const [index, candidate] of read.candidates.entries()) {
		const shown = board.snapshot!.candidates[index]!;
		const at: State = {...board, view: {...board.view, selectedSha: shown.sha}};
		const said = `${candidate.answer} ${JSON.stringify(obstacleOf(candidate.gate))}`;
		// Board, sentences and status.
		assert.deepEqual(
			[shown.answer, report.candidates[index]!.answer, shown.gate.open],
			[candidate.answer, candidate.answer, candidate.gate.open],
			said,
		);
		assert.match(gateWord(at, shown, look).whole, columnOf[candidate.answer], said);
		for (const line of [gateRows(at, look, 44, 30)[0]!, gateSummary(at, look, 78)])
			assert.match(textOf(line), panelOf[candidate.answer], said);
		assert.equal(
			linearLines(at).some(line => line.startsWith('Production gate: ready')),
			candidate.answer === 'ready',
			`${said} ${linearLines(at).join('|')}`,
		);
		// What production runs, and the pin.
		const isThere = isOn(candidate, 'production', history.moment.reported ?? []);
		assert.equal(namesRunning(board, shown).includes('production'), isThere);
		assert.equal(candidate.answer === 'in-production' || candidate.answer === 'mixed', isThere, said);
		if (!isThere)
			assert.equal(
				candidate.answer === 'pinned',
				history.moment.pins!.some(pin => pin.environment === 'production' && pin.sha === candidate.sha),
				said,
			);
		// A green run that a later one may have made void is a question, and no answer.
		const counted = [candidate.tiers.fast, candidate.tiers.deploy, candidate.tiers.e2e];
		const isOutrun = counted.some(
			tier =>
				tier.status === 'passed' &&
				!((history.facts.runsSince?.[tier.workflow] ?? Number.POSITIVE_INFINITY) <= tier.createdAt!),
		);
		if (isOutrun) assert.ok(candidate.answer !== 'ready' && !candidate.gate.open, said);
		// The plan.
		const plan = planOf(candidate);
		if (candidate.answer === 'ready') assert.equal(plan.blocked, null, said);
		else if (!isThere)
			assert.ok(plan.blocked?.because.endsWith(obstacleIn(candidate.gate.conditions)!.because), said);
	}
};

test('board, sentences, status and plan give one answer for each commit, whatever has happened', () => {
	const seen = new Set<string>();
	fc.assert(
		fc.property(histories, history => {
			agrees(history);
			for (const {answer} of correlate(history.facts, boardOf(history).settings, now, null, history.moment)
				.candidates)
				seen.add(answer);
		}),
		runs(400, 13),
	);
	for (const answer of ['in-production', 'mixed', 'pinned', 'older', 'merged', 'blocked', 'waiting'] as const)
		assert.ok(seen.has(answer), `no history has led to ${answer}`);
});

test('a commit with all of its evidence is a question everywhere while later runs have not all been read', () => {
	const whole = known();
	const ready: Facts = {
		...whole,
		commits: whole.commits.slice(1),
		refs: {...whole.refs, staging: {name: 'develop', sha: mine}, aheadBy: 1},
	};
	const answer = (more: Partial<Facts>): string => {
		const history = {facts: {...ready, ...more}, moment: {...goodMoment, reported: ['d'.padEnd(40, '0')]}};
		agrees(history);
		const [candidate] = correlate(history.facts, settings, now, null, history.moment).candidates;
		return `${candidate!.answer} ${obstacleOf(candidate!.gate)?.id ?? ''}`;
	};
	const unasked = Object.fromEntries(
		Object.entries(ready).filter(([name]) => name !== 'runsSince' && name !== 'unnamedSince'),
	);
	const sinceLater = (file: string) => ({runsSince: {...allRead.runsSince, [file]: start + minutes(20)}});
	assert.equal(answer({}), 'ready ');
	for (const [file, id] of [
		['test-suite.yml', 'fast-green'],
		['deploy-staging.yml', 'staged'],
		['e2e-staging.yml', 'e2e-green'],
		['smoke-tests.yml', 'smoke-green'],
	] as const) {
		assert.equal(answer(sinceLater(file)), `unknown ${id}`);
		assert.equal(
			answer({
				runsSince: Object.fromEntries(Object.entries(allRead.runsSince).filter(([name]) => name !== file)),
			}),
			`unknown ${id}`,
		);
	}
	assert.equal(answer({runsSince: {}}), 'unknown fast-green');
	const nothing: History = {
		facts: unasked as unknown as Facts,
		moment: {...goodMoment, reported: ['d'.padEnd(40, '0')]},
	};
	agrees(nothing);
	assert.equal(correlate(nothing.facts, settings, now, null, nothing.moment).candidates[0]!.answer, 'unknown');
});

test('a commit with all of its evidence is ready everywhere; a pin, a report of production and a lock take that away everywhere', () => {
	const whole = known();
	const facts: Facts = {
		...whole,
		commits: whole.commits.slice(1),
		refs: {...whole.refs, staging: {name: 'develop', sha: mine}, aheadBy: 1},
	};
	const moment: Moment = {...goodMoment, reported: ['d'.padEnd(40, '0')]};
	const answer = (more: Partial<Moment>): string => {
		const history = {facts, moment: {...moment, ...more}};
		agrees(history);
		return correlate(facts, settings, now, null, history.moment).candidates[0]!.answer;
	};
	const pin = {environment: 'production', release: mine, sha: mine, by: 'ada', because: 'broke'};
	assert.deepEqual(
		[
			answer({}),
			answer({pins: [pin]}),
			answer({pins: [{...pin, environment: 'staging'}]}),
			answer({reported: [mine]}),
			answer({
				reported: [mine, 'd'.repeat(40)],
				production: {...goodMoment.production!, overall: {version: null, isMixed: true, health: true}},
			}),
			answer({lock: null}),
			answer({lock: {state: 'unknown', because: 'no answer'}}),
		],
		['ready', 'pinned', 'ready', 'in-production', 'mixed', 'checking', 'unknown'],
	);
});
