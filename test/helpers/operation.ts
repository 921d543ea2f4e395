/** An operation as the journal tells it. */
import type {Operation} from '../../source/core/operations/operation.ts';

let count = 0;
export const operationOf = (over: Partial<Operation> = {}): Operation => {
	count += 1;
	const at = Date.parse('2026-11-24T02:03:04Z');
	return {
		id: `20261124T020304Z-deploy-production-${count}`,
		kind: 'deploy',
		environment: 'production',
		from: {release: 'r1', sha: '1'.repeat(40)},
		to: {release: 'r2', sha: '2'.repeat(40)},
		sha: '2'.repeat(40),
		operator: 'mira-okafor',
		host: 'workstation',
		startedAt: at,
		finishedAt: at + 42_000,
		outcome: 'succeeded',
		exitCode: 0,
		because: 'r2 is live on production: every instance reports it and is healthy',
		next: null,
		command: ['scripts/deploy.sh'],
		scriptKind: 'contract',
		scriptExitCode: 0,
		steps: [],
		usualSeconds: null,
		p95Seconds: null,
		stop: null,
		before: null,
		after: null,
		isSupervised: false,
		isLockedRemotely: true,
		unpublished: 0,
		...over,
	};
};
