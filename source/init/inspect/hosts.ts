/** Addresses that look like environments: from configurations, examples, the README and workflows that are there already. */
import {sanitise} from '../../core/text/sanitise.ts';
import {parseSettings} from '../../settings/parse/parse.ts';
import type {ExistingWorkflow, Inspection} from '../model.ts';
import {nameOf, type Tree} from '../files/tree.ts';

type Host = Inspection['hosts'][number];

/** An address as it may stand in a workflow and in a shell's variable: nothing that GitHub, YAML or bash reads. */
export const isAddress = (text: string): boolean =>
	/^https?:\/\/[\w.-]+(?::\d{1,5})?(?:\/[\w.~%/@+-]*)?$/.test(text) && URL.parse(text) !== null;

const address = /https?:\/\/[^\s"'`<>()[\]{}|\\^,;$*]+/g;
/** Where projects live, not where they run. */
const elsewhere =
	/^(?:localhost|127\.|0\.0\.0\.0|\[|10\.|192\.168\.|host\.docker\.internal)|(?:^|\.)(?:github\.com|githubusercontent\.com|gitlab\.com|shields\.io|npmjs\.(?:com|org)|pypi\.org|codecov\.io|badge\.fury\.io|playwright\.dev|cypress\.io|nodejs\.org|w3\.org|schema\.org|json\.schemastore\.org|unpkg\.com|googleapis\.com|stripe\.com|sentry\.io|opensource\.org|contributor-covenant\.org|docker\.com|vercel\.com|python\.org|rust-lang\.org|go\.dev|dev\.to|azure\.com|mysql\.com|live\.com|microsoft\.com|mozilla\.org|wikipedia\.org|stackoverflow\.com|youtube\.com|slack\.com|atlassian\.net|readthedocs\.(?:io|org))$/;

const wordOf = (text: string): 'staging' | 'production' | null =>
	/\b(?:staging|stage|stg|develop|dev|uat|qa|preprod|pre-production|preview)\b/i.test(text)
		? 'staging'
		: /\b(?:production|prod|live)\b/i.test(text)
			? 'production'
			: null;

const addressesIn = (text: string): string[] =>
	(text.match(address) ?? [])
		.map(found => found.replace(/(?<![.:!?/])[.:!?/]+$/, ''))
		.filter(found => isAddress(found) && !elsewhere.test(URL.parse(found)?.hostname ?? 'localhost'));

/** In prose only what says that the address is the environment counts: "staging: URL", "production runs at URL", "[Staging](URL". Much else is near such words. */
const linking =
	/\b([\w-]+)(?:[^\w\n]|\b(?:is|are|at|runs?|on|the|env|environment|url|server|site|app|api|lives|instance|deployed|deployment|to|under|here|link)\b){0,12}$/i;
const inProse = (front: string): 'staging' | 'production' | null => {
	const word = linking.exec(front.slice(-120))?.[1];
	return word === undefined ? null : wordOf(word);
};

/** An address's own name decides, then the words before it: of a `prose`, or of keys in a configuration. `otherwise`: for the rest. */
const inText = (
	text: string,
	because: string,
	{words, otherwise}: {words: 'prose' | 'keys'; otherwise: 'staging' | 'production' | null},
): Host[] =>
	text.split('\n').flatMap(line => {
		let rest = line;
		return addressesIn(line).flatMap(url => {
			const at = rest.indexOf(url);
			const front = rest.slice(0, at);
			rest = rest.slice(at + url.length);
			const environment =
				wordOf(URL.parse(url)!.hostname.replaceAll(/[.-]/g, ' ')) ??
				(words === 'prose' ? inProse(front) : wordOf(front.replaceAll('_', ' '))) ??
				otherwise;
			return environment === null ? [] : [{environment, url, because}];
		});
	});

const environmentsOf = ({file, parsed}: ExistingWorkflow): Host[] =>
	Object.values(
		(parsed?.['jobs'] ?? {}) as Record<string, {environment?: {name?: unknown; url?: unknown} | string} | null>,
	).flatMap(job => {
		const environment = job?.environment;
		if (
			typeof environment !== 'object' ||
			environment === null ||
			typeof environment.url !== 'string' ||
			typeof environment.name !== 'string' ||
			!isAddress(environment.url)
		)
			return [];
		const word = wordOf(environment.name);
		return word === null
			? []
			: [{environment: word, url: environment.url, because: `${file} names it as the environment's`}];
	});

const fromSettings = async (config: string | null): Promise<Host[]> => {
	const parsed = config === null ? null : await parseSettings(config, 'deployctl.yml');
	if (parsed?.ok !== true) return [];
	return parsed.settings.environments
		.flatMap(({name, url, health, version}) => [
			...(url === null ? [] : [{environment: name, url, because: 'deployctl.yml'}]),
			...(health[0] === undefined
				? []
				: [{environment: `${name}.health`, url: health[0], because: 'deployctl.yml'}]),
			...(version[0] === undefined
				? []
				: [{environment: `${name}.version`, url: version[0], because: 'deployctl.yml'}]),
		])
		.filter(({url}) => isAddress(url));
};

/** Our own words about the repository are no source: they came from here. */
const isOwn = (file: string) => file.startsWith('docs/deployment/');

const configurations = /^(?:playwright|cypress)\.config\.[cm]?[jt]s$/;
const examples = /^\.env(?:\.(?:example|sample|template|dist|staging|production))?$/;

/** Routes that say how the application is, and which commit it is; looked for in a bounded number of its sources. */
const maximumSources = 400;
const routes = {
	health: /["'`](\/(?:api\/)?(?:health|healthz|healthcheck|status\/health))["'`/]/,
	version: /["'`](\/(?:api\/)?(?:version|revision))["'`/]/,
} as const;

const routeOf = async (tree: Tree, kind: keyof typeof routes): Promise<{path: string; file: string} | null> => {
	const sources = tree.files
		.filter(
			file =>
				/\.(?:[cm]?[jt]sx?|py|go|rb|php|java|kt|rs)$/.test(file) &&
				!/(?:^|\/)(?:tests?|e2e|spec|cypress)\//.test(file) &&
				!/\.(?:test|spec)\./.test(file) &&
				!/^(?:scripts|\.github)\//.test(file),
		)
		.slice(0, maximumSources);
	for (const file of sources) {
		const found = routes[kind].exec((await tree.read(file)) ?? '')?.[1];
		if (found !== undefined) return {path: found, file};
	}
	return null;
};

const answers = async (tree: Tree, hosts: readonly Host[]): Promise<Host[]> => {
	const found: Host[] = [];
	for (const kind of ['health', 'version'] as const) {
		const route = await routeOf(tree, kind);
		for (const environment of ['staging', 'production']) {
			const base = hosts.find(host => host.environment === environment)?.url;
			if (route !== null && base !== undefined)
				found.push({
					environment: `${environment}.${kind}`,
					url: `${URL.parse(base)!.origin}${route.path}`,
					because: `${sanitise(route.file, 120)} answers ${route.path}`,
				});
		}
	}
	return found;
};

/** Somebody who names a health address names the environment with it. */
const told = (host: Host): Host[] => {
	const url = URL.parse(host.url);
	const kind = /^\/(?:api\/)?(?:(health\w*)|version|revision)\/?$/.exec(url?.pathname ?? '');
	if (url === null || kind === null || host.environment.includes('.')) return [host];
	return [
		{...host, url: url.origin},
		{...host, environment: `${host.environment}.${kind[1] === undefined ? 'version' : 'health'}`},
	];
};

/** The surest first: what the project's own settings say, then workflows, test configurations, examples, prose. */
export const findHosts = async (
	tree: Tree,
	workflows: readonly ExistingWorkflow[],
	config: string | null,
): Promise<readonly Host[]> => {
	const hosts = [...(await fromSettings(config)), ...workflows.flatMap(environmentsOf)];
	for (const file of tree.files.filter(path => configurations.test(nameOf(path)) && path.split('/').length <= 3))
		hosts.push(...inText((await tree.read(file)) ?? '', file, {words: 'keys', otherwise: null}));
	for (const file of tree.files.filter(
		path => examples.test(nameOf(path)) && nameOf(path) !== '.env' && path.split('/').length <= 3,
	)) {
		hosts.push(
			...inText((await tree.read(file)) ?? '', file, {
				words: 'keys',
				otherwise: file.endsWith('.staging') ? 'staging' : file.endsWith('.production') ? 'production' : null,
			}),
		);
	}
	for (const file of tree.files.filter(
		path => /^(?:docs\/)?(?:README|DEPLOY(?:MENT|ING)?|CONTRIBUTING)\.(?:md|rst|txt)$/i.test(path) && !isOwn(path),
	))
		hosts.push(...inText((await tree.read(file)) ?? '', file, {words: 'prose', otherwise: null}));
	const all = hosts.flatMap(told);
	all.push(...(await answers(tree, all)));
	return all.filter(
		(host, index) =>
			all.findIndex(other => other.environment === host.environment && other.url === host.url) === index,
	);
};
