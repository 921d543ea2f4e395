/** What no file can do: secrets, environments, branches, rules. In the order in which somebody does it. */
import type {Answers, Inspection, Proposal} from '../model.ts';
import {type Names, roles} from './names.ts';
import type {Scripts} from './scripts.ts';
import {busyParts} from './suite.ts';

type Step = Proposal['byHand'][number];
const when = (condition: boolean, step: Step): readonly Step[] => (condition ? [step] : []);

const addDependency = (manager: string | null): string =>
	manager === 'pnpm'
		? 'pnpm add -D deployctl'
		: manager === 'yarn'
			? 'yarn add -D deployctl'
			: manager === 'bun'
				? 'bun add -d deployctl'
				: 'npm install --save-dev deployctl';

export const byHand = (inspection: Inspection, answers: Answers, names: Names, scripts: Scripts): readonly Step[] => {
	const {branches, remote, defaultBranch, e2e, parts, workflows, beyond} = inspection;
	const {staging, production, urls} = answers;
	const isWritten = (role: Parameters<Names['mapped']>[0]) => names.mapped(role) === null;
	const known = branches.length > 0;
	const isEnterprise = remote !== null && remote.host !== 'github.com' && !remote.host.endsWith('.ghe.com');
	const unknown = ['staging', 'production'].flatMap(name => [
		...(urls[name] === undefined ? [name] : []),
		...(urls[`${name}.health`] === undefined ? [`${name}.health`] : []),
		...(urls[`${name}.version`] === undefined ? [`${name}.version`] : []),
	]);
	const rival =
		answers.existing === 'replace'
			? workflows
					.filter(
						({file}) =>
							!roles.some(role => names.file(role) === file) && file !== 'experimental-example.yml',
					)
					.map(({file}) => file)
			: [];
	return [
		...when(remote === null, {
			what: 'Give the repository its place on GitHub',
			why: 'There is no remote called origin: nothing can be pushed, and no workflow can run.',
			how: 'gh repo create --private --source . --remote origin',
		}),
		...when(known && !branches.includes(staging), {
			what: `Create the branch ${staging}`,
			why: 'Staging runs what is pushed there.',
			how: `git switch -c ${staging} ${production} && git push -u origin ${staging}`,
		}),
		...when(known && !branches.includes(production), {
			what: `Create the branch ${production}`,
			why: 'Production runs what is there.',
			how: `git switch -c ${production} && git push -u origin ${production}`,
		}),
		...when(defaultBranch !== null && defaultBranch !== staging, {
			what: `Bring the workflows to ${defaultBranch ?? ''} as well as to ${staging}`,
			why: 'GitHub starts by workflow_run, by schedule and by dispatch only what lies on the default branch.',
			how: `merge the commit that adds them into both, or make ${staging} the default branch`,
		}),
		...when(scripts.isOurs, {
			what: 'Fill in scripts/deploy.staging.conf and scripts/deploy.production.conf',
			why: 'They say on which hosts the application runs, and how it is restarted.',
			how: 'scripts/deploy.sh --env staging --dry-run says what would be done',
		}),
		...when(scripts.isOurs && beyond !== undefined && beyond.submodules.length + Number(beyond.hasLfs) > 0, {
			what: `Bring ${[...(beyond?.submodules.length ? [`submodules (${beyond.submodules.join(', ')})`] : []), ...(beyond?.hasLfs ? ['the files of Git LFS'] : [])].join(' and ')} to where it is deployed from`,
			why: 'scripts/deploy.sh takes them along where they are here, and refuses the commit where they are not.',
			how: 'in the workflows that test and deploy: actions/checkout with submodules: recursive, lfs: true; by hand git submodule update --init --recursive, git lfs fetch; or BUILD_CMD in deploy.ENV.conf',
		}),
		...when(!scripts.isOurs && scripts.rollback === null, {
			what: 'Write a script that goes back',
			why: `${scripts.deploy} deploys, and nothing here goes back to the release before.`,
			how: 'any executable that takes ENV SHA; then name it in deployctl.yml as rollback of both environments',
		}),
		...when(isWritten('deploy'), {
			what: 'Secrets STAGING_DEPLOY_KEY and STAGING_KNOWN_HOSTS of the repository',
			why: 'The key by which the runner reaches the hosts of staging, and who they are. Not needed by a runner of your own next to the application.',
			how: 'gh secret set STAGING_DEPLOY_KEY < KEYFILE; ssh-keyscan HOST > hosts; ssh-keygen -lf hosts, and compare with the fingerprint that the host itself shows; gh secret set STAGING_KNOWN_HOSTS < hosts',
		}),
		...when(isWritten('production'), {
			what: `Environment production: only from ${production}, with reviewers`,
			why: 'A workflow on another branch could leave the gate out.',
			how: `Settings → Environments → production: deployment branches "${production}", required reviewers`,
		}),
		...when(isWritten('production'), {
			what: 'Secrets DEPLOY_KEY and KNOWN_HOSTS of the environment production',
			why: 'Of the environment, not of the repository: then no other job can read them.',
			how: 'gh secret set DEPLOY_KEY --env production < KEYFILE; ssh-keyscan HOST > hosts, compared in the same way; gh secret set KNOWN_HOSTS --env production < hosts',
		}),
		...when(unknown.length > 0, {
			what: `Say where ${unknown.join(', ')} ${unknown.length === 1 ? 'is' : 'are'}`,
			why: "Without production's health the gate stays blocked; without staging's version nobody can prove what E2E looked at.",
			how: 'in deployctl.yml under environments, then deployctl init once more',
		}),
		...when(e2e === null, {
			what: 'Write end-to-end tests',
			why: 'There are none: E2E only asks whether staging answers, which is little to go to production on.',
			how: `${parts.length > 0 && parts.every(({language}) => language === 'python') ? 'pytest-playwright, with tests in tests/e2e' : 'npm init playwright@latest'}; then deployctl init once more`,
		}),
		...when(e2e !== null && e2e.kind === 'playwright' && e2e.hasReporter !== true && isWritten('e2e'), {
			what: 'Add deployctl to the development dependencies',
			why: 'Its reporter publishes every test as it ends; without it one sees steps only.',
			how: `${e2e === null || e2e.directory === '.' ? '' : `cd ${e2e.directory} && `}${addDependency(parts.find(({directory, language}) => language === 'node' && directory === e2e?.directory)?.packageManager ?? parts.find(({language}) => language === 'node')?.packageManager ?? null)}`,
		}),
		...when(!isWritten('deploy') && isWritten('e2e'), {
			what: `Start E2E from ${names.file('deploy')}`,
			why: 'It deploys, and knows the commit; E2E that is chained to it by workflow_run would not.',
			how: `as its last step: gh workflow run ${names.file('e2e')} --ref ${staging} -f sha="$SHA", with the permission actions: write`,
		}),
		...when(isWritten('deploy') && !names.takesSha('e2e'), {
			what: `Let ${names.file('e2e')} take its commit`,
			why: 'The deployment starts E2E for the commit that it has brought to staging; this one cannot be started so.',
			how: 'on: workflow_dispatch: inputs: sha: {required: true}; then deployctl init once more',
		}),
		...when(isWritten('fast') && busyParts(parts).length === 0, {
			what: 'Give the fast tests something to run',
			why: 'There is no lint, no unit test and no build: nothing can be green, and nothing goes to staging by itself.',
			how: `a command that tests something, in the job "Fast tests" of ${names.file('fast')}`,
		}),
		...when(isWritten('fast'), {
			what: 'Require the check "Fast tests" in the rules of both branches',
			why: 'Then nothing is merged that has not passed them.',
			how: `Settings → Rules → Rulesets: ${staging} and ${production}, required status check "Fast tests"`,
		}),
		...(names.mapped('fast') === null
			? []
			: when(isWritten('deploy'), {
					what: `Keep the name of ${names.file('fast')}`,
					why: `${names.file('deploy')} waits for the workflow called "${names.title('fast')}".`,
					how: 'whoever renames it changes both',
				})),
		...roles.flatMap(role =>
			(names.mapped(role)?.advice ?? []).map((advice): Step => ({
				what: `Change ${names.file(role)}`,
				why: 'It serves as a tier, and lacks what deployctl can trust.',
				how: advice,
			})),
		),
		...when(rival.length > 0, {
			what: `Switch off what the new workflows replace: ${rival.join(', ')}`,
			why: 'What deploys twice deploys in an order that nobody knows.',
			how: 'gh workflow disable FILE, once the new ones have run',
		}),
		...when(isEnterprise, {
			what: 'Look at the artifact actions',
			why: `${remote?.host ?? ''} may be too old for actions/upload-artifact of this version.`,
			how: 'on an older GitHub Enterprise Server pin v3 of both',
		}),
	];
};
