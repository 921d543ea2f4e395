/** Whether scripts of the checkout may be run for a plan: those of the protected branches may; others once the operator has agreed to them. */
import {join} from 'node:path';
import type {ScriptsQuestion} from '../../core/plan/plan.ts';
import {listed} from '../../core/releases/words.ts';
import type {Settings} from '../../core/settings/settings.ts';
import {makeDirectory, readJson, writeWhole} from '../files/durable-file.ts';
import {type Git, scriptsHere, type ScriptsHere} from '../readings/local-history.ts';
import type {StatePaths} from '../files/paths.ts';
import {scriptPlace} from './script-kind.ts';

export type ScriptTrust = {
	/** `agreed`: the digest that the operator has agreed to now, which is remembered. null: the script may be run. Never rejects. */
	question(script: string, agreed: string | null): Promise<ScriptsQuestion | null>;
};

/** A branch a day for some months. */
const rememberedAtMost = 100;

const agreedPath = ({directory}: StatePaths): string => join(directory, 'agreed-scripts.json');

const agreedIn = (paths: StatePaths): readonly string[] => {
	try {
		const digests: unknown = readJson(agreedPath(paths))?.['digests'];
		return Array.isArray(digests) ? digests.filter(digest => typeof digest === 'string') : [];
	} catch {
		return [];
	}
};

const remember = (paths: StatePaths, digest: string): void => {
	try {
		makeDirectory(paths.directory);
		writeWhole(
			agreedPath(paths),
			JSON.stringify({
				digests: [digest, ...agreedIn(paths).filter(each => each !== digest)].slice(0, rememberedAtMost),
			}),
		);
	} catch {
		/* A full disk: the next plan asks again. */
	}
};

const sentence = (place: string, branches: readonly string[], {against}: ScriptsHere): string =>
	against === null
		? `whether ${place} is that of a protected branch is not known: there is no origin/${branches.join(' or origin/')} here`
		: `${place} is not that of origin/${against.branch}: ${listed(against.files)}`;

/** `settings`: whose branches are the protected ones. */
export const createScriptTrust = ({
	paths,
	git,
	settings: {branches},
}: {
	paths: StatePaths;
	git: Git;
	settings: Settings;
}): ScriptTrust => ({
	async question(script, agreed) {
		const place = scriptPlace(git.directory, script);
		const names = [...new Set([branches.staging, branches.production])];
		const here = await scriptsHere(git, names, place);
		if (here.branch !== null) return null;
		const {digest} = here;
		if (digest !== null && (digest === agreed || agreedIn(paths).includes(digest))) {
			if (digest === agreed) remember(paths, digest);
			return null;
		}
		return {because: sentence(place, names, here), digest};
	},
});
