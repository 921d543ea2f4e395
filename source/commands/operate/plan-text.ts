/** A plan for people: everything that is confirmed with it, in lines. */
import {age, asOf, duration, limit} from '../../core/text/duration.ts';
import {nameOf, tellInstances} from '../../core/releases/instances.ts';
import {holderOf, type LockState} from '../../core/locks/lock.ts';
import type {Condition} from '../../core/pipeline/pipeline.ts';
import {strategyWords} from '../../core/plan/promotion-words.ts';
import type {Plan, PlanCommit} from '../../core/plan/plan.ts';
import type {Offer} from '../../core/releases/release.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import {plural} from '../../core/text/plural.ts';
import type {ReleaseRef} from '../../core/releases/release-ref.ts';

const refText = (ref: ReleaseRef | null): string => {
	if (ref === null) return 'unknown';
	const name = nameOf(ref);
	return sanitise(name === ref.release || ref.release === ref.sha ? name : `${name} (release ${ref.release})`);
};

/** Third: what stands for a target that could not be read. */
const verbs = {
	deploy: ['Deploy', 'to', 'an unknown commit'],
	rollback: ['Roll back to', 'on', 'an earlier release'],
	promote: ['Promote', 'to', 'an unknown commit'],
} as const;

/** `Deploy 3f2a9c1 to staging` */
export const planTitle = ({kind, to, environment, stopping}: Plan): string => {
	const [verb, preposition, unread] = verbs[kind];
	const title = `${verb} ${to === null ? unread : sanitise(nameOf(to), 60)} ${preposition} ${environment}`;
	return stopping === null ? title : `Stop ${stopping}, then r${title.slice(1)}`;
};

export const lockText = (lock: LockState, now: number): string => {
	switch (lock.state) {
		case 'free':
			return 'free';
		case 'unknown':
			return `unknown: ${sanitise(lock.because)}`;
		case 'ambiguous':
			return `ambiguous, so it counts as held: ${sanitise(lock.because)}`;
		case 'held': {
			const {host, reason, createdAt, id} = lock.lock;
			return `held by ${sanitise(holderOf(lock.lock), 120)} on ${sanitise(host, 60)} for ${age(now - createdAt)}: ${sanitise(reason)} (lock ${sanitise(id, 60)})${lock.isStale ? `; its holder is silent${lock.silentSeconds === null ? '' : ` for ${duration(lock.silentSeconds)}`}` : ''}`;
		}
	}
};

/** A word for a quoted argument: what a shell would need. */
const argument = (text: string): string =>
	/^[\w@%+=:,./-]+$/.test(text) ? text : `'${sanitise(text, 500).replaceAll("'", "'\\''")}'`;
/** The exact argument list, as a line that can be copied into a shell. */
export const commandText = (command: readonly string[]): string => command.map(part => argument(part)).join(' ');

const commitsShown = 10;
const commits = (label: string, list: readonly PlanCommit[] | null): ReadonlyArray<readonly [string, string]> => {
	if (list === null) return [[label, 'could not be told']];
	if (list.length === 0) return [[label, 'no commits']];
	const hidden = list.length - commitsShown;
	return [
		[label, plural(list.length, 'commit')],
		...list
			.slice(0, commitsShown)
			.map(
				({sha, message, isRevert}) =>
					['', `  ${sha.slice(0, 7)} ${isRevert ? 'REVERT ' : ''}${sanitise(message, 80)}`] as const,
			),
		...(hidden > 0 ? [['', `  and ${hidden} more`] as const] : []),
	];
};

const offerText = ({release, offered, isDefault, because}: Offer, now: number): string => {
	const mark = release.isLive === true ? 'live' : isDefault ? '->' : offered ? '' : 'no';
	const when = release.deployedAt === null ? '' : `, deployed ${asOf(release.deployedAt, now)}`;
	return `  ${mark.padEnd(5)}${sanitise(release.id, 60)}${release.sha === null || release.id === release.sha ? '' : ` (${release.sha.slice(0, 7)})`}${when}: ${sanitise(because)}`;
};

