/** All checks over what was read, worst first. Pure. */
import {type ExitCode, exitCodes} from '../errors.ts';
import {adopt} from './adopt.ts';
import {checkAddresses} from './check-addresses.ts';
import {checkBlocking} from './check-blocking.ts';
import {checkChain} from './check-chain.ts';
import {checkContract} from './check-contract.ts';
import {checkEnvironments} from './check-environments.ts';
import {checkGateFile} from './check-gate-file.ts';
import {checkGuards} from './check-guards.ts';
import {checkMachine} from './check-machine.ts';
import {checkRepository} from './check-repository.ts';
import {checkRules} from './check-rules.ts';
import {checkRuns} from './check-runs.ts';
import {checkSafety} from './check-safety.ts';
import {checkScripts} from './check-scripts.ts';
import {checkSecrets} from './check-secrets.ts';
import {checkSkips} from './check-skips.ts';
import {checkToken} from './check-token.ts';
import {checkWorkflows} from './check-workflows.ts';
import {type Area, areas, type Finding, type Readings, severities, type Severity} from './model.ts';

export type Diagnosis = {readings: Readings; findings: readonly Finding[]};

const rank = (severity: Severity): number => severities.indexOf(severity);

/** `only`: null: everything. `contract`: of scripts, the current one. */
export const diagnose = (seen: Readings, only: ReadonlySet<Area> | null, contract: string): readonly Finding[] => {
	const {readings, findings: adopted} = adopt(seen);
	const checks: Readonly<Record<Area, () => readonly Finding[]>> = {
		token: () => checkToken(readings),
		repository: () => checkRepository(readings),
		workflows: () => [
			...adopted,
			...checkWorkflows(readings),
			...checkChain(readings),
			...checkBlocking(readings),
			...checkContract(readings),
			...checkSkips(readings),
			...checkGateFile(readings),
			...checkSafety(readings),
		],
		runs: () => checkRuns(readings),
		rules: () => [...checkRules(readings), ...checkGuards(readings)],
		environments: () => checkEnvironments(readings),
		secrets: () => checkSecrets(readings),
		scripts: () => checkScripts(readings, contract),
		addresses: () => checkAddresses(readings),
		machine: () => checkMachine(readings),
	};
	return areas
		.filter(area => only === null || only.has(area))
		.flatMap(area => checks[area]().toSorted((a, b) => rank(a.severity) - rank(b.severity)));
};

/** Areas that are nothing without GitHub. */
const remote: ReadonlySet<Area> = new Set(['token', 'runs', 'rules', 'environments', 'secrets']);

/** 4 and 5 only where what was asked for could not be looked at at all; else 1 with an error, 0 without. */
export const exitCodeOf = ({readings, findings}: Diagnosis, only: ReadonlySet<Area> | null): ExitCode => {
	const {token, github, isOffline} = readings;
	const concerned = only === null || [...only].some(area => remote.has(area));
	if (concerned && !isOffline) {
		if (!token.ok && token.kind !== 'not-asked') return exitCodes.notPermitted;
		if (github !== null && !github.repository.ok)
			return github.repository.kind === 'unreachable' ? exitCodes.unreachable : exitCodes.notPermitted;
	}
	return findings.some(({severity}) => severity === 'error') ? exitCodes.failed : exitCodes.done;
};
