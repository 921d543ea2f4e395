/** Everything that the doctor asks GitHub, each by itself: what one answer refuses, the others still tell. */
import type {Probe, Probed} from '../../github/probe.ts';
import type {Settings} from '../../core/settings/settings.ts';
import {
	type BranchReading,
	type EnvironmentReading,
	type FileReading,
	type GitHubReading,
	type HookReading,
	type NamesReading,
	type Read,
	type RepositoryReading,
	type RuleReading,
	type WorkflowState,
} from '../model/model.ts';
import {readGuards} from './guards.ts';
import {parseWorkflow} from '../model/workflow-model.ts';

type Body = Readonly<Record<string, unknown>>;
type Failed = Extract<Probed, {ok: false}>;
const fields = (value: unknown): Body => (typeof value === 'object' && value !== null ? (value as Body) : {});
const items =
	(name: string) =>
	(body: unknown): readonly Body[] => {
		const list = name === '' ? body : fields(body)[name];
		if (!Array.isArray(list)) throw new TypeError(`no list of ${name}`);
		return list.map(fields);
	};
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const failed = ({kind, because, next}: Failed): Extract<Read<never>, {ok: false}> => ({ok: false, kind, because, next});
const reading = <Value>(value: Value): Read<Value> => ({ok: true, value});

const readList = async <Value>(
	probe: Probe,
	path: string,
	name: string,
	shape: (item: Body) => Value,
): Promise<Read<readonly Value[]>> => {
	const answer = await probe.list(path, items(name));
	return answer.ok ? reading(answer.items.map(shape)) : failed(answer);
};

const number = (value: string | undefined): number =>
	value === undefined || value === '' ? Number.NaN : Number(value);

const repositoryFrom = (answer: Extract<Probed, {ok: true}>, skewMs: number | null): RepositoryReading => {
	const {headers} = answer;
	const body = fields(answer.body);
	const {admin, push} = fields(body['permissions']);
	const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map(name =>
		number(headers[`x-ratelimit-${name}`]),
	);
	const expires = Date.parse(
		(headers['github-authentication-token-expiration'] ?? '').replace(' UTC', 'Z').replace(' ', 'T'),
	);
	return {
		defaultBranch: text(body['default_branch']),
		isPrivate: body['private'] === true,
		isArchived: body['archived'] === true,
		permissions: body['permissions'] === undefined ? null : {admin: admin === true, push: push === true},
		scopes:
			headers['x-oauth-scopes'] === undefined
				? null
				: headers['x-oauth-scopes']
						.split(',')
						.map(scope => scope.trim())
						.filter(Boolean),
		serverVersion: headers['x-github-enterprise-version'] ?? null,
		rate:
			Number.isFinite(limit) && Number.isFinite(remaining) && Number.isFinite(reset)
				? {limit: limit!, remaining: remaining!, resetAt: reset! * 1000}
				: null,
		tokenExpiresAt: Number.isFinite(expires) ? expires : null,
		skewMs,
	};
};

const readBranch = async (probe: Probe, branch: string): Promise<Read<BranchReading>> => {
	const answer = await probe.get(`/branches/${encodeURIComponent(branch)}`);
	if (!answer.ok) return failed(answer);
	const body = fields(answer.body);
	const required = fields(fields(body['protection'])['required_status_checks']);
	const contexts = Array.isArray(required['contexts'])
		? required['contexts'].filter(name => typeof name === 'string')
		: [];
	return reading({isProtected: body['protected'] === true, requiredChecks: contexts});
};

const ruleFrom = (rule: Body): RuleReading => {
	const parameters = fields(rule['parameters']);
	const checks = parameters['required_status_checks'];
	return {
		type: text(rule['type']),
		checks: Array.isArray(checks) ? checks.map(check => text(fields(check)['context'])) : [],
		...(rule['type'] === 'pull_request' && {asksOwners: parameters['require_code_owner_review'] === true}),
	};
};

const readFile = async (probe: Probe, branch: string, file: string, sha: string): Promise<FileReading> => {
	const answer = await probe.get(
		`/contents/.github/workflows/${encodeURIComponent(file)}?ref=${encodeURIComponent(branch)}`,
	);
	if (!answer.ok) return {file, sha, workflow: null, because: answer.because, isUnread: true};
	const parsed = await parseWorkflow(
		file,
		Buffer.from(text(fields(answer.body)['content']), 'base64').toString('utf8'),
	);
	return 'workflow' in parsed
		? {file, sha, workflow: parsed.workflow, because: null}
		: {file, sha, workflow: null, because: parsed.problem};
};

/** More files than this are not read: the report would be about something else. */
const filesAtMost = 60;

/** A content that lies on two branches is asked for once. */
const readFiles = async (
	probe: Probe,
	branch: string,
	known: Map<string, Promise<FileReading>>,
): Promise<Read<readonly FileReading[]>> => {
	const answer = await probe.get(`/contents/.github/workflows?ref=${encodeURIComponent(branch)}`);
	if (!answer.ok) return answer.kind === 'absent' ? reading([]) : failed(answer);
	const files = (Array.isArray(answer.body) ? answer.body.map(fields) : [])
		.filter(entry => entry['type'] === 'file' && /\.ya?ml$/.test(text(entry['name'])))
		.slice(0, filesAtMost);
	return reading(
		await Promise.all(
			files.map(entry => {
				const [file, sha] = [text(entry['name']), text(entry['sha'])];
				const key = `${file} ${sha}`;
				const found = known.get(key) ?? readFile(probe, branch, file, sha);
				known.set(key, found);
				return found;
			}),
		),
	);
};

