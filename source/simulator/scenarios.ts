/** All scenarios, by name: the list of `deployctl demo`. The first is the default. */
import type {Scenario} from './scenario.ts';
import {release} from './scenarios/release.ts';

export const scenarios: readonly Scenario[] = [release];

export function scenarioNamed(name: string): Scenario {
	const found = scenarios.find(scenario => scenario.name === name);
	if (!found) {
		throw new RangeError(`No scenario is called ${name}; there are ${scenarios.map(scenario => scenario.name).join(', ')}`);
	}
	return found;
}
