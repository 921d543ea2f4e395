/** The gate's rule, pure: from an open record every condition alone shuts it, and nothing but a met condition opens it. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {isUnderWay} from '../source/core/snapshot/answer.ts';
import {localTime} from '../source/core/gate/freeze.ts';
import {breakableIds, decideGate, hotfixConditionIds} from '../source/core/gate/gate.ts';
import {type Condition, type ConditionId, conditionIds, type TierName} from '../source/core/pipeline/pipeline.ts';
import {canBreakGlass, obstacleIn, passedBy} from '../source/core/plan/promotion-words.ts';
import {around, breaks, type Change, held, inMoment, promotionOf, tier} from './helpers/gate-breaks.ts';
import {
	comparison,
	type Evidence,
	evidence,
	main,
	mine,
	now,
	other,
	report,
	settings,
	signed,
	withPromotion,
} from './helpers/gate-evidence.ts';
import {minutes, sha} from './helpers/facts.ts';
import {runs} from './helpers/fuzz.ts';

const gateOf = ({candidate, around: known}: Evidence) => decideGate(candidate, known);
const changed = (...changes: readonly Change[]): Evidence =>
	changes.reduce((before, change) => change(before), evidence());
const unmet = (conditions: readonly Condition[]): readonly ConditionId[] =>
	conditions.filter(({met}) => met !== true).map(({id}) => id);

test('the record that all of this begins with is open', () => {
	assert.deepEqual(unmet(gateOf(evidence()).conditions), []);
	assert.deepEqual(
		gateOf(evidence()).conditions.map(({id}) => id),
		conditionIds,
	);
});

for (const id of conditionIds) {
	test(`${id} alone shuts it, in each of ${breaks[id].length} ways`, () => {
		for (const [way, change] of breaks[id].entries()) {
			const gate = gateOf(changed(change));
			assert.equal(gate.open, false, `way ${way}`);
			assert.deepEqual(
				unmet(gate.conditions),
				[id],
				`way ${way}: ${gate.conditions.map(({because}) => because).join('; ')}`,
			);
		}
	});
}

const anyBreaks = fc.array(fc.constantFrom(...Object.values(breaks).flat()), {minLength: 1, maxLength: 4});

test('property: however many shut it, it is shut; unknown never counts as met', () => {
	fc.assert(
		fc.property(anyBreaks, changes => {
			const {open, conditions} = gateOf(changed(...changes));
			assert.equal(open, false);
			assert.ok(conditions.some(({met}) => met !== true));
		}),
		runs(1000, 1),
	);
});

test('a moment of which nothing was read leaves everything about it unknown', () => {
	const {conditions} = gateOf(changed(around({moment: null})));
	assert.deepEqual(
		conditions.filter(({met}) => met === 'unknown').map(({id}) => id),
		['unlocked', 'not-frozen', 'not-pinned', 'production-healthy', 'sign-offs', 'approvals'],
	);
});

test('evidence counts up to its age to the second, by the clock that is given', () => {
	const at = (seconds: number) => gateOf(changed(around({at: now - minutes(45) + seconds * 1000}))).open;
	assert.deepEqual([at(3600), at(3600.5), at(3601)], [true, false, false]);
});

const never: readonly ConditionId[] = ['unlocked', 'fast-forward', 'not-pinned'];

test('property: a broken glass goes past whatever it may, and never past lock, pin or what git cannot do', () => {
	assert.deepEqual(conditionIds.filter(id => !breakableIds.includes(id)).toSorted(), [...never].toSorted());
	fc.assert(
		fc.property(anyBreaks, changes => {
			const {conditions} = gateOf(changed(...changes));
			const passed = passedBy(conditions);
			const left = obstacleIn(conditions, passed);
			const standing = unmet(conditions).filter(id => never.includes(id));
			assert.deepEqual(
				passed,
				unmet(conditions).filter(id => !never.includes(id)),
			);
			assert.equal(left === null, standing.length === 0);
			assert.ok(left === null || standing.includes(left.id));
			assert.equal(canBreakGlass(conditions), standing.length === 0 && passed.length > 0);
		}),
		runs(1000, 2),
	);
	assert.equal(canBreakGlass(gateOf(evidence()).conditions), false, 'nothing to break');
	assert.equal(canBreakGlass([]), false, 'nothing was read');
});

const branch = 'hotfix/login';
const asHotfix: Change = around({hotfix: branch, comparison: {...comparison, isOnStaging: false, hotfixHead: mine}});
const withoutRun = (name: TierName): Change =>
	tier(name, {
		status: 'none',
		provenance: null,
		runId: null,
		event: null,
		jobs: [],
		jobsTotal: 0,
		startedAt: null,
		finishedAt: null,
	});
/** Nothing ran but the fast tests, and production is ill. */
const urgent: readonly Change[] = [
	asHotfix,
	...(['deploy', 'e2e', 'smoke'] as const).map(withoutRun),
	around({stagingDeployments: [], hasSmoke: null, statuses: [signed('qa', 'mira')]}),
	inMoment({production: null}),
];

