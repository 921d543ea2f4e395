/** What one API request knows: the repository as this reader may see it, at this moment. */
import type {Grants} from '../../core/github/needs.ts';
import type {Cost} from '../limits/limits.ts';
import {githubError} from '../limits/limits.ts';
import type {Bucket} from '../limits/budget.ts';
import type {RerunLag} from '../limits/faults.ts';
import type {Commit, Deployment, Environment, Job, Run, State, Suite, Workflow} from '../model/model.ts';
import type {Scenario, TokenKind} from '../model/scenario.ts';
import type {Simulation} from '../simulation/simulation.ts';
import type {Person} from '../model/person.ts';

export type Context = {
	scenario: Scenario;
	/** What reads see: the present, or the past when a replica lags. */
	state: State;
	/** What writes change: always the present. */
	simulation: Simulation;
	/** What this answer does not know yet about re-runs. */
	lags: ReadonlySet<RerunLag>;
	token: TokenKind;
	grants: Grants;
	viewer: Person;
	cost: Cost;
	bucket: Bucket | null;
	/** null where the server has no limits. */
	rates: {core: Bucket; graphql: Bucket} | null;
	apiUrl: string;
	/** Origin of the addresses of logs and artifacts. */
	storageUrl: string;
	views: Views;
};

/** Objects point at each other in circles, their files must not: each makes the others through here. */
export type Views = {
	actor(context: Context, person: Person): object;
	repository(context: Context): object;
	commit(context: Context, commit: Commit): object;
	/** By full name. */
	ref(context: Context, name: string): object;
	suite(context: Context, suite: Suite): object;
	job(context: Context, job: Job): object;
	run(context: Context, run: Run): object;
	workflow(context: Context, workflow: Workflow): object;
	deployment(context: Context, deployment: Deployment): object;
	environment(context: Context, environment: Environment): object;
};

const refusal = 'Resource not accessible by personal access token';

/** Fine-grained tokens have no permission for checks (documented by many; not in the schema). */
export function requireChecks(context: Context, what: 'runs' | 'suites'): void {
	if (context.token === 'fine-grained-no-suites' || (context.token === 'fine-grained' && what === 'runs')) {
		throw githubError('FORBIDDEN', refusal, {saml_failure: false});
	}
}

export function requireWrite(context: Context): void {
	if (context.token === 'read-only') {
		throw githubError('FORBIDDEN', refusal, {saml_failure: false});
	}
}

export const viewerPermission = (token: TokenKind): string => (token === 'read-only' ? 'READ' : 'ADMIN');

/** GitHub tells whole seconds. */
export const iso = (time: number): string =>
	new Date(Math.floor(time / 1000) * 1000).toISOString().replace('.000Z', 'Z');
export const isoOrNull = (time: number | null): string | null => (time === null ? null : iso(time));
export const upper = (word: string | null): string | null => word?.toUpperCase() ?? null;
