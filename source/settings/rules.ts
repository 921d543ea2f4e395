/** What a JSON Schema cannot say: values that contradict each other, times that do not exist, names that are near misses. */
import {nearest} from '../core/nearest.ts';
import {tierNames} from '../core/pipeline.ts';
import type {TierName} from '../core/pipeline.ts';
import {defaultSettings} from '../core/settings.ts';
import type {Settings} from '../core/settings.ts';
import {durationSeconds, durationText} from '../core/duration.ts';
import {pathText, shown} from './problem.ts';
import type {Raw, RawEnvironment, RawFreeze, RawScript} from './settings-from.ts';

/** A problem at a JSON pointer; the message goes on after the path. `part` says whether the key or its value is meant. */
export type Finding = {pointer: string; message: string; part: 'key' | 'value'};
type Rule = (raw: Raw, settings: Settings, rejected: ReadonlySet<string>) => Finding[];

const at = (pointer: string, message: string, part: Finding['part'] = 'value'): Finding => ({pointer, message: `${pathText(pointer)} ${message}`, part});

const durations: Rule = (raw, settings, rejected) => tierNames.flatMap(name => {
	const given = raw.tiers?.[name];
	const {budgetSeconds, alertAfterSeconds} = settings.tiers[name];
	const pointer = `/tiers/${name}`;
	const zero = ([['budget', budgetSeconds], ['alertAfter', alertAfterSeconds]] as const)
		.filter(([, seconds]) => seconds === 0)
		.map(([key]) => at(`${pointer}/${key}`, 'is zero. Expected a duration such as 5m, 90s or 1h30m.'));
	const complete = !rejected.has(`${pointer}/budget`) && !rejected.has(`${pointer}/alertAfter`);
	if (zero.length > 0 || !complete || alertAfterSeconds >= budgetSeconds) {
		return zero;
	}

	const [budget, alertAfter] = [durationText(budgetSeconds), durationText(alertAfterSeconds)];
	return [given?.alertAfter === undefined
		? at(`${pointer}/budget`, `is ${budget}, longer than alertAfter (by default ${alertAfter}). Expected alertAfter beside it, at least ${budget}.`)
		: at(`${pointer}/alertAfter`, `is ${alertAfter}, shorter than the budget (${budget}). Expected at least ${budget}.`)];
});

const sharedWorkflows: Rule = (raw, settings) => tierNames.flatMap((name, index) => {
	const {workflow, jobs} = settings.tiers[name];
	const other = tierNames.slice(0, index).find(earlier => settings.tiers[earlier].workflow === workflow);
	if (other === undefined) {
		return [];
	}

	const without = [other, name].find(tier => settings.tiers[tier].jobs === null);
	const said = (tier: TierName) => raw.tiers?.[tier]?.workflow === undefined ? `/tiers/${tier}` : `/tiers/${tier}/workflow`;
	const place = said(raw.tiers?.[name] === undefined ? other : name);
	if (without !== undefined) {
		return [at(place, `is also the workflow of another tier: ${other} and ${name} both use ${shown(workflow)}. Expected "jobs" in both, to tell which jobs belong to which tier; ${without} has none.`)];
	}

	return settings.tiers[other].jobs === jobs ? [at(`/tiers/${name}/jobs`, `is the same as that of ${other}, in the same workflow. Expected a pattern of its own.`)] : [];
});

type Placed = readonly [pointer: string, address: string | undefined];

const addressesIn = ([name, {url, version, health}]: readonly [string, RawEnvironment]): Placed[] => {
	const pointer = `/environments/${name}`;
	const listed = (key: string, given: RawEnvironment['version']): Placed[] =>
		typeof given === 'string' ? [[`${pointer}/${key}`, given]] : (given ?? []).map((address, index) => [`${pointer}/${key}/${index}`, address]);
	return [[`${pointer}/url`, url], ...listed('version', version), ...listed('health', health)];
};

const addresses: Rule = raw => {
	const all: Placed[] = [...Object.entries(raw.environments ?? {}).flatMap(entry => addressesIn(entry)), ['/notifications/webhook/url', raw.notifications?.webhook?.url]];
	return all.flatMap(([place, address]) => {
		if (address === undefined) {
			return [];
		}

		const parsed = URL.parse(address);
		if (parsed === null) {
			return [at(place, `${place.startsWith('/notifications') ? 'is no address' : `is ${shown(address)}`}. Expected an address such as https://example.org/health.`)];
		}

		// The file is committed; and a probe's address is shown on the screen.
		return parsed.username === '' && parsed.password === '' ? [] : [at(place, 'holds a user name or password. Expected an address without: this file is no place for secrets.')];
	});
};

/** What is filled in; anything else in braces would reach the script as it stands. */
const placeholders = ['env', 'sha', 'release'] as const;

