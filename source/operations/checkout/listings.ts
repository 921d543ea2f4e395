/** The releases that contract scripts list: asked for when somebody plans, remembered on disk for everybody who only looks. */
import {listEnvironment, scriptNeeds} from '../../core/settings/child-environment.ts';
import type {ScriptsQuestion} from '../../core/plan/plan.ts';
import {clauses} from '../../core/text/sanitise.ts';
import type {Release} from '../../core/releases/release.ts';
import type {EnvironmentSettings, Settings} from '../../core/settings/settings.ts';
import type {Clock} from '../../world.ts';
import {listReleases} from './list-releases.ts';
import type {StatePaths} from '../files/paths.ts';
import {rememberedReleases, rememberReleases} from './releases.ts';
import {findScript} from './script-kind.ts';
import type {ScriptTrust} from './script-trust.ts';

/** `releases` null: no list, so the journal tells. `trouble`: why they are not as of now; `readAt` null: of nobody's list. */
export type Listing = {
	releases: readonly Release[] | null;
	readAt: number | null;
	trouble: string | null;
	/** The scripts were not run, for want of the operator's word. */ question?: ScriptsQuestion;
};

export type ListingOptions = {
	paths: StatePaths;
	/** The checkout. */
	directory: string;
	env: Readonly<Record<string, string | undefined>>;
	settings: Settings;
	clock: Clock;
	/** null: whatever lies there may be run. */
	trust: ScriptTrust | null;
	/** Nothing of the checkout is run: what was listed before is all there is. */
	readOnly: boolean;
};

const nobodys: Listing = {releases: null, readAt: null, trouble: null};

export const createListings = ({paths, directory, env, settings, clock, trust, readOnly}: ListingOptions) => {
	const isListed = ({rollback}: EnvironmentSettings) => {
		const script = findScript(directory, rollback);
		return script.ok && script.kind === 'contract' ? script.path : null;
	};
	const underWay = new Map<string, Promise<Listing>>();

	const ask = async (
		script: string,
		name: string,
		remembered: Listing,
		agreed: string | null,
		signal?: AbortSignal,
	): Promise<Listing> => {
		const question = (await trust?.question(script, agreed)) ?? null;
		if (question !== null)
			return {
				...remembered,
				trouble: clauses(question.because, 'nothing of it is run for a plan without your consent'),
				question,
			};
		const answer = await listReleases(script, name, {
			directory,
			env: listEnvironment(env, scriptNeeds(settings, name, 'rollback')),
			clock,
			...(signal && {signal}),
		});
		if (!answer.ok) return {...remembered, trouble: answer.because};
		const listing = {releases: answer.releases, readAt: clock.now()};
		try {
			rememberReleases(paths, name, listing);
		} catch {
			/* A full disk: the next plan asks the script again. */
		}
		return {...listing, trouble: null};
	};

	return {
		/** What is remembered, from the disk alone; null: its script lists none, or never did. */
		remembered: (environment: EnvironmentSettings): Listing | null => {
			if (isListed(environment) === null) return nobodys;
			const remembered = rememberedReleases(paths, environment.name);
			return remembered === null ? null : {...remembered, trouble: null};
		},
		/** As of `atLeastSince` (wall time, milliseconds) or younger; asks the script for that, if it may be run. `agreed`: to these scripts the operator has. Never rejects. */
		async list(
			environment: EnvironmentSettings,
			atLeastSince: number,
			{agreed = null, signal}: {agreed?: string | null; signal?: AbortSignal | undefined} = {},
		): Promise<Listing> {
			const script = isListed(environment);
			if (script === null) return nobodys;
			const known = rememberedReleases(paths, environment.name);
			const remembered: Listing = known === null ? nobodys : {...known, trouble: null};
			if (known !== null && known.readAt >= atLeastSince) return remembered;
			if (readOnly) return {...remembered, trouble: 'a read-only start runs no script'};
			// Two plans at once need one list.
			const key = `${environment.name} ${agreed}`;
			const asking =
				underWay.get(key) ??
				ask(script, environment.name, remembered, agreed, signal).finally(() => underWay.delete(key));
			underWay.set(key, asking);
			return asking;
		},
	};
};
