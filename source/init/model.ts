/** What `init` knows of a repository, what it proposes, and what it would write. Plain data: inspection, proposal, rendering and writing meet only here. */
import type {TierName} from '../core/pipeline/pipeline.ts';

export type PackageManager =
	| 'npm'
	| 'pnpm'
	| 'yarn'
	| 'bun'
	| 'pip'
	| 'poetry'
	| 'uv'
	| 'go'
	| 'cargo'
	| 'bundler'
	| 'composer'
	| 'maven'
	| 'gradle';
export type Task = 'lint' | 'typecheck' | 'unit' | 'build';

/** A part of the repository with a manifest of its own: a front end, a back end, or the whole. */
export type Part = {
	/** Job-name-safe, unique: `web`, `api`; `app` where there is only one. */
	name: string;
	/** Relative to the root, `.` for the root itself. */
	directory: string;
	language: 'node' | 'python' | 'go' | 'rust' | 'ruby' | 'php' | 'java' | 'other';
	packageManager: PackageManager | null;
	/** The lock file that a cache is keyed by, relative to the root. */
	lockFile: string | null;
	/** As written in the repository (`.nvmrc`, `engines`, `requires-python`); null: none. */
	version: string | null;
	install: string | null;
	/** The command for each task that exists in the repository, and where that is known from. */
	tasks: Readonly<Partial<Record<Task, {command: string; because: string}>>>;
	/** Directories of other parts that this one is made from: a change there is a change here. */
	uses?: readonly string[];
};

export type E2eSuite = {
	kind: 'playwright' | 'cypress' | 'pytest' | 'other';
	directory: string;
	/** The command that runs it, without sharding. */
	command: string;
	/** Whether its own runner can be told to run a part (`--shard=1/4`). */
	canShard: boolean;
	/** A way to run only the critical journeys (a tag, a project, a folder); null: none found. */
	smokeCommand: string | null;
	/** The variable by which its configuration takes the address that it tests. */
	addressVariable?: string;
	/** What has to be installed once more before it runs: browsers. One command, in `directory`. */
	prepare?: string | null;
	/** Pattern of its files for `find -name`, where the runner cannot shard and is given files instead; and the folder that they lie in, relative to `directory`. */
	files?: {folder: string; name: string} | null;
	/** deployctl, and with it its reporter, is among the packages that are installed for the suite. */
	hasReporter?: boolean;
	because: string;
};

/** A workflow file as it lies there. */
export type ExistingWorkflow = {
	/** File name under `.github/workflows/`. */
	file: string;
	text: string;
	/** null: not YAML, or no workflow; `problem` says why. */
	parsed: Readonly<Record<string, unknown>> | null;
	problem: string | null;
};

export type Inspection = {
	root: string;
	/** OWNER/NAME and host of the origin remote; null: none. */
	remote: {host: string; owner: string; name: string} | null;
	defaultBranch: string | null;
	branches: readonly string[];
	parts: readonly Part[];
	e2e: E2eSuite | null;
	workflows: readonly ExistingWorkflow[];
	/** `scripts/deploy.sh` and relatives that are there already, with what they are. */
	scripts: ReadonlyArray<{
		path: string;
		isExecutable: boolean;
		/** `v1` of our contract, else null. */ contract: string | null;
	}>;
	/** What a plain copy of the commit would lack, as far as files at the top say it. Absent: nothing. */
	beyond?: {submodules: readonly string[]; hasLfs: boolean};
	/** Existing deployctl.yml, as text. */
	config: string | null;
	/** Addresses that look like environments, with the file that they were found in. */
	hosts: ReadonlyArray<{environment: string; url: string; because: string}>;
	/** What could not be looked at, and why. */
	problems: readonly string[];
};

/** Which existing workflow is which tier: mapped instead of replaced. */
export type TierMapping = {
	tier: TierName | 'production';
	workflow: string;
	/** Pattern over job names, where several tiers share the file. */
	jobs: string | null;
	/** Patterns over names of jobs that its green runs leave out. */
	maySkip?: readonly string[];
	/** Patterns over names of jobs that pass whatever was tested. */
	notWork?: readonly string[];
	because: string;
	/** What has to change in that file by hand before deployctl can trust it (no SHA in run-name, lost commit…): sentences. */
	advice: readonly string[];
};

/** A workflow that is none of ours and was not mapped, with the reason. */
export type Unmapped = {workflow: string; because: string};
export type Mapping = {tiers: readonly TierMapping[]; unmapped: readonly Unmapped[]};

export type Answers = {
	staging: string;
	production: string;
	shards: number;
	/** Environments' addresses that the person confirmed, by the environment's name; `staging.health` and `staging.version` (and production's) are what it answers its health and its commit at. */
	urls: Readonly<Record<string, string>>;
	/** `map`: existing workflows serve as tiers; `replace`: ours are written next to them, and the old ones are named in the report. */
	existing: 'map' | 'replace';
};

export type FileGroup = 'workflows' | 'scripts' | 'config' | 'docs';

export type GeneratedFile = {
	path: string;
	content: string;
	mode: 0o644 | 0o755;
	group: FileGroup;
	/** One line: what it is for. */
	why: string;
	/** It is there to be filled in: what a person has made of it is as it should be. */
	isToFillIn?: boolean;
	/** It is a program, not text for people; and the file that starts it names its digest, so that one is not written without the other. */
	namedIn?: string;
};

export type Proposal = {
	inspection: Inspection;
	answers: Answers;
	mapping: Mapping;
	/** Every file of ours, as it would be in this repository. */
	files: readonly GeneratedFile[];
	/** What `init` cannot do and a person must: secrets to set, environments to create, reviewers. */
	byHand: ReadonlyArray<{what: string; why: string; how: string}>;
};
