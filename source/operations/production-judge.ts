/** The judge of a screen or a command: with this machine's knowledge of locks and pins. */
import type {LockState} from '../core/locks/lock.ts';
import type {Observation} from '../core/releases/observation.ts';
import type {EnvironmentSettings} from '../core/settings/settings.ts';
import type {Promotions} from '../github/promotions.ts';
import {createJudge, type Judge} from './judge/judge.ts';
import {momentNow} from './readings/moment-now.ts';
import type {OperationsOptions} from './options.ts';
import type {Pins} from './pins/pins-known.ts';

export type ProductionJudgeOptions = Pick<OperationsOptions, 'reading' | 'clock' | 'repository' | 'settings'> & {
	promotions: (() => Promise<Promotions>) | null;
	/** Asks GitHub for locks and pins, unless that was done just now. */
	lock(environment: string, atMostMs: number): Promise<LockState>;
	pins: Pick<Pins, 'all' | 'isKnown' | 'unreadable'>;
	observe(environment: EnvironmentSettings): Promise<Observation>;
	folded(): Promise<unknown>;
};

const patienceMs = 8000;

/** null: this world has no GitHub to read evidence from. */
export const productionJudge = ({
	reading,
	clock,
	repository,
	settings,
	promotions,
	lock,
	pins,
	observe,
	folded,
}: ProductionJudgeOptions): Judge | null => {
	const production = settings.environments.find(({name}) => name === 'production');
	if (promotions === null || reading == null || production === undefined) return null;
	const moment = async () => {
		await folded();
		const held = lock(production.name, patienceMs);
		const known = async () => {
			await held;
			return pins.isKnown() && pins.unreadable(production.name) === null ? pins.all() : null;
		};
		return momentNow({observe: () => observe(production), lock: () => held, pins: known, clock});
	};
	return createJudge({...reading, wall: clock, pipeline: {repository, settings}, promotions, moment});
};
