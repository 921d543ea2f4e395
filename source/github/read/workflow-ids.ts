/** Node ids of the tiers' workflows: GraphQL has no way from a repository to its workflows, so REST tells them, once. */
import type {components} from '@octokit/openapi-types';
import type {Settings} from '../../core/settings/settings.ts';
import type {Clock} from '../../world.ts';
import {mapLimited, type Rest} from '../http/rest.ts';
import type {Tally} from '../http/tally.ts';
import {limits} from '../queries/documents.ts';

export type WorkflowIds = {
	/** Those that exist. A workflow that does not is asked for again after ten minutes. */
	read(tally: Tally): Promise<string[]>;
	/** Files that GitHub said do not exist. */
	absent(): string[];
	/** GitHub does not know the id any more: the file was deleted or moved. */
	forget(id: string): void;
};

const patienceMs = 5000;
const againAfterMs = {missing: 10 * 60_000, failed: 60_000};

export const workflowFiles = (settings: Settings): string[] =>
	[...new Set(Object.values(settings.tiers).map(({workflow}) => workflow))].slice(0, limits.workflows);

export const isOfTier = (settings: Settings) => {
	const paths = new Set(workflowFiles(settings).map(file => `.github/workflows/${file}`));
	return (run: {workflowPath: string | null}) => run.workflowPath === null || paths.has(run.workflowPath);
};

export function createWorkflowIds({
	rest,
	settings,
	clock,
}: {
	rest: Rest;
	settings: Settings;
	clock: Clock;
}): WorkflowIds {
	const known = new Map<string, {id: string | null; isAbsent: boolean; askAgainAt: number}>();

	async function readOne(file: string, tally: Tally) {
		const before = known.get(file);
		if (before && (before.id !== null || clock.now() < before.askAgainAt)) {
			return;
		}

		const path = `/actions/workflows/${encodeURIComponent(file)}`;
		const got = await tally.without(
			`workflow ${file}`,
			rest.find(path, (body: Partial<components['schemas']['workflow']>) => body.node_id ?? null, tally),
			patienceMs,
		);
		known.set(file, {
			id: got?.value ?? null,
			isAbsent: got !== null && got.value === null,
			askAgainAt: clock.now() + (got === null ? againAfterMs.failed : againAfterMs.missing),
		});
	}

	return {
		async read(tally) {
			const files = workflowFiles(settings);
			await mapLimited(files, 6, async file => readOne(file, tally));
			return files.flatMap(file => known.get(file)?.id ?? []);
		},
		absent: () => [...known].flatMap(([file, {isAbsent}]) => (isAbsent ? [file] : [])),
		forget(id) {
			for (const [file, entry] of known) {
				if (entry.id === id) {
					known.set(file, {id: null, isAbsent: false, askAgainAt: clock.now() + againAfterMs.failed});
				}
			}
		},
	};
}