test('a hotfix is asked for its own conditions, and never for staging, E2E, smoke tests or a healthy production', () => {
	const gate = gateOf(changed(...urgent));
	assert.deepEqual(
		gate.conditions.map(({id}) => id),
		hotfixConditionIds,
	);
	assert.deepEqual(hotfixConditionIds, [
		'fast-green',
		'fast-forward',
		'unlocked',
		'not-frozen',
		'not-pinned',
		'sign-offs',
		'approvals',
	]);
	assert.equal(gate.open, true, gate.conditions.map(({because}) => because).join('; '));
});

test('property: each condition of a hotfix shuts it; the others do not matter', () => {
	const isAbout = (id: ConditionId, change: Change) =>
		!(
			id === 'fast-forward' &&
			gateOf(changed(change, asHotfix)).conditions.find(each => each.id === id)!.met === true
		);
	for (const id of conditionIds) {
		for (const change of breaks[id].filter(each => isAbout(id, each))) {
			const gate = gateOf(
				changed(...urgent, change, before =>
					around({
						hotfix: branch,
						comparison: before.around.comparison && {...before.around.comparison, hotfixHead: mine},
					})(before),
				),
			);
			assert.equal(gate.open, !hotfixConditionIds.includes(id), id);
		}
	}
});

test('a hotfix goes only as the head of its branch, and only on top of production', () => {
	const unread = gateOf(changed(...urgent, around({comparison: null}))).conditions.find(
		({id}) => id === 'fast-forward',
	)!;
	assert.equal(unread.met, 'unknown', 'the list of commits does not tell');
	const like = (more: Partial<typeof comparison>) =>
		gateOf(
			changed(...urgent, around({comparison: {...comparison, isOnStaging: false, hotfixHead: mine, ...more}})),
		).conditions.find(({id}) => id === 'fast-forward')!;
	assert.deepEqual(
		[
			like({}).met,
			like({hotfixHead: other}).met,
			like({hotfixHead: null}).met,
			like({behindBy: 2}).met,
			like({aheadBy: 0}).met,
		],
		[true, false, 'unknown', false, false],
	);
	assert.match(like({behindBy: 2}).next ?? '', /Rebase hotfix\/login onto main/);
});

test('property: landed, it is the branch at that very commit, and the lock of this very promotion', () => {
	const place = fc.constantFrom(mine, other, main, sha('e'));
	const lock = fc.record({
		of: fc.option(place),
		kind: fc.constantFrom('operation' as const, 'human' as const),
		isStale: fc.boolean(),
	});
	fc.assert(
		fc.property(place, place, fc.option(lock), fc.boolean(), (at, landed, kept, isDeploying) => {
			const {conditions} = gateOf(
				changed(
					around({
						landed,
						isDeploying,
						comparison: {...comparison, aheadBy: 0},
						branches: {
							staging: {name: 'develop', sha: mine, aheadBy: 0, behindBy: 0},
							production: {name: 'main', sha: at},
						},
					}),
					inMoment({
						lock:
							kept === null
								? {state: 'free'}
								: held({kind: kept.kind, ...(kept.of !== null && promotionOf(kept.of))}, kept.isStale),
					}),
				),
			);
			const metOf = (id: ConditionId) => conditions.find(each => each.id === id)!.met;
			assert.equal(metOf('fast-forward'), at === landed);
			assert.equal(
				metOf('unlocked'),
				kept === null || (isDeploying && kept.kind === 'operation' && kept.of === mine && !kept.isStale),
			);
			assert.deepEqual(
				unmet(conditions).filter(id => id !== 'fast-forward' && id !== 'unlocked'),
				[],
			);
		}),
		runs(1000, 3),
	);
	assert.equal(
		gateOf(
			changed(
				around({
					landed: mine,
					branches: {
						staging: {name: 'develop', sha: mine, aheadBy: 0, behindBy: 0},
						production: {name: 'main', sha: null},
					},
				}),
			),
		).conditions.find(({id}) => id === 'fast-forward')!.met,
		'unknown',
	);
});

test('property: an operation passes its own lock and no other', () => {
	fc.assert(
		fc.property(
			fc.constantFrom('op1', 'op2', null),
			fc.constantFrom('op1', 'op2', undefined),
			fc.constantFrom('operation' as const, 'human' as const),
			(operation, holder, kind) => {
				const {open} = gateOf(
					changed(inMoment({lock: held({operation, kind}), ...(holder !== undefined && {holder})})),
				);
				assert.equal(open, kind === 'operation' && holder !== undefined && operation === holder);
			},
		),
		runs(200, 4),
	);
});

