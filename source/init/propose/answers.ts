/** What is taken unless somebody says otherwise. */
import {defaultSettings} from '../../core/settings/settings.ts';
import type {Answers, Inspection} from '../model.ts';

/** A branch as an existing deployctl.yml names it. */
const configured = (config: string | null, which: 'staging' | 'production'): string | null => {
	const block = /^branches:[ \t]*\n((?:(?:[ \t].*)?\n|[ \t].*(?![^]))*)/m.exec(config ?? '')?.[1] ?? '';
	return (
		new RegExp(String.raw`^[ \t]+${which}:[ \t]*["']?([\w./+@-]+)["']?[ \t]*(?:#.*)?$`, 'm').exec(block)?.[1] ??
		null
	);
};

export const defaultAnswers = ({branches, defaultBranch, config, hosts, e2e}: Inspection): Answers => {
	const production =
		configured(config, 'production') ??
		['main', 'master', 'production', 'trunk'].find(name => branches.includes(name)) ??
		(defaultBranch !== null && defaultBranch !== 'develop' ? defaultBranch : defaultSettings.branches.production);
	const staging =
		configured(config, 'staging') ??
		['develop', 'development', 'dev', 'staging'].find(name => branches.includes(name) && name !== production) ??
		defaultSettings.branches.staging;
	// Of several the one that people open: no API, no page of it. What stands in a file of the project's own goes before all.
	const rank = ({environment, url, because}: Inspection['hosts'][number]) =>
		because === 'deployctl.yml' || environment.includes('.')
			? 0
			: /^https?:\/\/(?:[\w-]*api[\w-]*\.)|[^/]\/[^/]/.test(url)
				? 2
				: 1;
	const urls = Object.fromEntries(
		hosts
			.toSorted((a, b) => rank(a) - rank(b))
			.toReversed()
			.map(({environment, url}) => [environment, url]),
	);
	return {staging, production, shards: e2e === null || e2e.kind === 'other' ? 1 : 4, urls, existing: 'map'};
};
