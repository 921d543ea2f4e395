/** What a scenario is: data. One description serves as demo, as test and as sandbox. */
import type {Administration} from './administration.ts';
import type {Fault, Match} from '../limits/faults.ts';
import type {App, Plan, WorkflowDefinition} from './model.ts';
import type {BranchRule} from './pull-model.ts';
import {standardWorkflows} from './workflows.ts';
import type {Person} from './person.ts';

/** What a token may do. GitHub's fine-grained tokens have no permission for checks, whatever their owner can do. `workflow`: `GITHUB_TOKEN` of a run. `granted`: what its name says, see `grants.ts`. */
export type TokenKind =
	| 'workflow'
	| 'classic'
	| 'fine-grained'
	| 'fine-grained-no-suites'
	| 'read-only'
	| 'no-access'
	| 'granted';

export type Server = {
	/** GHES has its API below paths of its own host, and no rate limits unless its admin switches them on. */
	kind: 'github.com' | 'ghes';
	/** Fields that this server's schema lacks, like `Deployment.latestEnvironment`: a query with one of them fails as a whole. */
	lacks: readonly string[];
	pointsPerHour: number | null;
	corePerHour: number | null;
	/** false: only branches and tags may be written. Default: refs of any namespace. */
	customRefs?: boolean;
	/**
	Whether `updateRefs` looks at `beforeOid`. GitHub documents that it does, and nobody has measured it for a ref that stays where it is.
	`moved`: such an entry is passed over; `never`: none is compared, so that only fast-forwards protect. Default: always.
	*/
	comparesBefore?: 'always' | 'moved' | 'never';
	/** false: a commit's tree must be one that was pushed. Default: the empty tree is known everywhere. */
	emptyTree?: boolean;
};

/** When, relative to the scenario's start: `-2h30m`, `+90s`, `-3d`. */
export type Offset = string;

/** A changed file: `+12 -3 source/export.ts`; with `A` or `D` in front it was added or deleted. */
export type FileData = string;

/** A commit: the scenario's name for it, its message, its author when that is not who pushes, and what it changed. */
export type CommitData = readonly [alias: string, message: string, by?: string | null, files?: readonly FileData[]];

export type ScenarioEvent = {at: Offset} &
	/** `from`: where a new branch begins; default: at the head of the default branch. */
	(
		| {push: string; from?: string; commits: readonly CommitData[]; by: string; plan?: Plan}
		/** By a script of the past, which no rule of today stops. */
		| {promote: string; by: string}
		| {dispatch: string; commit: string; by: string; plan?: Plan}
		| {schedule: string}
		| {tag: string; commit: string}
		| {
				status: {
					commit: string;
					context: string;
					state: 'pending' | 'success' | 'failure' | 'error';
					description: string;
					targetUrl: string;
				};
				by: string;
		  }
		/** `base`: default: the staging branch. */
		| {pull: {title: string; head: string; base?: string}; by: string}
		/** Somebody brings a commit to an environment by hand: GitHub does not hear of it. */
		| {live: string; commit: string}
	);

export type Scenario = {
	name: string;
	/** One sentence for the list of `deployctl demo`. */
	description: string;
	/** The simulated time when somebody starts to look. */
	startsAt: string;
	repository: {owner: string; name: string; isPrivate: boolean; defaultBranch: string; description: string};
	branches: {staging: string; production: string};
	people: readonly Person[];
	viewer: string;
	workflows: readonly WorkflowDefinition[];
	environments: ReadonlyArray<{name: string; reviewers?: readonly string[]; waitMinutes?: number}>;
	silentApps: readonly App[];
	/** Text of files by path, on every branch. Workflows that are not among them have the text that their data amounts to. */
	files?: Readonly<Record<string, string>>;
	/** Where a branch differs; null: it lacks the file. */
	branchFiles?: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
	/** Default: what the standard workflows need. */
	administration?: Administration;
	/** What branches ask for; at most one entry for each. Default: nothing. */
	rules?: readonly BranchRule[];
	/** Sign-offs that the project asks for before a promotion, in its own settings: names, and who may give them (nobody named: whoever may write). */
	signOffs?: ReadonlyArray<{name: string; by: readonly string[]}>;
	/** The first is the one that the demo uses. Besides these, `sim_KIND` is a token of that kind everywhere. */
	tokens: ReadonlyArray<{token: string; kind: TokenKind}>;
	server: Server;
	faults: ReadonlyArray<{from: Offset; until: Offset; fault: Fault; match?: Match}>;
	events: readonly ScenarioEvent[];
};

const person = (login: string, name: string, id: number): Person => ({login, name, email: `${login}@acme.example`, id});

export const people: readonly Person[] = [
	person('mira-okafor', 'Mira Okafor', 4_118_022),
	person('jonas-lindqvist', 'Jonas Lindqvist', 9_620_417),
	person('priya-raman', 'Priya Raman', 15_734_908),
	person('tomas-herrera', 'Tomás Herrera', 22_016_553),
	person('yuki-tanaka', 'Yuki Tanaka', 31_440_286),
	person('lena-fischer', 'Lena Fischer', 40_281_119),
	{login: null, name: 'Contractor (left)', email: 'build@old-agency.example', id: 0},
	{
		login: 'renovate[bot]',
		name: 'renovate[bot]',
		email: '29139614+renovate[bot]@users.noreply.github.com',
		id: 29_139_614,
		bot: true,
	},
];

export const silentApps: readonly App[] = [
	{id: 254, slug: 'codecov', name: 'Codecov'},
	{id: 12_526, slug: 'sonarqubecloud', name: 'SonarQubeCloud'},
];

export const defaults: Omit<Scenario, 'name' | 'description' | 'events'> = {
	startsAt: '2026-11-23T09:00:00Z',
	repository: {
		owner: 'acme',
		name: 'auto-author',
		isPrivate: true,
		defaultBranch: 'develop',
		description: 'Writes books with their authors',
	},
	branches: {staging: 'develop', production: 'main'},
	people,
	viewer: 'mira-okafor',
	workflows: standardWorkflows,
	environments: [{name: 'staging'}, {name: 'production'}],
	silentApps,
	tokens: [{token: 'sim_classic', kind: 'classic'}],
	server: {kind: 'github.com', lacks: [], pointsPerHour: 5000, corePerHour: 5000},
	faults: [],
};

export const scenario = (data: Pick<Scenario, 'name' | 'description' | 'events'> & Partial<Scenario>): Scenario => ({
	...defaults,
	...data,
});

/** `-2h30m` → milliseconds. */
export function offsetMs(offset: Offset): number {
	const match = /^([+-])(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(offset);
	if (!match || offset.length < 2) {
		throw new TypeError(`A scenario's time is like -2h30m or +90s, not ${offset}`);
	}
	const [days, hours, minutes, seconds] = match.slice(2).map(part => Number(part ?? 0)) as [
		number,
		number,
		number,
		number,
	];
	return (match[1] === '-' ? -1 : 1) * (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}
