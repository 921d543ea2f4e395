/** Which workflow is which tier in this repository: an existing one that was mapped, or the one that would be written. */
import {defaultSettings} from '../../core/settings/settings.ts';
import type {Answers, Inspection, Mapping, TierMapping} from '../model.ts';
import {isOurs} from '../files/mark.ts';

export type Role = TierMapping['tier'];
export const roles: readonly Role[] = ['fast', 'deploy', 'e2e', 'smoke', 'production'];

export const ownWorkflow = (role: Role): string =>
	role === 'production' ? defaultSettings.promotion.workflow : defaultSettings.tiers[role].workflow;

export type Names = {
	/** File of each tier's workflow. */
	file: (role: Role) => string;
	/** The mapping, where somebody else's workflow serves. */
	mapped: (role: Role) => TierMapping | null;
	/** `name:` of the workflow, which `workflow_run` waits for. */
	title: (role: Role) => string;
	/** Whether it can be started for a commit: by dispatch, with the input `sha`. */
	takesSha: (role: Role) => boolean;
};

const ownTitles: Readonly<Record<Role, string>> = {
	fast: 'Test suite',
	deploy: 'Deploy staging',
	e2e: 'E2E staging',
	smoke: 'Smoke tests',
	production: 'Deploy production',
};

export const namesOf = ({workflows}: Inspection, {existing}: Answers, {tiers}: Mapping): Names => {
	const textOf = (file: string) => workflows.find(workflow => workflow.file === file);
	// A file that init itself wrote is written again, not mapped.
	const foreign =
		existing === 'replace'
			? []
			: tiers.filter(
					({tier, workflow}) => !(workflow === ownWorkflow(tier) && isOurs(textOf(workflow)?.text ?? '')),
				);
	const mapped = (role: Role) => foreign.find(({tier}) => tier === role) ?? null;
	return {
		mapped,
		file: role => mapped(role)?.workflow ?? ownWorkflow(role),
		title: role => {
			const mapping = mapped(role);
			if (mapping === null) return ownTitles[role];
			const name = textOf(mapping.workflow)?.parsed?.['name'];
			// Without a name GitHub calls it by its path.
			return typeof name === 'string' && name.trim() !== '' ? name : `.github/workflows/${mapping.workflow}`;
		},
		takesSha: role => {
			const mapping = mapped(role);
			const on =
				mapping === null
					? null
					: (textOf(mapping.workflow)?.parsed?.['on'] as
							| {workflow_dispatch?: {inputs?: {sha?: unknown} | null} | null}
							| string
							| readonly unknown[]
							| null
							| undefined);
			return (
				mapping === null ||
				(typeof on === 'object' &&
					on !== null &&
					'workflow_dispatch' in on &&
					on.workflow_dispatch?.inputs?.sha !== undefined)
			);
		},
	};
};
