/** From what the file says to complete settings: each key that is missing gets its default. */
import {tierNames} from '../../core/pipeline/pipeline.ts';
import type {TierName} from '../../core/pipeline/pipeline.ts';
import {defaultSettings, environmentDefaults} from '../../core/settings/settings.ts';
import type {
	EnvironmentSettings,
	MergeMethod,
	PromotionSettings,
	ScriptSettings,
	Settings,
	SignOffRule,
	Strategy,
	TierSettings,
} from '../../core/settings/settings.ts';
import {settingSeconds} from '../schema/durations.ts';
import {pointerTo} from './problem.ts';

type Patterns = string | ReadonlyArray<string | undefined>;
export type RawTier = {
	workflow?: string;
	jobs?: string;
	maySkip?: Patterns;
	notWork?: Patterns;
	budget?: string;
	alertAfter?: string;
};
export type RawScript =
	| string
	| {
			script?: string;
			arguments?: ReadonlyArray<string | undefined>;
			timeout?: string;
			grace?: string;
			env?: ReadonlyArray<string | undefined>;
	  };
type Addresses = ReadonlyArray<string | undefined>;
export type RawEnvironment = {
	url?: string;
	health?: Addresses;
	version?: string | Addresses;
	versionPath?: string;
	deploy?: RawScript;
	rollback?: RawScript;
	protected?: boolean;
};
/** The schema requires the first three; one that it rejects is undefined. */
export type RawFreeze = {from?: string; until?: string; timezone?: string; reason?: string};

/** The schema requires the name; one that it rejects is undefined. */
export type RawSignOff = string | {name?: string; by?: ReadonlyArray<string | undefined>};
type RawSignOffs = ReadonlyArray<RawSignOff | undefined>;
export type RawPromotion = {
	strategy?: Strategy;
	workflow?: string;
	maySkip?: string | ReadonlyArray<string | undefined>;
	signOffs?: RawSignOffs;
	by?: ReadonlyArray<string | undefined>;
	breakGlass?: {by?: ReadonlyArray<string | undefined>};
	differentPeople?: boolean;
	freeze?: ReadonlyArray<RawFreeze | undefined>;
	evidenceMaxAge?: string;
	stagingReport?: PromotionSettings['stagingReport'];
	soak?: string;
	timeout?: string;
	mergeMethod?: MergeMethod;
	configuration?: ReadonlyArray<string | undefined>;
	hotfix?: {branches?: string; signOffs?: RawSignOffs};
};

/** The file's values in the shape of the schema. Places in lists stay, so that positions hold: a rejected item is undefined. */
export type Raw = {
	repository?: string;
	branches?: {staging?: string; production?: string};
	tiers?: Partial<Record<TierName, RawTier>>;
	environments?: Readonly<Record<string, RawEnvironment>>;
	promotion?: RawPromotion;
	notifications?: {webhook?: {url?: string; urlFrom?: string}};
	readOnly?: boolean;
	allowChangedScripts?: boolean;
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

	return Object.fromEntries(
		Object.entries(value)
			.map(([key, item]) => [key, withoutRejected(item, pointerTo(pointer, key), rejected)] as const)
			.filter(([, item]) => item !== undefined),
	);
};

/** The part of a value that the schema accepts. */
export const rawFrom = (value: unknown, rejected: ReadonlySet<string>): Raw =>
	withoutRejected(value, '', rejected) ?? {};

const present = <Item>(items: ReadonlyArray<Item | undefined>): Item[] => items.filter(item => item !== undefined);

const seconds = (text: string | undefined, otherwise: number) =>
	(text === undefined ? null : settingSeconds(text)) ?? otherwise;

/** A list of one where the file has a single text. */
export const listOf = (raw: string | ReadonlyArray<string | undefined> | undefined): string[] =>
	raw === undefined ? [] : typeof raw === 'string' ? [raw] : present(raw);
/** A list of one where the file has a single address. */
export const addressesOf: (raw: string | Addresses | undefined) => string[] = listOf;

const tierFrom = (name: TierName, raw: RawTier = {}): TierSettings => {
	const byDefault = defaultSettings.tiers[name];
	return {
		workflow: raw.workflow ?? byDefault.workflow,
		jobs: raw.jobs ?? byDefault.jobs,
		maySkip: listOf(raw.maySkip),
		notWork: listOf(raw.notWork),
		budgetSeconds: seconds(raw.budget, byDefault.budgetSeconds),
		alertAfterSeconds: seconds(raw.alertAfter, byDefault.alertAfterSeconds),
	};
};

