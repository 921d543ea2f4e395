/** What administrators of a repository set and others may not see: names of secrets and variables, webhooks, who deploys from where. Values of secrets are in no API. */
import type {WorkflowState} from './model.ts';

export type Names = {
	repository?: readonly string[];
	organization?: readonly string[];
	environments?: Readonly<Record<string, readonly string[]>>;
};

export type WebhookData = {
	url: string;
	events: readonly string[];
	active?: boolean;
	/** GitHub's last delivery; null: there was none. */ lastResponse?: {code: number; message: string} | null;
};

export type Administration = {
	secrets?: Names;
	variables?: Names;
	hooks?: readonly WebhookData[];
	/** Branches that may deploy to an environment. An environment that is not named may be deployed to from everywhere. */
	deployableFrom?: Readonly<Record<string, readonly string[]>>;
	/** Files of workflows that are not active. */
	workflowStates?: Readonly<Record<string, WorkflowState>>;
	/** Whether Actions may run at all. Default: yes. */
	actionsEnabled?: boolean;
};

/** What the standard workflows need, and what a careful administrator would have set. */
export const defaultAdministration: Administration = {
	secrets: {repository: ['DEPLOY_KEY']},
	deployableFrom: {production: ['main']},
};
