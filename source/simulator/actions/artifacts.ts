/** Artifacts of runs: files that a job keeps, there as soon as it has uploaded them, whatever the rest of the run still does. */
import type {Artifact, Run, State} from '../model/model.ts';
import {nextId} from '../model/model.ts';
import {zipOf} from './zip.ts';

const dayMs = 86_400_000;

/** null: the run has one of that name; names are taken for ever, also by attempts before. */
export function uploadArtifact(
	state: State,
	run: Run,
	name: string,
	files: Readonly<Record<string, string>>,
	retentionDays = 90,
): Artifact | null {
	if ([...state.artifacts.values()].some(known => known.runId === run.id && known.name === name)) {
		return null;
	}
	const artifact: Artifact = {
		id: nextId(state, 'artifact'),
		runId: run.id,
		name,
		zip: zipOf(files),
		createdAt: state.now,
		expiresAt: state.now + retentionDays * dayMs,
	};
	state.artifacts.set(artifact.id, artifact);
	return artifact;
}
