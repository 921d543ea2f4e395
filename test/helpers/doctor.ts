/** Readings for the doctor: a healthy repository to begin with, and the simulator's, read as from GitHub but without sockets. */
import {createHash} from 'node:crypto';
import {defaultSettings} from '../../source/core/settings/settings.ts';
import {diagnose} from '../../source/doctor/diagnose.ts';
import {type Subject, examine} from '../../source/doctor/examine.ts';
import type {
	Area,
	FileReading,
	Finding,
	GitHubReading,
	NamesReading,
	Read,
	Readings,
	RepositoryReading,
	ScriptReading,
} from '../../source/doctor/model/model.ts';
import {parseWorkflow} from '../../source/doctor/model/workflow-model.ts';
import {createGitHub} from '../../source/github/client.ts';
import {createProbe, type Probe} from '../../source/github/probe.ts';
import {readPipeline} from '../../source/github/read-pipeline.ts';
import {workflowText} from '../../source/simulator/model/workflow-text.ts';
import {standardWorkflows} from '../../source/simulator/model/workflows.ts';
import type {Clock} from '../../source/world.ts';
import {origin, type Simulated} from './simulated.ts';

export const contract = 'deployctl/1';
export const now = Date.parse('2026-11-23T09:00:00Z');
export const yes = <Value>(value: Value): Read<Value> => ({ok: true, value});
export const refused: Extract<Read<never>, {ok: false}> = {
	ok: false,
	kind: 'not-permitted',
	because: 'GitHub refuses: Resource not accessible by personal access token.',
	next: 'Give the token these permissions: x=read',
};
export const away: Extract<Read<never>, {ok: false}> = {
	ok: false,
	kind: 'unreachable',
	because: 'github.com is unreachable.',
	next: 'Check the network.',
};
export const absent: Extract<Read<never>, {ok: false}> = {
	ok: false,
	kind: 'absent',
	because: 'GitHub answers 404.',
	next: null,
};

export const fileOf = async (file: string, text: string): Promise<FileReading> => {
	const parsed = await parseWorkflow(file, text);
	// Git's own name for it, as the simulator has it too.
	const sha = createHash('sha1')
		.update(`blob ${Buffer.byteLength(text)}\0${text}`)
		.digest('hex');
	return 'workflow' in parsed
		? {file, sha, workflow: parsed.workflow, because: null}
		: {file, sha, workflow: null, because: parsed.problem};
};

export const standardFiles = (): Promise<FileReading[]> =>
	Promise.all(
		standardWorkflows.map(definition => fileOf(definition.file, workflowText(definition, standardWorkflows))),
	);

export const script = (path: string, change: Partial<ScriptReading> = {}): ScriptReading => ({
	path,
	text: '#!/usr/bin/env bash\n',
	isExecutable: true,
	indexMode: '100755',
	contract,
	syntax: yes(null),
	isTemplate: true,
	...change,
});

export const repository: RepositoryReading = {
	defaultBranch: 'develop',
	isPrivate: true,
	isArchived: false,
	permissions: {admin: true, push: true},
	scopes: ['repo', 'workflow'],
	serverVersion: null,
	rate: {limit: 5000, remaining: 4800, resetAt: now + 1_800_000},
	tokenExpiresAt: null,
	skewMs: 300,
};

const names = (list: readonly string[]): NamesReading => ({
	repository: yes(list),
	organization: yes([]),
	environments: {production: yes([])},
});

export const healthyGitHub = (files: readonly FileReading[]): GitHubReading => ({
	repository: yes(repository),
	checks: yes(true),
	branches: {
		develop: yes({isProtected: false, requiredChecks: []}),
		main: yes({isProtected: true, requiredChecks: []}),
	},
	workflows: yes(files.map(({file}) => ({file, name: file, state: 'active'}))),
	files: {develop: yes(files), main: yes(files)},
	rules: {develop: yes([]), main: yes([{type: 'non_fast_forward', checks: []}])},
	environments: yes([
		{name: 'staging', reviewers: 0, waitMinutes: 0, branches: yes(null)},
		{name: 'production', reviewers: 2, waitMinutes: 0, branches: yes(['main'])},
	]),
	secrets: names(['DEPLOY_KEY']),
	variables: names([]),
	hooks: yes([]),
	actionsEnabled: yes(true),
});

const url = (environment: string, kind: 'version' | 'health') => ({
	environment,
	kind,
	shown: `https://${environment}.example.org/${kind}`,
	answer: yes({status: 200, hasSha: kind === 'version', ms: 20}),
});

