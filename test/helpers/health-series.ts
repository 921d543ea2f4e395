/** Watches as they might have been, for the verdict on health: each case a way in which an environment is well or ill. */
import {type Control, healthDefaults, type HealthRules, type Sample} from '../../source/core/health/sample.ts';
import {baselineOf, type HealthVerdict, judgeHealth, type Watched} from '../../source/core/health/verdict.ts';

/** Mulberry32: numbers from 0 to 1 that are the same for a seed everywhere. */
export function numbersOf(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d_2b_79_f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** Of one moment at one instance. `t`: milliseconds since the switch; before it, negative. */
type Truth = {
	/** The share of requests that fail now. */
	readonly failing: number;
	readonly medianMs?: number;
	/** This share of answers takes 8 s. */
	readonly slow?: number;
	/** No connection comes about. */
	readonly unreachable?: boolean;
	/** The operator's own network is gone. */
	readonly noNetwork?: boolean;
	/** The sample never arrives. */
	readonly lost?: boolean;
};
type Case = {
	/** When it turns bad; null: it never should be rolled back. */
	readonly onset: number | null;
	readonly lengthMs?: number;
	/** Made once for a watch: what is by chance is decided here. */
	readonly truth: (random: () => number, instances: number) => (t: number, instance: number) => Truth;
};

const always =
	(truth: (t: number, instance: number) => Truth): Case['truth'] =>
	() =>
		truth;
const well: Truth = {failing: 0.001};
const onset = 60_000;

/** Stretches of 2 to 8 s that take 1 % of the time, of each instance on its own. */
const pauses: Case['truth'] = (random, instances) => {
	const stretches = Array.from({length: instances}, () => {
		const found: {from: number; to: number}[] = [];
		for (let at = 0; at < 300_000;) {
			at += -Math.log(1 - random()) * 495_000;
			const length = 2000 + random() * 6000;
			found.push({from: at, to: at + length});
			at += length;
		}
		return found;
	});
	return (t, instance) => (stretches[instance]!.some(({from, to}) => t >= from && t < to) ? {failing: 1} : well);
};

export const cases = {
	healthy: {onset: null, truth: always(() => well)},
	'noise of 1 %': {onset: null, truth: always(() => ({failing: 0.01}))},
	pauses: {onset: null, truth: pauses},
	blip: {onset: null, truth: always(t => (t >= onset && t < onset + 8000 ? {failing: 1} : well))},
	spike: {onset: null, truth: always(t => (t >= onset && t < onset + 20_000 ? {failing: 0.3} : well))},
	'warm-up': {onset: null, truth: always(t => (t >= 0 && t < 12_000 ? {failing: 1} : well))},
	'cold start': {
		onset: null,
		truth: always(t => ({failing: 0.001, medianMs: t < 0 ? 200 : 200 + 2300 * Math.exp(-t / 30_000)})),
	},
	'own network': {
		onset: null,
		truth: always(t =>
			t >= onset && t < onset + 90_000 ? {failing: 1, unreachable: true, noNetwork: true} : well,
		),
	},
	'both bad': {onset: null, truth: always(() => ({failing: 0.08}))},
	'lost samples': {
		onset: null,
		truth: random => () => (random() < 0.4 ? {failing: 0, lost: true} : well),
	},
	unreachable: {onset: null, truth: always(t => (t >= onset ? {failing: 1, unreachable: true} : well))},
	down: {onset, truth: always(t => (t >= onset ? {failing: 1} : well))},
	'down, samples lost': {
		onset,
		truth: random => t => (random() < 0.4 ? {failing: 0, lost: true} : t >= onset ? {failing: 1} : well),
	},
	'half fails': {onset, truth: always(t => (t >= onset ? {failing: 0.5} : well))},
	'20 % fail': {onset, truth: always(t => (t >= onset ? {failing: 0.2} : well))},
	'10 % fail': {onset, truth: always(t => (t >= onset ? {failing: 0.1} : well))},
	'slow burn': {
		onset,
		lengthMs: 600_000,
		truth: always(t => ({failing: t < onset ? 0.001 : Math.min(0.2, ((t - onset) / 540_000) * 0.2)})),
	},
	'20 s down, 20 s up': {
		onset,
		truth: always(t => (t >= onset && (t - onset) % 40_000 < 20_000 ? {failing: 1} : well)),
	},
	'15 % take 8 s': {onset, truth: always(t => (t >= onset ? {failing: 0.001, slow: 0.15} : well))},
	'one of several': {onset, truth: always((t, instance) => (t >= onset && instance === 0 ? {failing: 1} : well))},
} as const satisfies Record<string, Case>;

export type CaseName = keyof typeof cases;

export type Series = {
	readonly samples: readonly Sample[];
	readonly controls: readonly Control[];
	readonly instances: readonly string[];
	readonly lengthMs: number;
	readonly onset: number | null;
};

const beforeMs = 60_000;

/** One watch of a case: a minute before the switch at 0, and five or ten after it. */
export function seriesOf(
	name: CaseName,
	instanceCount: number,
	seed: number,
	rules: HealthRules = healthDefaults,
): Series {
	const kind: Case = cases[name];
	const random = numbersOf(seed);
	const truth = kind.truth(random, instanceCount);
	const lengthMs = kind.lengthMs ?? 300_000;
	const instances = Array.from({length: instanceCount}, (_, index) => `app-${index + 1}`);
	const samples: Sample[] = [];
	const controls: Control[] = [];
	for (let tick = -beforeMs; tick < lengthMs; tick += rules.intervalMs) {
		controls.push({at: tick, answered: truth(tick, 0).noNetwork !== true});
		for (const [index, instance] of instances.entries()) {
			const at = tick + (random() - 0.5) * 0.4 * rules.intervalMs;
			const now = truth(at, index);
			if (now.lost === true) continue;
			const failed = random() < now.failing;
			const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
			const latencyMs = random() < (now.slow ?? 0) ? 8000 : (now.medianMs ?? 200) * Math.exp(0.5 * normal);
			const hung = latencyMs >= rules.slowMs;
			samples.push({
				at,
				instance,
				result: failed || hung ? 'failed' : 'ok',
				unreachable: failed && now.unreachable === true,
				latencyMs: failed ? null : Math.min(latencyMs, 10_000),
				because: failed ? (now.unreachable === true ? 'connection refused' : 'HTTP 503') : 'HTTP 200',
			});
		}
	}
	samples.sort((a, b) => a.at - b.at);
	return {samples, controls, instances, lengthMs, onset: kind.onset};
}

export type Ended = {
	/** When it would have been rolled back; null: never. */
	readonly rolledBackAt: number | null;
	/** When a person was first told that something is wrong: unhealthy, unreachable or one of several. */
	readonly toldAt: number | null;
	readonly verdict: HealthVerdict;
};

/** Looks every two seconds until it would act, or to the end. */
export function watch(series: Series, rules: HealthRules = healthDefaults): Ended {
	const {samples, controls, instances} = series;
	const watched: Watched = {
		instances,
		began: 0,
		switched: 0,
		baseline: baselineOf(samples, controls, instances, 0, rules),
	};
	let toldAt: number | null = null;
	let verdict: HealthVerdict | null = null;
	for (let now = rules.intervalMs; now < series.lengthMs; now += rules.intervalMs) {
		const from = now - Math.max(rules.warn.windowMs, rules.share.windowMs + rules.share.lastingMs);
		verdict = judgeHealth(
			samples.filter(sample => sample.at >= from && sample.at <= now),
			controls.filter(control => control.at <= now),
			watched,
			now,
			rules,
		);
		if (verdict.state === 'unhealthy' || verdict.unreachable || verdict.down.length > 0) toldAt ??= now;
		if (verdict.arms === true) return {rolledBackAt: now, toldAt, verdict};
	}
	return {rolledBackAt: null, toldAt, verdict: verdict!};
}

/** What is usual elsewhere: three ticks in a row in which any instance failed. */
export function plainRule({samples, lengthMs}: Series, rules: HealthRules = healthDefaults): number | null {
	let inARow = 0;
	for (let now = rules.intervalMs; now < lengthMs; now += rules.intervalMs) {
		const tick = samples.filter(sample => sample.at > now - rules.intervalMs && sample.at <= now);
		if (tick.length > 0) inARow = tick.some(sample => sample.result === 'failed') ? inARow + 1 : 0;
		if (inARow >= 3) return now;
	}
	return null;
}
