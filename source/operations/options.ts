/** What the operations of a World are made from. */
import type {Settings} from '../core/settings/settings.ts';
import type {GitHubEdge} from '../github/edge.ts';
import type {Clock, GitHub} from '../world.ts';
import type {ProveAgain} from './readings/evidence.ts';
import type {SupervisorCommand} from './locks/reconcile.ts';
import type {ScriptTrust} from './checkout/script-trust.ts';

export type OperationsOptions = {
	/** The platform's state folder of this program. */
	state: string;
	gitHubHost: string;
	/** Whether the person named that host: decides which token belongs to it. */
	isExplicit: boolean;
	/** OWNER/NAME */
	repository: string;
	/** The checkout, in which the paths of scripts begin. */
	directory: string;
	settings: Settings;
	/** Look only: enforced here, whatever the interface. */
	readOnly: boolean;
	/** Name of this machine, and of who is at it when GitHub cannot say. */
	host: string;
	user: string;
	/** The wall's. */
	clock: Clock;
	supervisor: SupervisorCommand;
	/** null: this world has no GitHub. Rejects with a `Failure` when there is no token. */
	gitHub: (() => Promise<GitHubEdge>) | null;
	proveAgain: ProveAgain | null;
	/** What reads the pipeline, and its time, for the production gate. Absent or null: promotions cannot be planned. */
	reading?: {github: GitHub; clock: Clock} | null;
	/** How the promoter is called: program and arguments before the operation's folder. */
	promoter?: readonly string[];
	fetch?: typeof globalThis.fetch;
	/** The scripts are our own (the demo's): they may be asked for their releases before anybody has planned anything. */
	trustsScripts?: boolean;
	/** Whether scripts may be run for a plan. Absent: those of the protected branches may, others once the operator has agreed. */
	scriptTrust?: ScriptTrust;
};
