/** What is known about production now, for the gate's conditions about the moment. */
import {changesBetween} from '../../core/snapshot/changes.ts';
import {correlate} from '../../core/snapshot/correlate.ts';
import type {Facts, RateLimit} from '../../core/github/facts.ts';
import {healthyNeeded, type Moment} from '../../core/gate/moment.ts';
import {overall} from '../../core/releases/observation.ts';
import type {Snapshot} from '../../core/pipeline/pipeline.ts';
import {withEvents} from './events.ts';
import {isObservable, lockOn, reportedVersions} from './operation-select.ts';
import {skewOf} from './skew.ts';
import type {State} from '../model/state.ts';

const momentOf = (state: State): Moment | null => {
	const {reading, observed} = state.operations;
	if (reading === null) return null;
	const latest =
		observed['production']?.latest ??
		(isObservable(state.settings, 'production')
			? null
			: {environment: 'production', readAt: state.wallNow, instances: []});
	return {
		now: state.wallNow,
		// Of the demo, too, whose pipeline lives faster than the wall's clock.
		skewMs: state.now - state.wallNow,
		lock: lockOn(state, 'production'),
		pins: reading.pins,
		reported: reportedVersions(state, 'production'),
		production: latest && {
			overall: overall(latest),
			instances: latest.instances.length,
			readAt: latest.readAt,
			healthyInARow: observed['production']?.healthyInARow ?? 0,
		},
	};
};

/** What the conditions depend on, but for the time. */
const momentKey = (state: State): string => {
	const moment = momentOf(state);
	return JSON.stringify(
		moment && [
			moment.lock,
			moment.pins,
			moment.reported,
			moment.production && [moment.production.overall, Math.min(healthyNeeded, moment.production.healthyInARow)],
		],
	);
};

export const snapshotOf = (state: State, facts: Facts, fetchedAt: number, rateLimit: RateLimit | null): Snapshot =>
	correlate(facts, state.settings, fetchedAt, rateLimit, momentOf(state));

/** The gates again, where what they say about the moment may have changed. */
export const gated = (before: State, state: State): State => {
	if (!state.snapshot || !state.facts || state.origin !== 'github' || momentKey(before) === momentKey(state))
		return state;
	const snapshot = snapshotOf(state, state.facts, state.snapshot.fetchedAt, state.snapshot.rateLimit);
	const news =
		before.operations.reading === null
			? []
			: changesBetween(state.snapshot, snapshot, state.beganAt + skewOf(state));
	return withEvents({...state, snapshot}, news);
};
