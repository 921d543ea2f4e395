/** What a job of a foreign workflow is for, judged by what it does: commands, actions, environment; by names only where these leave it open. */
import {sanitise} from '../../core/text/sanitise.ts';
import type {ReadJob, ReadWorkflow} from './read-workflow.ts';
import {pushesTo} from './read-workflow.ts';

export type Branches = {staging: string; production: string};
export type Place = 'staging' | 'production' | 'both';

/** `tests`: of a kind that cannot be told. `elsewhere`: a deployment of which `because` says why it is neither staging's nor production's. `absent`: it never runs for a commit of a branch. */
export type JobKind =
	| {kind: 'unit' | 'check' | 'e2e' | 'smoke' | 'tests'; because: string}
	| {kind: 'deploy'; place: Place; because: string}
	| {kind: 'elsewhere' | 'absent'; because: string}
	| null;

const deployActions =
	/^(?:cloudflare\/(?:wrangler|pages)-action|amondnet\/vercel-action|akhileshns\/heroku-deploy|azure\/(?:webapps-deploy|k8s-deploy|static-web-apps-deploy|functions-action|container-apps-deploy-action)|aws-actions\/(?:amazon-ecs-deploy-task-definition|aws-cloudformation-github-deploy)|google-github-actions\/deploy-|firebaseextended\/action-hosting-deploy|nwtgck\/actions-netlify|appleboy\/ssh-action|easingthemes\/ssh-deploy|burnett01\/rsync-deployments|digitalocean\/app_action|serverless\/github-action|einaregilsson\/beanstalk-deploy|actions\/deploy-pages|peaceiris\/actions-gh-pages|jamesives\/github-pages-deploy-action)/i;
const pagesAction = /pages/i;
const deployLines = new RegExp(
	[
		String.raw`\b(?:fly(?:ctl)?|vercel|netlify|wrangler(?: pages)?|firebase|kamal|eb|serverless|sls|cdk|sst|gcloud (?:run|app|functions)|docker stack|cap \S+) deploy\b`,
		String.raw`\bvercel\b.*--prod\b|\bwrangler publish\b|\bkubectl (?:apply|set image|rollout)\b|\bhelm (?:upgrade|install)\b|\bterraform apply\b|\baws ecs update-service\b|\baws s3 sync\b|\bargocd app (?:sync|set)\b|\bansible-playbook\b`,
		String.raw`\bgit push (?:dokku|heroku)\b|^rsync\s|\s&&\s*rsync\s`,
		String.raw`\b(?:npm run|yarn(?: run)?|pnpm(?: run)?|bun run|make|task|just)\s+(?:-\S+\s+)*\S*deploy\S*`,
		String.raw`(?:^|[\s/])(?:bin|scripts?|ci|\.)\/\S*deploy\S*`,
	].join('|'),
	'i',
);

// What prepares, cleans up or talks about tests is none; nor is a label of a shell's case.
const idle =
	/^(?:sudo\s+)?(?:(?:python3?\s+-m\s+)?(?:pip3?|gem|brew|apt|apt-get|npm|yarn|pnpm|go)\s+(?:install|i|ci|add|get|update|freeze)\b|(?:echo|rm|ls|cat|cd|mkdir|cp|mv|exit|export|printf)\b)(?!.*(?:&&|;))|^[\w.*|-]+\)$/i;
// Not what puts a new version anywhere.
const noDeployment =
	/--(?:build-only|dry-run|no-deploy|help)\b|\b(?:migrat\w*|prisma|db|database|functions):?\s*deploy\b(?!-)/i;
const aboutOthers =
	/[:-]install\b|\b(?:lint|tsc|typecheck|type-check|upload|download|merge-reports|docker (?:ps|kill|rm|volume))\b/i;
const exclusions = /--(?:ignore|exclude|deselect|skip|grep-invert)\S*(?:\s+(?!-)\S+)?/gi;
const calledDeployment = /\bdeploy(?:ment|s)?\b/i;
const e2eActions = /^cypress-io\/github-action/i;
const e2eLines =
	/\bplaywright test\b|\b(?:playwright|cypress):(?!install)\w|\bcypress run\b|\be2e\b|\bselenium\b|\bwdio\b|\bnightwatch\b|\btestcafe\b|\bdetox test\b|end-to-end/i;
