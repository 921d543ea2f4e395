/** What a JSON Schema cannot say: values that contradict each other, times that do not exist, names that are near misses. */
import {nearest} from '../../core/text/nearest.ts';
import {tierNames} from '../../core/pipeline/pipeline.ts';
import type {TierName} from '../../core/pipeline/pipeline.ts';
import {defaultSettings} from '../../core/settings/settings.ts';
import {settingSeconds, settingText} from '../schema/durations.ts';
import {at, isZero} from './finding.ts';
import type {Finding, Rule} from './finding.ts';
import {shown} from './problem.ts';
import {promotionFindings} from './rules-promotion.ts';
import type {RawEnvironment, RawScript} from './settings-from.ts';

const durations: Rule = (raw, settings, rejected) =>
	tierNames.flatMap(name => {
		const given = raw.tiers?.[name];
		const {budgetSeconds, alertAfterSeconds} = settings.tiers[name];
		const pointer = `/tiers/${name}`;
		const zero = (
			[
				['budget', budgetSeconds],
				['alertAfter', alertAfterSeconds],
			] as const
		)
			.filter(([, seconds]) => seconds === 0)
			.map(([key]) => isZero(`${pointer}/${key}`));
		const complete = !rejected.has(`${pointer}/budget`) && !rejected.has(`${pointer}/alertAfter`);
		if (zero.length > 0 || !complete || alertAfterSeconds >= budgetSeconds) {
			return zero;
		}

		const [budget, alertAfter] = [settingText(budgetSeconds), settingText(alertAfterSeconds)];
		return [
			given?.alertAfter === undefined
				? at(
						`${pointer}/budget`,
						`is ${budget}, longer than alertAfter (by default ${alertAfter}). Expected alertAfter with it, at least ${budget}.`,
					)
				: at(
						`${pointer}/alertAfter`,
						`is ${alertAfter}, shorter than the budget (${budget}). Expected at least ${budget}.`,
					),
		];
	});

const sharedWorkflows: Rule = (raw, settings) =>
	tierNames.flatMap((name, index) => {
		const {workflow, jobs} = settings.tiers[name];
		const other = tierNames.slice(0, index).find(earlier => settings.tiers[earlier].workflow === workflow);
		if (other === undefined) {
			return [];
		}

		const without = [other, name].find(tier => settings.tiers[tier].jobs === null);
		const said = (tier: TierName) =>
			raw.tiers?.[tier]?.workflow === undefined ? `/tiers/${tier}` : `/tiers/${tier}/workflow`;
		const place = said(raw.tiers?.[name] === undefined ? other : name);
		if (without !== undefined) {
			return [
				at(
					place,
					`is also the workflow of another tier: ${other} and ${name} both use ${shown(workflow)}. Expected "jobs" in both, to tell which jobs belong to which tier; ${without} has none.`,
				),
			];
		}

		return settings.tiers[other].jobs === jobs
			? [
					at(
						`/tiers/${name}/jobs`,
						`is the same as that of ${other}, in the same workflow. Expected a pattern of its own.`,
					),
				]
			: [];
	});

const lists = [
	{
		key: 'maySkip',
		wrong: 'each of them could be missing from a green run',
		whose: 'that may be skipped, such as notify*',
	},
	{key: 'notWork', wrong: 'no run could ever be green', whose: 'that do none of the work, such as what-to-test'},
] as const;

/** Lists of exceptions: what fits every job is none. */
const nothingLeft: Rule = (raw, settings) =>
	[
		...tierNames.map(name => ({
			pointer: `/tiers/${name}`,
			given: raw.tiers?.[name],
			jobs: settings.tiers[name].jobs,
		})),
		{pointer: '/promotion', given: {maySkip: raw.promotion?.maySkip, notWork: undefined}, jobs: null},
	].flatMap(({pointer, given, jobs}) =>
		lists.flatMap(({key, wrong, whose}) => {
			const patterns = given?.[key];
			return (typeof patterns === 'string' ? [patterns] : (patterns ?? [])).flatMap((pattern, index) => {
				const isAll = pattern !== undefined && /^\?*\*[*?]*$/.test(pattern);
				if (!isAll && (pattern === undefined || pattern !== jobs)) return [];
				const place = `${pointer}/${key}${typeof patterns === 'string' ? '' : `/${index}`}`;
				return [
					at(
						place,
						`${isAll ? 'fits every job' : 'is the same as jobs'}: ${wrong}. Expected a pattern of the jobs ${whose}.`,
					),
				];
			});
		}),
	);

type Placed = readonly [pointer: string, address: string | undefined];

