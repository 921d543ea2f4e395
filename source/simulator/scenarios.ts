/** All scenarios, by name: the list of `deployctl demo`. The first is the default. */
import type {Scenario} from './scenario.ts';
import {chained, hotfix, manyJobs, secondPush} from './scenarios/correlation.ts';
import {classicMistakes} from './scenarios/mistakes.ts';
import {nasty} from './scenarios/nasty.ts';
import {productionApproval, protectedMain, queue, signOff, urgent} from './scenarios/promotion.ts';
import {release} from './scenarios/release.ts';
import {runApproval} from './scenarios/run-approval.ts';
import {sameNamed} from './scenarios/same-named.ts';
import {empty, fineGrained, ghes, outage} from './scenarios/servers.ts';
import {approval, deployFails, fastFails, flaky, quiet, redE2e} from './scenarios/tiers.ts';

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