const scriptFindings = (raw: RawScript, pointer: string): Finding[] => {
	const {arguments: given = [], timeout}: Exclude<RawScript, string> = typeof raw === 'string' ? {} : raw;
	const unknown = given.flatMap((argument, index) => [...(argument ?? '').matchAll(/\{([A-Za-z][\w-]*)\}/g)].flatMap(([written, name = '']) => {
		const meant = nearest(name, placeholders);
		return (placeholders as readonly string[]).includes(name) ? [] : [at(`${pointer}/arguments/${index}`, `has the placeholder ${written}. Expected ${placeholders.map(known => `{${known}}`).join(', ')}.${meant === null ? '' : ` Did you mean "{${meant}}"?`}`)];
	}));
	return [...unknown, ...(timeout !== undefined && durationSeconds(timeout) === 0 ? [at(`${pointer}/timeout`, 'is zero. Expected a duration such as 5m, 90s or 1h30m.')] : [])];
};

const scripts: Rule = raw => Object.entries(raw.environments ?? {}).flatMap(([name, {deploy = {}, rollback = {}}]) => [
	...scriptFindings(deploy, `/environments/${name}/deploy`), ...scriptFindings(rollback, `/environments/${name}/rollback`),
]);

/** Nobody gets rid of the typed phrase before production by an edit that nobody reads. */
const protection: Rule = raw => raw.environments?.['production']?.protected === false
	? [at('/environments/production/protected', 'is false, but production is always protected. Expected true, or no such key.')]
	: [];

/** Whether a local time exists in the calendar (2026-02-30 does not). */
const exists = (localTime: string): boolean => {
	const time = new Date(`${localTime}Z`);
	return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(localTime.slice(0, 16));
};

const isTimezone = (name: string): boolean => {
	try {
		return new Intl.DateTimeFormat('en', {timeZone: name}).format(0) !== '';
	} catch {
		return false;
	}
};

const window = ({from, until, timezone}: RawFreeze, pointer: string): Finding[] => {
	const missing = ([['from', from], ['until', until]] as const)
		.filter(([, time]) => time !== undefined && !exists(time))
		.map(([key, time]) => at(`${pointer}/${key}`, `is ${shown(time)}, which is not in the calendar. Expected a local time such as 2026-12-24T12:00.`));
	const findings = [...missing];
	// Both are local times of one timezone, so their texts compare as the times do, once both have seconds.
	if (missing.length === 0 && from !== undefined && until !== undefined && from.padEnd(19, ':00') >= until.padEnd(19, ':00')) {
		findings.push(at(`${pointer}/until`, `is ${shown(until)}, not after from (${shown(from)}). Expected a later time.`));
	}

	if (timezone !== undefined && !isTimezone(timezone)) {
		const meant = nearest(timezone, [...Intl.supportedValuesOf('timeZone'), 'UTC']);
		findings.push(at(`${pointer}/timezone`, `is ${shown(timezone)}. Expected the name of a timezone such as Europe/Berlin or UTC.${meant === null ? '' : ` Did you mean "${meant}"?`}`));
	}

	return findings;
};

const freezes: Rule = raw => (raw.promotion?.freeze ?? []).flatMap((freeze, index) => freeze === undefined ? [] : window(freeze, `/promotion/freeze/${index}`));

/**
A misspelt `prodution` would silently become one more environment beside a `production` with default values. Longer names such as
`staging-2` are meant.
*/
const nearMisses: Rule = raw => {
	const names = Object.keys(raw.environments ?? {});
	const fixed = defaultSettings.environments.map(({name}) => name);
	return names.filter(name => !fixed.includes(name)).flatMap(name => {
		const meant = nearest(name, fixed);
		const isMistake = meant !== null && !names.includes(meant) && !name.startsWith(meant) && !meant.startsWith(name);
		return isMistake ? [at(`/environments/${name}`, `resembles "${meant}", which is not there. Did you mean "${meant}"? If both are meant, write both.`, 'key')] : [];
	});
};

const branches: Rule = (raw, {branches: {staging, production}, promotion: {strategy}}) => {
	const movesBranch = strategy !== 'workflow' && strategy !== 'script';
	const key = raw.branches?.production === undefined ? 'staging' : 'production';
	return staging === production && movesBranch
		? [at(`/branches/${key}`, `is ${shown(staging)}, like the other branch. Expected two branches, as promotion.strategy is ${strategy}.`)]
		: [];
};

/** All findings over the values that the schema accepts. */
export const findingsOf: Rule = (raw, settings, rejected) =>
	[durations, sharedWorkflows, addresses, scripts, protection, freezes, nearMisses, branches].flatMap(rule => rule(raw, settings, rejected));
