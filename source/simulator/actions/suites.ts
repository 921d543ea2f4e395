/** Check suites: GitHub makes one for each run, and one per push for every app that may write checks, whether it ever reports or not. */
import type {Engine, Suite} from '../model/model.ts';
import {nextId} from '../model/model.ts';

export function createSuite(engine: Engine, suite: Omit<Suite, 'id' | 'createdAt' | 'updatedAt'>): Suite {
	const {state} = engine;
	const made: Suite = {...suite, id: nextId(state, 'suite'), createdAt: state.now, updatedAt: state.now};
	state.suites.set(made.id, made);
	const list = state.suitesBySha.get(made.sha) ?? [];
	list.push(made);
	state.suitesBySha.set(made.sha, list);
	return made;
}
