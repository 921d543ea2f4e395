/** From what the file says to complete settings: each key that is missing gets its default. */
import {tierNames} from '../core/pipeline.ts';
import type {TierName} from '../core/pipeline.ts';
import {defaultSettings, environmentDefaults} from '../core/settings.ts';
import type {EnvironmentSettings, Settings, Strategy, TierSettings} from '../core/settings.ts';
import {durationSeconds} from '../core/duration.ts';
import {pointerTo} from './problem.ts';

export type RawTier = {workflow?: string; jobs?: string; budget?: string; alertAfter?: string};
export type RawEnvironment = {url?: string; health?: ReadonlyArray<string | undefined>; version?: string; deploy?: string; rollback?: string};
/** The schema requires the first three; one that it rejects is undefined. */
export type RawFreeze = {from?: string; until?: string; timezone?: string; reason?: string};

/** The file's values in the shape of the schema. Places in lists stay, so that positions hold: a rejected item is undefined. */
export type Raw = {
	repository?: string;
	branches?: {staging?: string; production?: string};
	tiers?: Partial<Record<TierName, RawTier>>;
	environments?: Readonly<Record<string, RawEnvironment>>;
	promotion?: {strategy?: Strategy; workflow?: string; signOffs?: ReadonlyArray<string | undefined>; freeze?: ReadonlyArray<RawFreeze | undefined>};
	notifications?: Readonly<Record<string, unknown>>;
};

const withoutRejected = (value: unknown, pointer: string, rejected: ReadonlySet<string>): unknown => {
	if (rejected.has(pointer)) {
		return undefined;
	}

	if (Array.isArray(value)) {
		return value.map((item, index) => withoutRejected(item, pointerTo(pointer, index), rejected));
	}

	if (typeof value !== 'object' || value === null) {
		return value;
	}

	return Object.fromEntries(Object.entries(value)
		.map(([key, item]) => [key, withoutRejected(item, pointerTo(pointer, key), rejected)] as const)
		.filter(([, item]) => item !== undefined));
};

/** The part of a value that the schema accepts. */
export const rawFrom = (value: unknown, rejected: ReadonlySet<string>): Raw => withoutRejected(value, '', rejected) ?? {};

const present = <Item>(items: ReadonlyArray<Item | undefined>): Item[] => items.filter(item => item !== undefined);

const tierFrom = (name: TierName, raw: RawTier = {}): TierSettings => {
	const byDefault = defaultSettings.tiers[name];
	const seconds = (text: string | undefined, otherwise: number) => (text === undefined ? null : durationSeconds(text)) ?? otherwise;
	return {
		workflow: raw.workflow ?? byDefault.workflow,
		jobs: raw.jobs ?? byDefault.jobs,
		budgetSeconds: seconds(raw.budget, byDefault.budgetSeconds),
		alertAfterSeconds: seconds(raw.alertAfter, byDefault.alertAfterSeconds),
	};
};

const environmentFrom = (name: string, raw: RawEnvironment = {}): EnvironmentSettings => {
	const byDefault = environmentDefaults(name);
	return {
		...byDefault,
		url: raw.url ?? byDefault.url,
		health: raw.health === undefined ? byDefault.health : present(raw.health),
		version: raw.version === undefined ? byDefault.version : [raw.version],
		deploy: {...byDefault.deploy, ...(raw.deploy !== undefined && {path: raw.deploy})},
		rollback: {...byDefault.rollback, ...(raw.rollback !== undefined && {path: raw.rollback})},
	};
};

/** Complete settings. Environments keep the file's order; those that always exist and are missing come first. */
export const settingsFrom = (raw: Raw): Settings => {
	const named = raw.environments ?? {};
	const missing = defaultSettings.environments.filter(({name}) => !Object.hasOwn(named, name)).map(({name}) => environmentFrom(name));
	const {promotion = {}, branches} = raw;
	return {
		repository: raw.repository ?? null,
		branches: {...defaultSettings.branches, ...branches},
		tiers: Object.fromEntries(tierNames.map(name => [name, tierFrom(name, raw.tiers?.[name])])) as Record<TierName, TierSettings>,
		environments: [...missing, ...Object.entries(named).map(([name, environment]) => environmentFrom(name, environment))],
		promotion: {
			strategy: promotion.strategy ?? defaultSettings.promotion.strategy,
			workflow: promotion.workflow ?? defaultSettings.promotion.workflow,
			signOffs: present(promotion.signOffs ?? []),
			freeze: present(promotion.freeze ?? []).map(({from = '', until = '', timezone = '', reason = 'freeze window'}) => ({from, until, timezone, reason})),
		},
		notifications: raw.notifications ?? {},
		readOnly: defaultSettings.readOnly,
		allowChangedScripts: defaultSettings.allowChangedScripts,
	};
};
