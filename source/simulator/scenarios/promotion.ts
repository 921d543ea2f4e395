/** Ways to production other than moving the branch: what its rules ask for, who has to agree, and what cannot wait. */
import {scenario} from '../model/scenario.ts';
import {deployProduction, deployProductionJob, gateJob, standardWorkflows} from '../model/workflows.ts';
import {baseline} from './baseline.ts';
import {history} from './history.ts';

export const protectedMain = scenario({
	name: 'protected',
	description:
		"Production's branch only takes pull requests with one approval, and somebody approves 40 seconds after one is opened.",
	rules: [{branch: 'main', pullRequest: {approvals: 1, approveAfterSeconds: 40}}],
	events: history,
});

export const queue = scenario({
	name: 'queue',
	description:
		"Production's branch has a merge queue: what is promoted waits in it, is merged by GitHub and gets another commit id.",
	rules: [{branch: 'main', mergeQueue: {seconds: 90}}],
	events: baseline,
});

export const urgent = scenario({
	name: 'urgent',
	description:
		'A hotfix branch on top of production turns green within a minute, while the staging branch has work that nobody wants to ship yet.',
	events: [
		...baseline,
		{
			at: '-2m10s',
			push: 'hotfix/login',
			from: 'export',
			by: 'jonas-lindqvist',
			commits: [
				[
					'login-loop',
					'Stop the login loop after a password reset (#440)',
					null,
					['+9 -4 source/session.ts', '+21 -0 source/session.test.ts'],
				],
			],
		},
	],
});

export const signOff = scenario({
	name: 'sign-off',
	description:
		'A promotion needs the sign-off of QA, which nobody has given yet: give it on the gate (p, then I), then promote.',
	signOffs: [{name: 'qa', by: []}],
	events: baseline,
});

const reviewed = {...deployProduction, jobs: [gateJob, {...deployProductionJob, environment: 'production'}]};

export const productionApproval = scenario({
	name: 'production-approval',
	description:
		'The production environment has reviewers, and you are one of them: the deployment waits until somebody approves it.',
	environments: [{name: 'staging'}, {name: 'production', reviewers: ['mira-okafor', 'lena-fischer']}],
	workflows: standardWorkflows.map(workflow => (workflow === deployProduction ? reviewed : workflow)),
	events: baseline.map(event =>
		'push' in event && event.commits.some(([alias]) => alias === 'export')
			? {...event, plan: {approveAfterSeconds: 180}}
			: event,
	),
});
