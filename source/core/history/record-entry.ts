/** One line of a recording: what it says, once it is certain to be one. Its texts are made safe here: whoever made the file may have meant harm. */
import type {RecordEntry} from './record.ts';
import {sanitise} from '../text/sanitise.ts';
import {defaultSettings} from '../settings/settings.ts';
import {
	anything,
	either,
	isObject,
	like,
	list,
	number,
	object,
	oneOf,
	orNull,
	type Shape,
	text,
	yesNo,
} from '../text/shape.ts';

const statuses = oneOf('none', 'queued', 'waiting', 'running', 'passed', 'failed', 'cancelled', 'skipped', 'unknown');
/** Hours of a time stamp that `Date` can hold, with room. */
const time: Shape = value => number(value) && Math.abs(value as number) < 8e15;

const urls = list(text);
const script = object({path: text, arguments: orNull(list(text)), timeoutSeconds: number, graceSeconds: number});
const environment = object({
	name: text,
	url: orNull(text),
	health: urls,
	version: urls,
	deploy: script,
	rollback: script,
	isProtected: yesNo,
});
const plainSettings = {...defaultSettings, environments: [], repository: null, tiers: {}};
const tier = object({workflow: text, jobs: orNull(text), budgetSeconds: number, alertAfterSeconds: number});
const settings: Shape = value =>
	like(plainSettings)(value) &&
	object({
		environments: list(environment),
		repository: orNull(text),
		tiers: object(Object.fromEntries(Object.keys(defaultSettings.tiers).map(name => [name, tier]))),
	})(value);

const shapes: Readonly<Record<RecordEntry['kind'], Shape>> = {
	head: object({
		head: object({
			program: text,
			repository: text,
			host: text,
			settings,
			readOnly: yesNo,
			demo: orNull(object({scenario: text, speed: number})),
			session: text,
		}),
	}),
	key: object({seen: isObject}),
	seen: object({patch: isObject}),
	change: object({change: object({at: time, sha: orNull(text), kind: text, subject: text, status: statuses, text})}),
	github: object({state: oneOf('down', 'up', 'partial'), since: orNull(time), because: orNull(text)}),
	health: object({
		environment: text,
		health: either(yesNo, oneOf('unknown')),
		version: orNull(text),
		isMixed: yesNo,
		because: orNull(text),
	}),
	lock: object({environment: text, lock: orNull(text), by: orNull(text), reason: orNull(text)}),
	asked: object({serial: number, what: text, environment: orNull(text), sha: orNull(text), by: orNull(text), text}),
	answered: object({serial: number, ok: yesNo, because: orNull(text)}),
	end: anything,
};

/** A difference within a step of a job of a run lies some twenty levels deep. */
const deepest = 64;
const safe = (value: unknown, depth = 0): unknown => {
	if (typeof value === 'string') return sanitise(value, 4000);
	if (typeof value !== 'object' || value === null) return value;
	if (depth > deepest) return null;
	return Array.isArray(value)
		? value.map(item => safe(item, depth + 1))
		: Object.fromEntries(Object.entries(value).map(([key, item]) => [sanitise(key, 300), safe(item, depth + 1)]));
};

/** null: no entry, or one of a kind that we do not know. */
export const entryFrom = (line: string): RecordEntry | null => {
	if (!line.startsWith('{')) return null;
	try {
		const value: unknown = JSON.parse(line);
		if (
			!isObject(value) ||
			value['v'] !== 1 ||
			!Number.isSafeInteger(value['n']) ||
			!time(value['at']) ||
			!time(value['wall'])
		)
			return null;
		const kind = String(value['kind']);
		return Object.hasOwn(shapes, kind) && shapes[kind as RecordEntry['kind']](value)
			? (safe(value) as RecordEntry)
			: null;
	} catch {
		return null;
	}
};

/** The version that a line says it has; null: it says none. */
export const versionIn = (line: string): number | null => {
	const found = /^\{"v":(\d{1,6}),/.exec(line)?.[1];
	return found === undefined ? null : Number(found);
};
