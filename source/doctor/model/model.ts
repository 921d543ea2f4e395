/** What the doctor knows and says. Readings come from `readings/`, findings from `checks/`, which are pure: nothing here acts. */
import type {Snapshot} from '../../core/pipeline/pipeline.ts';
import type {Proxy} from '../../core/github/proxy.ts';
import type {Settings} from '../../core/settings/settings.ts';
import type {Workflow} from './workflow-model.ts';

/** In the order of the report, where nothing is worse than the other. */
export const areas = [
	'token',
	'repository',
	'workflows',
	'runs',
	'rules',
	'environments',
	'secrets',
	'scripts',
	'addresses',
	'machine',
] as const;
export type Area = (typeof areas)[number];

/** Worst first. `unknown`: it could not be looked at, which is never in order. */
export const severities = ['error', 'unknown', 'warning', 'note', 'ok'] as const;
export type Severity = (typeof severities)[number];

/** What `--fix` would do: data, carried out by `mend.ts`. */
export type Fix =
	| {kind: 'make-executable'; path: string}
	| {kind: 'enable-workflow'; file: string}
	| {kind: 'restrict-folder'; path: string}
	| {kind: 'create-environment'; name: string; branches: readonly string[]};

export type Finding = {
	/** Stable, for programs: `workflows.disabled`. With `where` it is unique. */
	id: string;
	area: Area;
	severity: Severity;
	/** One sentence without a full stop. */
	what: string;
	/** Why that matters, or why it is not known. */
	why: string | null;
	/** How to mend it. */
	how: string | null;
	/** The file, environment or name that it is about. */
	where: string | null;
	fix: Fix | null;
};

/** A thing that was read, or why it was not. `absent`: GitHub has no such thing, or does not tell this token. */
export type Read<Value> =
	| {ok: true; value: Value}
	| {ok: false; kind: 'absent' | 'not-permitted' | 'unreachable' | 'not-asked'; because: string; next: string | null};

export type TokenReading = {
	source: string;
	/** By its first letters; none of it is kept. */ kind:
		| 'classic'
		| 'fine-grained'
		| 'oauth'
		| 'app'
		| 'actions'
		| 'other';
};
export type RepositoryReading = {
	defaultBranch: string;
	isPrivate: boolean;
	isArchived: boolean;
	permissions: {admin: boolean; push: boolean} | null;
	/** null: the server does not say (fine-grained tokens have none). */
	scopes: readonly string[] | null;
	/** Version of an Enterprise Server; null on github.com. */
	serverVersion: string | null;
	rate: {limit: number; remaining: number; resetAt: number} | null;
	/** When the token ends, as GitHub says it; null: it does not end, or GitHub does not say. */
	tokenExpiresAt: number | null;
	skewMs: number | null;
};
export type BranchReading = {
	isProtected: boolean;
	/** Checks that classic branch protection asks for. */ requiredChecks: readonly string[];
};
export type WorkflowState = {file: string; name: string; state: string};
/** A file on a branch; `workflow` null: it could not be read, `because` says why. */
export type FileReading = {
	file: string;
	/** Of its content; equal where the content is. */ sha: string;
	workflow: Workflow | null;
	because: string | null;
	/** It was not got at all: nothing is known of it. */ isUnread?: boolean;
};
/** `asksOwners`: of a pull request, that the owners of its files have to agree; absent: not of that kind. */
export type RuleReading = {type: string; checks: readonly string[]; asksOwners?: boolean};
/** One in force. `bypass`: how many may go past it; null: not told to this token. `paths`: files that no push may change. */
export type RulesetReading = {
	name: string;
	target: string;
	types: readonly string[];
	include: readonly string[];
	exclude: readonly string[];
	paths: readonly string[];
	bypass: number | null;
};
/** `tags`: branches of ours whose name a tag has. `owners`: CODEOWNERS of the production branch; null: there is none. */
export type GuardsReading = {
	tags: Read<readonly string[]>;
	rulesets: Read<readonly RulesetReading[]>;
	owners: Read<string | null>;
};
/** `branches` null: from everywhere. `protected`: those that are protected. */
export type EnvironmentReading = {
	name: string;
	reviewers: number;
	waitMinutes: number;
	branches: Read<readonly string[] | 'protected' | null>;
	/** Whoever started it may not approve it; absent: GitHub does not say. */ preventsSelfReview?: boolean;
	/** Administrators need no approval; absent: GitHub does not say. */ letsAdminsPass?: boolean;
};
export type HookReading = {host: string; active: boolean; lastCode: number | null; lastMessage: string | null};
export type NamesReading = {
	repository: Read<readonly string[]>;
	organization: Read<readonly string[]>;
	environments: Readonly<Record<string, Read<readonly string[]>>>;
};

export type GitHubReading = {
	repository: Read<RepositoryReading>;
	/** Whether check runs may be read. */
	checks: Read<true>;
	branches: Readonly<Record<string, Read<BranchReading>>>;
	workflows: Read<readonly WorkflowState[]>;
	/** Files of workflows, by branch. */
	files: Readonly<Record<string, Read<readonly FileReading[]>>>;
	rules: Readonly<Record<string, Read<readonly RuleReading[]>>>;
	environments: Read<readonly EnvironmentReading[]>;
	/** Absent: not read. */
	guards?: GuardsReading;
	secrets: NamesReading;
	variables: NamesReading;
	hooks: Read<readonly HookReading[]>;
	actionsEnabled: Read<boolean>;
};