const scriptFrom = (byDefault: ScriptSettings, raw: RawScript = {}): ScriptSettings => {
	const given = typeof raw === 'string' ? {script: raw} : raw;
	return {
		path: given.script ?? byDefault.path,
		arguments: given.arguments === undefined ? byDefault.arguments : present(given.arguments),
		timeoutSeconds: seconds(given.timeout, byDefault.timeoutSeconds),
		graceSeconds: seconds(given.grace, byDefault.graceSeconds),
		...(given.env !== undefined && {env: present(given.env)}),
	};
};

const environmentFrom = (name: string, raw: RawEnvironment = {}): EnvironmentSettings => {
	const byDefault = environmentDefaults(name);
	return {
		...byDefault,
		url: raw.url ?? byDefault.url,
		health: addressesOf(raw.health),
		version: addressesOf(raw.version),
		...(raw.versionPath !== undefined && {versionPath: raw.versionPath}),
		deploy: scriptFrom(byDefault.deploy, raw.deploy),
		rollback: scriptFrom(byDefault.rollback, raw.rollback),
		isProtected: raw.protected ?? byDefault.isProtected,
	};
};

const signOffsFrom = (raw: RawSignOffs): SignOffRule[] =>
	present(raw)
		.map(each => (typeof each === 'string' ? {name: each} : each))
		.flatMap(({name, by = []}: Exclude<RawSignOff, string>) =>
			name === undefined ? [] : [{name, by: present(by)}],
		);

const promotionFrom = (raw: RawPromotion = {}): PromotionSettings => {
	const byDefault = defaultSettings.promotion;
	return {
		strategy: raw.strategy ?? byDefault.strategy,
		workflow: raw.workflow ?? byDefault.workflow,
		maySkip: listOf(raw.maySkip),
		signOffs: raw.signOffs === undefined ? byDefault.signOffs : signOffsFrom(raw.signOffs),
		by: present(raw.by ?? byDefault.by),
		breakGlass: {by: present(raw.breakGlass?.by ?? byDefault.breakGlass.by)},
		differentPeople: raw.differentPeople ?? byDefault.differentPeople,
		freeze:
			raw.freeze === undefined
				? byDefault.freeze
				: present(raw.freeze).map(({from = '', until = '', timezone = '', reason = 'freeze window'}) => ({
						from,
						until,
						timezone,
						reason,
					})),
		evidenceMaxAgeSeconds: seconds(raw.evidenceMaxAge, byDefault.evidenceMaxAgeSeconds),
		stagingReport: raw.stagingReport ?? byDefault.stagingReport,
		soakSeconds: seconds(raw.soak, byDefault.soakSeconds),
		timeoutSeconds: seconds(raw.timeout, byDefault.timeoutSeconds),
		mergeMethod: raw.mergeMethod ?? byDefault.mergeMethod,
		configuration: raw.configuration === undefined ? byDefault.configuration : present(raw.configuration),
		hotfix: {
			// The schema holds the `*` to the end.
			prefix: raw.hotfix?.branches?.slice(0, -1) ?? byDefault.hotfix.prefix,
			signOffs:
				raw.hotfix?.signOffs === undefined ? byDefault.hotfix.signOffs : signOffsFrom(raw.hotfix.signOffs),
		},
	};
};

/** Complete settings. Environments keep the file's order; those that always exist and are missing come first. */
export const settingsFrom = (raw: Raw): Settings => {
	const named = raw.environments ?? {};
	const missing = defaultSettings.environments
		.filter(({name}) => !Object.hasOwn(named, name))
		.map(({name}) => environmentFrom(name));
	const {branches} = raw;
	return {
		repository: raw.repository ?? null,
		branches: {...defaultSettings.branches, ...branches},
		tiers: Object.fromEntries(tierNames.map(name => [name, tierFrom(name, raw.tiers?.[name])])) as Record<
			TierName,
			TierSettings
		>,
		environments: [
			...missing,
			...Object.entries(named).map(([name, environment]) => environmentFrom(name, environment)),
		],
		promotion: promotionFrom(raw.promotion),
		notifications: raw.notifications ?? {},
		readOnly: raw.readOnly ?? defaultSettings.readOnly,
		allowChangedScripts: raw.allowChangedScripts ?? defaultSettings.allowChangedScripts,
	};
};