const addressesIn = ([name, {url, version, health}]: readonly [string, RawEnvironment]): Placed[] => {
	const pointer = `/environments/${name}`;
	const listed = (key: string, given: RawEnvironment['version']): Placed[] =>
		typeof given === 'string'
			? [[`${pointer}/${key}`, given]]
			: (given ?? []).map((address, index) => [`${pointer}/${key}/${index}`, address]);
	return [[`${pointer}/url`, url], ...listed('version', version), ...listed('health', health)];
};

const addresses: Rule = raw => {
	const all: Placed[] = [
		...Object.entries(raw.environments ?? {}).flatMap(entry => addressesIn(entry)),
		['/notifications/webhook/url', raw.notifications?.webhook?.url],
	];
	return all.flatMap(([place, address]) => {
		if (address === undefined) {
			return [];
		}

		const parsed = URL.parse(address);
		if (parsed === null) {
			return [
				at(
					place,
					`${place.startsWith('/notifications') ? 'is not a URL' : `is ${shown(address)}`}. Expected an address such as https://example.org/health.`,
				),
			];
		}

		// The file is committed; and a probe's address is shown on the screen.
		return parsed.username === '' && parsed.password === ''
			? []
			: [
					at(
						place,
						'holds a user name or password. Expected an address without: this file is no place for secrets.',
					),
				];
	});
};

/** What is filled in; anything else in braces would reach the script as it stands. */
const placeholders = ['env', 'sha', 'release'] as const;

const scriptFindings = (raw: RawScript, pointer: string): Finding[] => {
	const {arguments: given = [], timeout}: Exclude<RawScript, string> = typeof raw === 'string' ? {} : raw;
	const unknown = given.flatMap((argument, index) =>
		[...(argument ?? '').matchAll(/\{([A-Za-z][\w-]*)\}/g)].flatMap(([written, name = '']) => {
			const meant = nearest(name, placeholders);
			return (placeholders as readonly string[]).includes(name)
				? []
				: [
						at(
							`${pointer}/arguments/${index}`,
							`has the placeholder ${written}. Expected ${placeholders.map(known => `{${known}}`).join(', ')}.${meant === null ? '' : ` Did you mean "{${meant}}"?`}`,
						),
					];
		}),
	);
	return [
		...unknown,
		...(timeout !== undefined && settingSeconds(timeout) === 0 ? [isZero(`${pointer}/timeout`)] : []),
	];
};

const scripts: Rule = raw =>
	Object.entries(raw.environments ?? {}).flatMap(([name, {deploy = {}, rollback = {}}]) => [
		...scriptFindings(deploy, `/environments/${name}/deploy`),
		...scriptFindings(rollback, `/environments/${name}/rollback`),
	]);

/** Nobody gets rid of the typed phrase before production by an edit that nobody reads. */
const protection: Rule = raw =>
	raw.environments?.['production']?.protected === false
		? [
				at(
					'/environments/production/protected',
					'is false, but production is always protected. Expected true, or no such key.',
				),
			]
		: [];

/**
A misspelt `prodution` would silently become one more environment beside a `production` with default values. Longer names such as
`staging-2` are meant.
*/
const nearMisses: Rule = raw => {
	const names = Object.keys(raw.environments ?? {});
	const fixed = defaultSettings.environments.map(({name}) => name);
	return names
		.filter(name => !fixed.includes(name))
		.flatMap(name => {
			const meant = nearest(name, fixed);
			const isMistake =
				meant !== null && !names.includes(meant) && !name.startsWith(meant) && !meant.startsWith(name);
			return isMistake
				? [
						at(
							`/environments/${name}`,
							`resembles "${meant}", which is not there. Did you mean "${meant}"? If both are meant, write both.`,
							'key',
						),
					]
				: [];
		});
};

const branches: Rule = (raw, {branches: {staging, production}, promotion: {strategy}}) => {
	const movesBranch = strategy !== 'workflow' && strategy !== 'script';
	const key = raw.branches?.production === undefined ? 'staging' : 'production';
	return staging === production && movesBranch
		? [
				at(
					`/branches/${key}`,
					`is ${shown(staging)}, like the other branch. Expected two branches, as promotion.strategy is ${strategy}.`,
				),
			]
		: [];
};

/** All findings over the values that the schema accepts. */
export const findingsOf: Rule = (raw, settings, rejected) =>
	[
		durations,
		sharedWorkflows,
		nothingLeft,
		addresses,
		scripts,
		protection,
		nearMisses,
		branches,
		promotionFindings,
	].flatMap(rule => rule(raw, settings, rejected));