const durationText = ({usualSeconds, p95Seconds, timeoutSeconds, graceSeconds}: Plan): string =>
	`${usualSeconds === null ? 'duration not known yet' : `median ${duration(usualSeconds)}${p95Seconds === null ? '' : `, in 19 of 20 cases within ${duration(p95Seconds)}`}`}; stopped after ${limit(timeoutSeconds)}, killed ${limit(graceSeconds)} later`;

type Rows = ReadonlyArray<readonly [string, string]>;
const marks = {true: 'met', false: 'NOT met', unknown: 'unknown'} as const;

const conditionRows = (conditions: readonly Condition[], passed: readonly string[]): Rows =>
	conditions.flatMap(({id, met, because, next}, index) => [
		[
			index === 0 ? 'gate' : '',
			`${(passed.includes(id) ? 'PASSED' : marks[`${met}`]).padEnd(8)}${id.padEnd(19)}${sanitise(because)}`,
		] as const,
		...(met === true || next === undefined ? [] : [['', `${' '.repeat(27)}${sanitise(next, 2000)}`] as const]),
	]);

const promotionRows = (plan: Plan, promotion: NonNullable<Plan['promotion']>, now: number): Rows => {
	const {
		strategy,
		branch,
		branchAt,
		hotfix,
		breakGlass,
		conditions,
		staying,
		configuration,
		migrations,
		rollbackTo,
		rollbackBecause,
		steps,
		evidenceAt,
	} = promotion;
	return [
		[
			'way',
			`${strategyWords[strategy]}: ${branch}${branchAt === null ? '' : ` ${branchAt.slice(0, 7)}`} -> ${plan.sha?.slice(0, 7) ?? 'unknown'}${hotfix === null ? '' : `, the head of ${sanitise(hotfix, 100)}`}`,
		],
		...(breakGlass === null
			? []
			: [['override', `${sanitise(breakGlass.reason)}; bypasses ${breakGlass.conditions.join(', ')}`] as const]),
		...conditionRows(conditions, breakGlass?.conditions ?? []),
		...(evidenceAt === null ? [] : [['evidence', `E2E ended ${asOf(evidenceAt, now)}`] as const]),
		...commits('coming', plan.coming),
		...commits('staying', staying),
		[
			'config',
			configuration === null
				? 'could not be told'
				: configuration.length === 0
					? 'no differences'
					: configuration.map(file => sanitise(file, 100)).join(', '),
		],
		[
			'migration',
			migrations === null
				? 'could not be told'
				: migrations.length === 0
					? 'none'
					: `${migrations.map(file => sanitise(file, 100)).join(', ')}: whether it can be undone is not known`,
		],
		[
			'rollback',
			rollbackTo === null
				? `nothing to go back to: ${sanitise(rollbackBecause)}`
				: `to ${refText(rollbackTo)}${rollbackBecause === '' ? '' : `, ${sanitise(rollbackBecause)}`}`,
		],
		...steps.map((step, index) => [index === 0 ? 'steps' : '', `${index + 1}. ${sanitise(step)}`] as const),
		['time', durationText(plan)],
		['lock', lockText(plan.lock, now)],
		['now', tellInstances(plan.observation.instances)],
	];
};

const scriptRows = (plan: Plan, now: number): Rows => [
	['command', commandText(plan.command)],
	['folder', sanitise(plan.directory)],
	...commits('coming', plan.coming),
	...commits('going', plan.going),
	['migration', plan.migration],
	['time', durationText(plan)],
	['lock', lockText(plan.lock, now)],
	['now', tellInstances(plan.observation.instances)],
	...(plan.offers.length === 0
		? []
		: [['releases', ''] as const, ...plan.offers.map(offer => ['', offerText(offer, now)] as const)]),
];

/** `chosen` says how the commit was found, where nobody named it. */
export const planText = (plan: Plan, now: number, chosen: string | null = null): string => {
	const rows: Rows = [
		['from', refText(plan.from)],
		['to', `${refText(plan.to)}${chosen === null ? '' : `, ${chosen}`}`],
		...(plan.promotion === null ? scriptRows(plan, now) : promotionRows(plan, plan.promotion, now)),
		...plan.warnings.map(warning => ['note', sanitise(warning)] as const),
	];
	return [planTitle(plan), ...rows.map(([label, text]) => `  ${label.padEnd(10)}${text}`.trimEnd()), ''].join('\n');
};