export type ScriptReading = {
	path: string;
	/** null: there is no such file. */
	text: string | null;
	isExecutable: boolean;
	/** As git keeps it, `100755`; null: git does not know the file, or is not there. */
	indexMode: string | null;
	contract: string | null;
	/** What `bash -n` says; null: nothing. Not a script of bash: not asked. */
	syntax: Read<string | null>;
	/** Against the template of this version; null: there is none to compare with. */
	isTemplate: boolean | null;
};
/** A `deploy.ENV.conf` with a MIGRATE_CMD. */
export type MigrationReading = {
	path: string;
	/** MIGRATE_POSITION=yes: the database is asked where it stands. */
	knowsPosition: boolean;
	/** The file of the checkout that MIGRATE_CMD names; null: it names none that could be read. */
	adapter: {path: string; text: string} | null;
};
/** `digest`: SHA-256 in hexadecimal digits. `version` null: the file does not say of which deployctl it is. */
export type GateProgram = {digest: string; version: string | null};
/**
`file` null: there is none. `named`: the digests that the workflow names. `hasOwnWay`: the workflow says in DEPLOYCTL what it starts instead.
`here`: what this deployctl would write; null: not known.
*/
export type GateFileReading = {
	workflow: string;
	named: readonly string[];
	hasOwnWay: boolean;
	file: Read<GateProgram | null>;
	here: GateProgram | null;
};
export type DiskReading = {
	root: string;
	isCheckout: boolean;
	/** Files of workflows as they lie there. */
	files: readonly FileReading[];
	scripts: readonly ScriptReading[];
	/** What a plain copy of the commit would lack; absent: not read. */
	beyond?: BeyondReading;
	/** Left out: there are none. */
	migrations?: readonly MigrationReading[];
	/** Absent: not read. */
	gate?: GateFileReading;
};
/** `missing`: submodules that are not here. `hasLfs`: git-lfs is installed; null: it did not answer in time. `isBuilt`: every environment has a BUILD_CMD of its own. */
export type BeyondReading = {
	submodules: readonly string[];
	missing: readonly string[];
	lfsFiles: readonly string[];
	hasLfs: boolean | null;
	isBuilt: boolean;
};
export type AddressReading = {
	environment: string;
	kind: 'version' | 'health' | 'webhook';
	/** Without secrets: a webhook's is its host alone. */ shown: string;
	answer: Read<{
		status: number | null;
		/** A commit can be read, as deployments read it. */ hasSha: boolean;
		/** What is read as the version, and where in a JSON it is looked for; null: nothing, and by the usual names. */ said?:
			| string
			| null;
		path?: string | null;
		ms: number;
	}>;
};
export type FolderReading = {
	name: 'state' | 'cache' | 'config';
	path: string;
	exists: boolean;
	isWritable: boolean;
	/** Whether others may read or write it; null where the system has no such thing. */ isOpen: boolean | null;
	/** Of the cache: whether others may put something where compiled code is kept, which then is not used. Absent: no. */ isShared?: boolean;
	freeBytes: number | null;
};
export type MachineReading = {
	nodeVersion: string;
	/** What each says of its version; null: it is not here, or `unsure` says what it did instead. */
	tools: Readonly<Record<string, string | null>>;
	unsure?: Readonly<Record<string, string>>;
	folders: readonly FolderReading[];
	terminal: {
		isTerminal: boolean;
		term: string | null;
		columns: number | null;
		rows: number | null;
		hasColours: boolean;
		hasUnicode: boolean;
		tmux: {passthrough: string | null; clipboard: string | null} | null;
		isRemote: boolean;
	};
	/** What requests to GitHub go through, or should; null: nothing is named. */
	proxy?: Proxy | null;
	/** Files of certificates that variables name. */
	certificates?: ReadonlyArray<{variable: string; path: string; isReadable: boolean}>;
};

export type Readings = {
	now: number;
	repository: string | null;
	host: string;
	settings: Settings;
	/** Problems of deployctl.yml, in words; null: none. */
	settingsProblem: string | null;
	/** null: the defaults hold, there is no file. */
	settingsPath: string | null;
	/** OWNER/NAME of the origin remote; null: there is none. */
	origin: string | null;
	/** Why no repository is meant; null: one is. */
	repositoryProblem: string | null;
	token: Read<TokenReading>;
	/** null: GitHub was not asked, `token` or `offline` says why. */
	github: GitHubReading | null;
	isOffline: boolean;
	pipeline: Read<Snapshot>;
	disk: DiskReading;
	addresses: readonly AddressReading[];
	machine: MachineReading;
};

export const notAsked = (because: string): {ok: false; kind: 'not-asked'; because: string; next: null} => ({
	ok: false,
	kind: 'not-asked',
	because,
	next: null,
});