const browsers = /\bplaywright install\b/i;
const e2eNames = /\be2e\b|end.to.end|\b(?:ui|browser|visual|acceptance)\b.*\btests?\b|visual regression/i;
const smokeWords = /\bsmoke\b|smoke[-_:]tests?|@smoke/i;
const unitLines = new RegExp(
	[
		String.raw`\b(?:npm|yarn|pnpm|bun)\s+(?:run\s+)?(?:-\S+\s+\S+\s+)*(?:t|test|tests|unit|test:unit|test-unit|test:ci|unit-tests?|coverage)\b(?![:-](?!unit|ci))`,
		String.raw`\b(?:go|cargo|mvn|mvnw|dotnet|swift|mix|deno|dart|flutter)\b.*\btest\b|\bgradlew?\b.*\b(?:test|check)\b|\bcargo nextest\b`,
		String.raw`\bpytest\b|(?:^|[\s;&|])tox\b(?!-)(?!.*-e\s*\S*lint)|\bruntox\b|\bnox\b|\bunittest\b|\bmanage\.py test\b`,
		String.raw`\b(?:vitest|jest|mocha|ava|phpunit|pest|rspec|minitest|rake test|rails test|bin\/rails test|node --test)\b`,
		String.raw`\bmake\b.*\s(?:test|tests|unit|test-unit|unit-tests?|check)(?:\s|$)|\bbuildx bake\b.*\btest\b`,
	].join('|'),
	'i',
);
const checkLines =
	/\b(?:lint\w*|eslint|oxlint|biome|prettier|ruff|flake8|black|mypy|pyright|tsc|typecheck|type-check|golangci-lint|clippy|rubocop|phpstan|psalm|verify|vet|fmt|format|staticcheck|pre-commit|build|compile|ui-lint)\b/i;
const checkActions = /lint|staticcheck|pre-commit|ruff/i;
const testNames = /\btests?\b/i;
const publishing = /\b(?:npm|yarn|pnpm) publish\b|\btwine upload\b|\bdocker push\b|\bgoreleaser\b|\bcargo publish\b/i;

const stagingWord = /(?:^|[^a-z])(?:staging|stage|stg|pre-?prod(?:uction)?|uat)(?:[^a-z]|$)/i;
const productionWord = /(?:^|[^a-z])(?:production|prod|prd)(?:[^a-z]|$)/i;
const withoutPre = (text: string) => text.replaceAll(/pre-?prod(?:uction)?/gi, 'staging');
const placeIn = (text: string): Place | null => {
	const [isStaging, isProduction] = [stagingWord.test(text), productionWord.test(withoutPre(text))];
	return isStaging && isProduction ? 'both' : isStaging ? 'staging' : isProduction ? 'production' : null;
};

export const shownLine = (text: string): string => `“${sanitise(text, 70)}”`;

/** The branch that a job's condition names alone; null: none, or several. */
const branchIn = (condition: string): string | null => {
	const names = [...condition.matchAll(/github\.(?:ref|ref_name)\s*==\s*'(?:refs\/heads\/)?([^']+)'/g)].map(
		match => match[1]!,
	);
	return names.length === 1 && !/!=|\|\|/.test(condition) ? names[0]! : null;
};

const byBranch = (job: ReadJob, {push}: ReadWorkflow, branches: Branches): {place: Place; how: string} | null => {
	const named = branchIn(job.condition);
	if (branches.staging === branches.production) return null;
	const reaches = (branch: string) => pushesTo(push, branch) && (named === null || named === branch);
	const [staging, production] = [reaches(branches.staging), reaches(branches.production)];
	if (staging === production) return null;
	return staging
		? {place: 'staging', how: `it runs for ${branches.staging} only`}
		: {place: 'production', how: `it runs for ${branches.production} only`};
};

const placeOf = (job: ReadJob, workflow: ReadWorkflow, branches: Branches, did: string): JobKind => {
	const {environment} = job;
	const found = (place: Place, how: string): JobKind => ({
		kind: 'deploy',
		place,
		because: `job ${shownLine(job.title)} ${did}; ${how}`,
	});
	if (environment !== null) {
		const place = placeIn(environment);
		const shown = shownLine(environment);
		if (
			environment.slice(Math.max(0, environment.indexOf('${{'))).includes('inputs.') &&
			environment.includes('${{')
		)
			return {
				kind: 'elsewhere',
				because: `job ${shownLine(job.title)} ${did} in the environment ${shown}: whoever starts it chooses which`,
			};
		if (place === 'both') {
			const isForBoth = pushesTo(workflow.push, branches.staging) && pushesTo(workflow.push, branches.production);
			return isForBoth && branches.staging !== branches.production
				? found('both', `its environment is ${shown}, by the branch`)
				: {
						kind: 'elsewhere',
						because: `job ${shownLine(job.title)} ${did} in the environment ${shown}, and what starts it does not tell which of the two`,
					};
		}
		if (place !== null) return found(place, `its environment is ${shown}`);
		if (environment.includes('${{'))
			return {
				kind: 'elsewhere',
				because: `job ${shownLine(job.title)} ${did} in the environment ${shown}, which only a run knows`,
			};
		return {
			kind: 'elsewhere',
			because: `job ${shownLine(job.title)} ${did} in the environment ${shown}, which is neither staging nor production`,
		};
	}
	const names = placeIn(
		`${job.id} ${job.title} ${workflow.file} ${workflow.name} ${job.lines.filter(line => deployLines.test(line) && !noDeployment.test(line)).join(' ')}`,
	);
	if (names !== null && names !== 'both') return found(names, `its names say ${names}`);
	const branch = byBranch(job, workflow, branches);
	return branch === null
		? {
				kind: 'elsewhere',
				because: `job ${shownLine(job.title)} ${did}, and neither an environment nor names nor branches tell where to`,
			}
		: found(branch.place, branch.how);
};