const readPolicies = async (probe: Probe, name: string, policy: unknown): Promise<EnvironmentReading['branches']> => {
	if (policy === null || policy === undefined) return reading(null);
	if (fields(policy)['custom_branch_policies'] !== true) return reading('protected');
	return readList(
		probe,
		`/environments/${encodeURIComponent(name)}/deployment-branch-policies`,
		'branch_policies',
		item => text(item['name']),
	);
};

const selfReview = (rules: readonly Body[]): {preventsSelfReview?: boolean} => {
	const prevents = rules.find(rule => rule['type'] === 'required_reviewers')?.['prevent_self_review'];
	return typeof prevents === 'boolean' ? {preventsSelfReview: prevents} : {};
};

const readEnvironments = async (probe: Probe): Promise<Read<readonly EnvironmentReading[]>> => {
	const answer = await probe.list('/environments', items('environments'));
	if (!answer.ok) return failed(answer);
	return reading(
		await Promise.all(
			answer.items.map(async (environment): Promise<EnvironmentReading> => {
				const rules = Array.isArray(environment['protection_rules'])
					? environment['protection_rules'].map(fields)
					: [];
				const reviewers = rules.flatMap(rule => (Array.isArray(rule['reviewers']) ? rule['reviewers'] : []));
				const name = text(environment['name']);
				return {
					name,
					reviewers: reviewers.length,
					waitMinutes: Number(rules.find(rule => rule['type'] === 'wait_timer')?.['wait_timer'] ?? 0),
					branches: await readPolicies(probe, name, environment['deployment_branch_policy']),
					...selfReview(rules),
					...(typeof environment['can_admins_bypass'] === 'boolean' && {
						letsAdminsPass: environment['can_admins_bypass'],
					}),
				};
			}),
		),
	);
};

/** Of variables the values come along; only names are kept. */
const readNames = async (
	probe: Probe,
	kind: 'secrets' | 'variables',
	environments: readonly string[],
): Promise<NamesReading> => {
	const names = (path: string) => readList(probe, path, kind, item => text(item['name']));
	const [repository, organization, ...others] = await Promise.all([
		names(`/actions/${kind}`),
		names(`/actions/organization-${kind}`),
		...environments.map(name => names(`/environments/${encodeURIComponent(name)}/${kind}`)),
	]);
	return {
		repository,
		organization,
		environments: Object.fromEntries(environments.map((name, index) => [name, others[index]!])),
	};
};

/** Of a webhook's address only the host is kept: the rest is a secret. */
const hookFrom = (hook: Body): HookReading => {
	const url = text(fields(hook['config'])['url']);
	const last = fields(hook['last_response']);
	return {
		host: URL.canParse(url) ? new URL(url).host : 'an address that is none',
		active: hook['active'] === true,
		lastCode: typeof last['code'] === 'number' ? last['code'] : null,
		lastMessage: typeof last['message'] === 'string' ? last['message'] : null,
	};
};

const byBranch = async <Value>(
	branches: readonly string[],
	read: (branch: string) => Promise<Value>,
): Promise<Record<string, Value>> =>
	Object.fromEntries(await Promise.all(branches.map(async branch => [branch, await read(branch)] as const)));

const workflowFrom = (workflow: Body): WorkflowState => ({
	file: text(workflow['path']).split('/').at(-1) ?? '',
	name: text(workflow['name']),
	state: text(workflow['state']),
});

/** When GitHub is out of reach, or does not know us, one question says so as well as thirty. */
const nothing = (why: Extract<Read<never>, {ok: false}>): GitHubReading => {
	const names: NamesReading = {repository: why, organization: why, environments: {}};
	return {
		repository: why,
		checks: why,
		branches: {},
		workflows: why,
		files: {},
		rules: {},
		environments: why,
		secrets: names,
		variables: names,
		hooks: why,
		actionsEnabled: why,
	};
};

export const readGitHub = async (probe: Probe, {branches}: Settings): Promise<GitHubReading> => {
	const answer = await probe.get('');
	if (!answer.ok) return nothing(failed(answer));
	const repository = repositoryFrom(answer, probe.skewMs());
	const two = [...new Set([branches.staging, branches.production])];
	const all = [...new Set([repository.defaultBranch, ...two])].filter(name => name !== '');
	const known = new Map<string, Promise<FileReading>>();
	const environments = readEnvironments(probe);
	const names = async (kind: 'secrets' | 'variables') => {
		const found = await environments;
		return readNames(probe, kind, found.ok ? found.value.map(({name}) => name) : []);
	};
	const checks = async (): Promise<Read<true>> => {
		const asked = await probe.get(`/commits/${encodeURIComponent(branches.staging)}/check-runs?per_page=1`);
		return asked.ok ? reading(true) : failed(asked);
	};
	const actions = async (): Promise<Read<boolean>> => {
		const asked = await probe.get('/actions/permissions');
		return asked.ok ? reading(fields(asked.body)['enabled'] === true) : failed(asked);
	};
	const [checked, branch, workflows, files, rules, found, secrets, variables, hooks, actionsEnabled, guards] =
		await Promise.all([
			checks(),
			byBranch(two, name => readBranch(probe, name)),
			readList(probe, '/actions/workflows', 'workflows', workflowFrom),
			byBranch(all, name => readFiles(probe, name, known)),
			byBranch(two, name => readList(probe, `/rules/branches/${encodeURIComponent(name)}`, '', ruleFrom)),
			environments,
			names('secrets'),
			names('variables'),
			readList(probe, '/hooks', '', hookFrom),
			actions(),
			readGuards(probe, branches),
		]);
	return {
		repository: reading(repository),
		checks: checked,
		branches: branch,
		workflows,
		files,
		rules,
		environments: found,
		secrets,
		variables,
		hooks,
		actionsEnabled,
		guards,
	};
};
