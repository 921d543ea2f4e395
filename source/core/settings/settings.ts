/** The project's settings (`deployctl.yml`) after validation, with every default filled in. Durations in seconds. */
import type {TierName} from '../pipeline/pipeline.ts';

export type TierSettings = {
	/** File name of the workflow under `.github/workflows/`. */
	workflow: string;
	/** Glob over job names (`*`, `?`) when tiers share one workflow; null: all its jobs. */
	jobs: string | null;
	/** Globs over job names: what a green run may leave out. */
	maySkip: readonly string[];
	/** Globs over job names: deciders, summaries and notices, whose passing says nothing about the tier. */
	notWork: readonly string[];
	budgetSeconds: number;
	alertAfterSeconds: number;
};

/** How a script of the repository is called. */
export type ScriptSettings = {
	/** Path within the repository. */
	path: string;
	/** With {env}, {sha} and {release} to fill in; null: as the contract says, or for a plain script ENV and SHA. */
	arguments: readonly string[] | null;
	/** After this time it is stopped: TERM to its process group, after the grace KILL. */
	timeoutSeconds: number;
	graceSeconds: number;
	/** Names of variables that it is given beyond what every script gets. Absent: none; of a rollback: those of the deployment. */
	env?: readonly string[];
};

export type EnvironmentSettings = {
	name: string;
	url: string | null;
	/** One address an instance. */
	health: readonly string[];
	/** One address an instance; empty: the environment does not say what it runs. */
	version: readonly string[];
	/** Where in the JSON of a version address the commit stands: `git.commit.id`; absent or null: under one of the usual names. */
	versionPath?: string | null;
	deploy: ScriptSettings;
	rollback: ScriptSettings;
	/** The typed phrase is asked for before anything is done to it; for `production` always. */
	isProtected: boolean;
};

export type Freeze = {from: string; until: string; timezone: string; reason: string};
/** A human word that a promotion waits for. `by`: logins who may give it; empty: whoever may write to the repository. */
export type SignOffRule = {name: string; by: readonly string[]};
export type MergeMethod = 'merge' | 'squash' | 'rebase';
export const strategies = ['fast-forward', 'pull-request', 'merge-queue', 'workflow', 'script'] as const;
export type Strategy = (typeof strategies)[number];

export type PromotionSettings = {
	strategy: Strategy;
	/** The workflow that deploys to production: followed after a push, dispatched by the strategy `workflow`. */
	workflow: string;
	/** Globs over its jobs: what a good deployment may leave out. */
	maySkip: readonly string[];
	signOffs: readonly SignOffRule[];
	/** Logins who may promote; empty: whoever may write. */
	by: readonly string[];
	/** Nobody signs alone for two. */
	differentPeople: boolean;
	freeze: readonly Freeze[];
	/** An E2E run that ended longer ago proves nothing any more. */
	evidenceMaxAgeSeconds: number;
	/** Whether E2E has to have asked staging what it runs, before and after, where staging can be asked at all (`environments.staging.version`). */
	stagingReport: 'required' | 'optional';
	/** How long production has to be healthy before the release counts as known to be good. */
	soakSeconds: number;
	/** Of the whole promotion, the soak included. */
	timeoutSeconds: number;
	/** How a pull request is merged; `merge` alone keeps the tested commit itself in the history. */
	mergeMethod: MergeMethod;
	/** Globs of files whose change the plan names as a difference in configuration. */
	configuration: readonly string[];
	/** Logins who may break the glass; empty: those of `by`, and without these nobody. */
	breakGlass: {by: readonly string[]};
	hotfix: {
		/** What the names of hotfix branches begin with. */
		prefix: string;
		/** The expedited review. */
		signOffs: readonly SignOffRule[];
	};
};

export type Settings = {
	/** OWNER/NAME; null: take the origin remote's. */
	repository: string | null;
	branches: {staging: string; production: string};
	tiers: Readonly<Record<TierName, TierSettings>>;
	/** In the file's order; `staging` and `production` always exist. */
	environments: readonly EnvironmentSettings[];
	promotion: PromotionSettings;
	notifications: Readonly<Record<string, unknown>>;
	/** Look only: every action is refused, whatever the flags say. */
	readOnly: boolean;
	/** Whether production may be deployed with scripts that differ from the commit's own. */
	allowChangedScripts: boolean;
};

const minutes = (count: number) => count * 60;
const script = (path: string): ScriptSettings => ({
	path,
	arguments: null,
	timeoutSeconds: minutes(15),
	graceSeconds: 30,
});
export const environmentDefaults = (name: string): EnvironmentSettings => ({
	name,
	url: null,
	health: [],
	version: [],
	deploy: script('scripts/deploy.sh'),
	rollback: script('scripts/rollback.sh'),
	isProtected: name === 'production',
});

/** The conventional names: what holds without a `deployctl.yml`. */
export const defaultSettings: Settings = {
	repository: null,
	branches: {staging: 'develop', production: 'main'},
	tiers: {
		fast: {
			workflow: 'test-suite.yml',
			jobs: null,
			maySkip: [],
			notWork: [],
			budgetSeconds: minutes(5),
			alertAfterSeconds: minutes(7),
		},
		deploy: {
			workflow: 'deploy-staging.yml',
			jobs: null,
			maySkip: [],
			notWork: [],
			budgetSeconds: minutes(2),
			alertAfterSeconds: minutes(4),
		},
		e2e: {
			workflow: 'e2e-staging.yml',
			jobs: null,
			maySkip: [],
			notWork: [],
			budgetSeconds: minutes(15),
			alertAfterSeconds: minutes(20),
		},
		smoke: {
			workflow: 'smoke-tests.yml',
			jobs: null,
			maySkip: [],
			notWork: [],
			budgetSeconds: minutes(3),
			alertAfterSeconds: minutes(5),
		},
	},
	environments: [environmentDefaults('staging'), environmentDefaults('production')],
	promotion: {
		strategy: 'fast-forward',
		workflow: 'deploy-production.yml',
		maySkip: [],
		signOffs: [],
		differentPeople: false,
		freeze: [],
		evidenceMaxAgeSeconds: 7 * 24 * 60 * 60,
		stagingReport: 'required',
		soakSeconds: minutes(5),
		timeoutSeconds: minutes(60),
		mergeMethod: 'merge',
		configuration: [
			'.env*',
			'**/.env*',
			'config/**',
			'**/config/**',
			'deployctl.yml',
			'**/deploy.*.conf',
			'.github/workflows/**',
			'docker-compose*.yml',
			'**/*.tf',
		],
		by: [],
		breakGlass: {by: []},
		// Whoever may write can push such a branch: by default somebody else has to have looked at it.
		hotfix: {prefix: 'hotfix/', signOffs: [{name: 'review', by: []}]},
	},
	notifications: {},
	readOnly: false,
	allowChangedScripts: false,
};