/** It never runs for a commit of a branch. */
const isForPullRequests = (condition: string): boolean =>
	/github\.event_name\s*==\s*'pull_request(?:_target)?'/.test(condition) &&
	!condition.includes('||') &&
	!/!\s*\(/.test(condition);

const matching = (lines: readonly string[], pattern: RegExp) => lines.find(line => pattern.test(line));
const withoutExclusions = (line: string) => line.replaceAll(exclusions, '');
const isSmoke = (line: string) => smokeWords.test(withoutExclusions(line));

type Subject = {job: ReadJob; workflow: ReadWorkflow; lines: readonly string[]; names: readonly string[]};
const does = ({job}: Subject, what: string) => `job ${shownLine(job.title)} runs ${shownLine(what)}`;

/** undefined: it does not deploy. */
const deploymentOf = ({job, workflow}: Subject, branches: Branches): JobKind | undefined => {
	const action = job.uses.find(uses => deployActions.test(uses));
	const line = job.lines.find(text => deployLines.test(text) && !noDeployment.test(text));
	if (action !== undefined && pagesAction.test(action) && !/cloudflare/i.test(action))
		return {
			kind: 'elsewhere',
			because: `job ${shownLine(job.title)} publishes pages with ${shownLine(action)}, which is neither staging nor production`,
		};
	if (line !== undefined) return placeOf(job, workflow, branches, `runs ${shownLine(line)}`);
	if (action !== undefined) return placeOf(job, workflow, branches, `uses ${shownLine(action)}`);
	const name =
		job.environment === null
			? undefined
			: [job.title, job.id, workflow.name].find(text => calledDeployment.test(text));
	return name === undefined
		? undefined
		: placeOf(job, workflow, branches, `deploys, as the name ${shownLine(name)} says,`);
};

const browserTests = (subject: Subject): JobKind | undefined => {
	const line =
		subject.lines.find(
			text => e2eLines.test(withoutExclusions(text)) && !isSmoke(text) && !aboutOthers.test(text),
		) ?? subject.job.uses.find(uses => e2eActions.test(uses));
	if (line !== undefined) return {kind: 'e2e', because: does(subject, line)};
	const browser = matching(subject.job.lines, browsers);
	const name = subject.names.find(text => e2eNames.test(text));
	return browser === undefined || name === undefined
		? undefined
		: {kind: 'e2e', because: `${does(subject, browser)} and calls itself ${shownLine(name)}`};
};

const smokeTests = (subject: Subject): JobKind | undefined => {
	const {job, workflow, lines} = subject;
	if (matching(lines, unitLines) !== undefined) return undefined;
	const line = lines.find(text => isSmoke(text) && !aboutOthers.test(text));
	if (line !== undefined) return {kind: 'smoke', because: does(subject, line)};
	const probe = smokeWords.test(`${workflow.file} ${job.id} ${job.title}`)
		? matching(lines, /\bcurl\b|\btests?\b/i)
		: undefined;
	return probe === undefined ? undefined : {kind: 'smoke', because: `${does(subject, probe)} and is called so`};
};

const otherChecks = (subject: Subject): JobKind => {
	const {job, lines, names} = subject;
	const unit = matching(lines, unitLines);
	if (unit !== undefined) return {kind: 'unit', because: does(subject, unit)};
	const check =
		lines.find(line => checkLines.test(line) && !publishing.test(line)) ??
		job.uses.find(uses => checkActions.test(uses));
	if (check !== undefined) return {kind: 'check', because: does(subject, check)};
	return lines.length > 0 && names.some(name => testNames.test(name))
		? {
				kind: 'tests',
				because: `job ${shownLine(job.title)} is about tests by its names, but ${shownLine(lines.at(-1)!)} does not say of which kind`,
			}
		: null;
};

export const kindOf = (job: ReadJob, workflow: ReadWorkflow, branches: Branches): JobKind => {
	if (isForPullRequests(job.condition))
		return {kind: 'absent', because: `job ${shownLine(job.title)} runs for pull requests only`};
	const subject = {
		job,
		workflow,
		lines: job.lines.filter(line => !idle.test(line)),
		names: [workflow.name, job.id, job.title, ...job.stepNames],
	};
	const found = deploymentOf(subject, branches) ?? browserTests(subject) ?? smokeTests(subject);
	return found === undefined ? otherChecks(subject) : found;
};