export const healthy = async (): Promise<Readings> => {
	const files = await standardFiles();
	const environments = defaultSettings.environments.map(environment => ({
		...environment,
		health: [`https://${environment.name}.example.org/health`],
		version: [`https://${environment.name}.example.org/version`],
	}));
	return {
		now,
		repository: 'acme/auto-author',
		host: 'github.com',
		settings: {
			...defaultSettings,
			environments,
			promotion: {...defaultSettings.promotion, breakGlass: {by: ['mira-okafor']}},
		},
		settingsProblem: null,
		settingsPath: '/repo/deployctl.yml',
		origin: 'acme/auto-author',
		repositoryProblem: null,
		isOffline: false,
		token: yes({source: 'GH_TOKEN', kind: 'classic'}),
		github: healthyGitHub(files),
		pipeline: yes({candidates: []} as never),
		disk: {
			root: '/repo',
			isCheckout: true,
			files,
			scripts: [script('scripts/deploy.sh'), script('scripts/rollback.sh')],
		},
		addresses: [
			url('staging', 'version'),
			url('staging', 'health'),
			url('production', 'version'),
			url('production', 'health'),
		],
		machine: {
			nodeVersion: 'v24.1.0',
			tools: {
				git: 'git version 2.47',
				ssh: 'OpenSSH_9.9',
				rsync: 'rsync 3.4',
				curl: 'curl 8.11',
				bash: 'GNU bash 5.2',
			},
			folders: (['state', 'cache', 'config'] as const).map(name => ({
				name,
				path: `/home/mira/.${name}`,
				exists: true,
				isWritable: true,
				isOpen: false,
				freeBytes: 5e9,
			})),
			terminal: {
				isTerminal: true,
				term: 'xterm-256color',
				columns: 120,
				rows: 40,
				hasColours: true,
				hasUnicode: true,
				tmux: null,
				isRemote: false,
			},
		},
	};
};

export const withGitHub = (readings: Readings, change: Partial<GitHubReading>): Readings => ({
	...readings,
	github: {...readings.github!, ...change},
});
/** One file as it is on GitHub. */
export const withFile = async (readings: Readings, file: string, text: string): Promise<Readings> => {
	const files = [...(await standardFiles()).filter(one => one.file !== file), await fileOf(file, text)];
	return withGitHub(readings, {files: {develop: yes(files), main: yes(files)}});
};

export const findings = (readings: Readings, area: Area): readonly Finding[] =>
	diagnose(readings, new Set([area]), contract);
/** `error scripts.missing scripts/deploy.sh`, without what is in order. */
export const told = (list: readonly Finding[]): string[] =>
	list
		.filter(({severity}) => severity !== 'ok')
		.map(({severity, id, where}) => `${severity} ${id}${where === null ? '' : ` ${where}`}`);
export const ofId = (list: readonly Finding[], id: string): Finding | undefined =>
	list.find(finding => finding.id === id);

/** Short waits are over at once; a time-out never comes: nothing here takes time. */
const clockOf = (simulator: Simulated): Clock => ({
	now: () => simulator.now(),
	after: (milliseconds, signal) =>
		milliseconds < 5000
			? Promise.resolve()
			: new Promise((_, reject) =>
					signal?.addEventListener('abort', () => reject(signal.reason as Error), {once: true}),
				),
});

export const fetchOf =
	(simulator: Simulated): typeof globalThis.fetch =>
	async (input, init) => {
		const headers = Object.fromEntries(new Headers(init?.headers).entries());
		const answer = simulator.answer(
			{
				method: init?.method ?? 'GET',
				url: String(input).slice(origin.length),
				headers,
				body: typeof init?.body === 'string' ? init.body : '',
			},
			origin,
		);
		return new Response(answer.status === 204 || answer.status === 304 ? null : answer.body, {
			status: answer.status,
			headers: answer.headers,
		});
	};

export const endpointOf = (token = 'sim_classic', prefix = '') => ({
	host: 'github.com',
	token,
	apiUrl: `${origin}${prefix}`,
	graphqlUrl: `${origin}${prefix === '' ? '' : '/api'}/graphql`,
});

export const probeOf = (simulator: Simulated, token?: string, prefix?: string, fetch = fetchOf(simulator)): Probe =>
	createProbe({
		endpoint: endpointOf(token, prefix),
		repository: 'acme/auto-author',
		clock: clockOf(simulator),
		fetch,
	});

/** Everything as it is read from the simulator; disk, addresses and machine are those of the healthy one. */
export const examined = async (
	simulator: Simulated,
	{
		token = 'sim_classic',
		prefix = '',
		only = null,
		change = {},
	}: {token?: string; prefix?: string; only?: ReadonlySet<Area> | null; change?: Partial<Readings>} = {},
): Promise<Readings> => {
	const base = {...(await healthy()), ...change};
	const endpoint = {...endpointOf(token, prefix), source: 'GH_TOKEN'};
	const subject: Subject = {
		...base,
		now: () => simulator.now(),
		access: async () => endpoint,
		probe: () => probeOf(simulator, token, prefix),
		disk: async () => base.disk,
		addresses: async () => base.addresses,
		machine: async () => base.machine,
		async pipeline() {
			const clock = clockOf(simulator);
			const github = createGitHub({
				endpoint,
				settings: base.settings,
				repository: 'acme/auto-author',
				clock,
				fetch: fetchOf(simulator),
			});
			const answer = await readPipeline(
				{github, clock, wall: clock},
				{repository: 'acme/auto-author', settings: base.settings},
			);
			return answer.ok
				? yes(answer.snapshot)
				: {ok: false, kind: 'not-permitted', because: answer.failure.because, next: null};
		},
	};
	return examine(subject, only);
};