test("property: a freeze holds by the clock of its time zone, whatever the operator's clock says", () => {
	const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland'];
	const within = fc.integer({min: -14 * 24 * 60, max: 14 * 24 * 60});
	fc.assert(
		fc.property(
			fc.constantFrom(...zones),
			within,
			fc.integer({min: 1, max: 600}),
			fc.integer({min: -720, max: 720}),
			fc.boolean(),
			(timezone, fromMinute, length, offMinutes, isNear) => {
				const from = isNear ? now + minutes(fromMinute % 10) : now + minutes(fromMinute);
				const window = {
					from: localTime(from, timezone),
					until: localTime(from + minutes(length), timezone),
					timezone,
					reason: 'audit',
				};
				const {conditions} = gateOf(
					changed(
						around({settings: withPromotion({freeze: [window]})}),
						inMoment({now: now + minutes(offMinutes), skewMs: -minutes(offMinutes), production: null}),
					),
				);
				const there = localTime(now, timezone);
				assert.equal(
					conditions.find(({id}) => id === 'not-frozen')!.met,
					!(window.from <= there && there < window.until),
				);
			},
		),
		runs(1000, 5),
	);
});

test('property: sign-offs are given by whom they may be given by, by different people where that is asked for', () => {
	const people = ['mira', 'Lena', 'yuki'] as const;
	const word = fc.record({by: fc.constantFrom(...people, 'github-actions[bot]', null), isGiven: fc.boolean()});
	const rules = fc
		.array(fc.subarray([...people]), {minLength: 1, maxLength: 3})
		.map(each => each.map((by, index) => ({name: `word-${index}`, by})));
	fc.assert(
		fc.property(
			rules,
			fc.array(fc.option(word), {minLength: 3, maxLength: 3}),
			fc.boolean(),
			fc.boolean(),
			(asked, words, differentPeople, isHotfix) => {
				const given = words.flatMap((each, index) =>
					each === null
						? []
						: [signed(`word-${index}`, each.by, {state: each.isGiven ? 'SUCCESS' : 'FAILURE'})],
				);
				const {conditions} = gateOf(
					changed(
						around({
							statuses: [report(mine, mine), ...given],
							settings: withPromotion(
								isHotfix
									? {
											signOffs: [{name: 'qa', by: []}],
											hotfix: {...settings.promotion.hotfix, signOffs: asked},
											differentPeople,
										}
									: {signOffs: asked, differentPeople},
							),
						}),
						...(isHotfix ? [asHotfix] : []),
					),
				);
				const signers = asked.map(({by}, index) => {
					const said = words[index] ?? null;
					return said?.isGiven &&
						said.by !== null &&
						!said.by.endsWith('[bot]') &&
						(by.length === 0 || by.some(one => one === said.by))
						? said.by
						: null;
				});
				assert.equal(
					conditions.find(({id}) => id === 'sign-offs')!.met,
					!signers.includes(null) && (!differentPeople || new Set(signers).size === signers.length),
				);
			},
		),
		runs(1500, 6),
	);
});

test('a tier without a run is said to come after the tier under way before it, and to be missing where none is; the gate stays shut', () => {
	const told = (...changes: readonly Change[]) => {
		const candidate = changed(withoutRun('e2e'), withoutRun('smoke'), ...changes);
		const gate = gateOf(candidate);
		assert.equal(gate.open, false);
		return (['staged', 'e2e-green', 'smoke-green'] as const).map(id => {
			const condition = gate.conditions.find(one => one.id === id)!;
			assert.ok(condition.met === false || id === 'staged');
			return `${isUnderWay(candidate.candidate, condition) ? '…' : '✖'} ${condition.because}`;
		});
	};
	const [e2e, smoke] = ['… E2E: starts after deployment', '… Smoke: starts after deployment'];
	for (const status of ['queued', 'waiting', 'running'] as const)
		assert.deepEqual(told(tier('deploy', {status})).slice(1), [e2e, smoke]);
	assert.deepEqual(told(withoutRun('deploy'), tier('fast', {status: 'running'})), [
		'… Deployment: starts after fast tests',
		'… E2E: starts after fast tests',
		'… Smoke: starts after fast tests',
	]);
	const missing = ['✖ E2E: no run for this commit', '✖ Smoke: no run for this commit'];
	for (const status of ['passed', 'failed', 'cancelled', 'skipped', 'unknown'] as const)
		assert.deepEqual(told(tier('deploy', {status})).slice(1), missing, status);
	assert.deepEqual(told(withoutRun('deploy'), tier('fast', {status: 'failed'})).slice(1), missing);
});
