/** All checks over what was read, worst first. Pure. */
import {type ExitCode, exitCodes} from '../errors.ts';
import {adopt} from './checks/adopt.ts';
import {checkAddresses} from './checks/addresses.ts';
import {checkBlocking} from './checks/blocking.ts';
import {checkChain} from './checks/chain.ts';
import {checkContract} from './checks/contract.ts';
import {checkEnvironments} from './checks/environments.ts';
import {checkGateFile} from './checks/gate-file.ts';
import {checkGuards} from './checks/guards.ts';
import {checkMachine} from './checks/machine.ts';
import {checkRepository} from './checks/repository.ts';
import {checkRules} from './checks/rules.ts';
import {checkRuns} from './checks/runs.ts';
import {checkSafety} from './checks/safety.ts';
import {checkScripts} from './checks/scripts.ts';
import {checkSecrets} from './checks/secrets.ts';
import {checkSkips} from './checks/skips.ts';
import {checkToken} from './checks/token.ts';
import {checkWorkflows} from './checks/workflows.ts';
import {type Area, areas, type Finding, type Readings, severities, type Severity} from './model/model.ts';

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
