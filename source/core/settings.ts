/** The project's settings (`deployctl.yml`) after validation, with every default filled in. Durations in seconds. */
import type {TierName} from './pipeline.ts';

export type TierSettings = {
	/** File name of the workflow under `.github/workflows/`. */
	workflow: string;
	/** Glob over job names (`*`, `?`) when tiers share one workflow; null: all its jobs. */
	jobs: string | null;
	budgetSeconds: number;
	alertAfterSeconds: number;
};

export type EnvironmentSettings = {
	name: string;
	url: string | null;
	health: readonly string[];
	version: string | null;
	deploy: string;
	rollback: string;
};

export type Freeze = {from: string; until: string; timezone: string; reason: string};
export const strategies = ['fast-forward', 'pull-request', 'merge-queue', 'workflow', 'script'] as const;
export type Strategy = (typeof strategies)[number];

export type Settings = {
	/** OWNER/NAME; null: take the origin remote's. */
	repository: string | null;
	branches: {staging: string; production: string};
	tiers: Readonly<Record<TierName, TierSettings>>;
	/** In the file's order; `staging` and `production` always exist. */
	environments: readonly EnvironmentSettings[];
	promotion: {strategy: Strategy; workflow: string; signOffs: readonly string[]; freeze: readonly Freeze[]};
	notifications: Readonly<Record<string, unknown>>;
};

const minutes = (count: number) => count * 60;
const environment = (name: string): EnvironmentSettings => ({name, url: null, health: [], version: null, deploy: 'scripts/deploy.sh', rollback: 'scripts/rollback.sh'});

/** The conventional names: what holds without a `deployctl.yml`. */
export const defaultSettings: Settings = {
	repository: null,
	branches: {staging: 'develop', production: 'main'},
	tiers: {
		fast: {workflow: 'test-suite.yml', jobs: null, budgetSeconds: minutes(5), alertAfterSeconds: minutes(7)},
		deploy: {workflow: 'deploy-staging.yml', jobs: null, budgetSeconds: minutes(2), alertAfterSeconds: minutes(4)},
		e2e: {workflow: 'e2e-staging.yml', jobs: null, budgetSeconds: minutes(15), alertAfterSeconds: minutes(20)},
		smoke: {workflow: 'smoke-tests.yml', jobs: null, budgetSeconds: minutes(3), alertAfterSeconds: minutes(5)},
	},
	environments: [environment('staging'), environment('production')],
	promotion: {strategy: 'fast-forward', workflow: 'deploy-production.yml', signOffs: [], freeze: []},
	notifications: {},
};
