/** All scenarios, by name: the list of `deployctl demo`. The first is the default. */
import type {Scenario} from '../model/scenario.ts';
import {chained, hotfix, manyJobs, secondPush} from './correlation.ts';
import {classicMistakes} from './mistakes.ts';
import {nasty} from './nasty.ts';
import {productionApproval, protectedMain, queue, signOff, urgent} from './promotion.ts';
import {release} from './release.ts';
import {runApproval} from './run-approval.ts';
import {sameNamed} from './same-named.ts';
import {empty, fineGrained, ghes, outage} from './servers.ts';
import {approval, deployFails, fastFails, flaky, quiet, redE2e} from './tiers.ts';

export const scenarios: readonly Scenario[] = [
	release,
	quiet,
	redE2e,
	flaky,
	deployFails,
	fastFails,
	approval,
	runApproval,
	manyJobs,
	sameNamed,
	secondPush,
	chained,
	hotfix,
	urgent,
	protectedMain,
	queue,
	productionApproval,
	signOff,
	fineGrained,
	ghes,
	outage,
	empty,
	nasty,
	classicMistakes,
];

export function scenarioNamed(name: string): Scenario {
	const found = scenarios.find(scenario => scenario.name === name);
	if (!found) {
		throw new RangeError(
			`No scenario is called ${name}; there are ${scenarios.map(scenario => scenario.name).join(', ')}`,
		);
	}
	return found;
}
