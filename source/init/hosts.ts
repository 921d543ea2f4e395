/** Addresses that look like environments: from configurations, examples, the README and workflows that are there already. */
import {sanitise} from '../core/sanitise.ts';
import {parseSettings} from '../settings/parse.ts';
import type {ExistingWorkflow, Inspection} from './model.ts';
import {nameOf, type Tree} from './tree.ts';

type Host = Inspection['hosts'][number];

/** An address as it may stand in a workflow and in a shell's variable: nothing that GitHub, YAML or bash reads. */
export const isAddress = (text: string): boolean => /^https?:\/\/[\w.-]+(?::\d{1,5})?(?:\/[\w.~%/@+-]*)?$/.test(text) && URL.parse(text) !== null;

const address = /https?:\/\/[^\s"'`<>()[\]{}|\\^,;$*]+/g;
/** Where projects live, not where they run. */
const elsewhere = /^(?:localhost|127\.|0\.0\.0\.0|\[|10\.|192\.168\.|host\.docker\.internal)|(?:^|\.)(?:github\.com|githubusercontent\.com|gitlab\.com|shields\.io|npmjs\.(?:com|org)|pypi\.org|codecov\.io|badge\.fury\.io|playwright\.dev|cypress\.io|nodejs\.org|w3\.org|schema\.org|json\.schemastore\.org|unpkg\.com|googleapis\.com|stripe\.com|sentry\.io|opensource\.org|contributor-covenant\.org|docker\.com|vercel\.com|python\.org|rust-lang\.org|go\.dev|readthedocs\.(?:io|org))$/;

const wordOf = (text: string): 'staging' | 'production' | null =>
	(/\b(?:staging|stage|stg|develop|dev|uat|qa|preprod|pre-production|preview)\b/i.test(text) ? 'staging' : /\b(?:production|prod|live)\b/i.test(text) ? 'production' : null);

const addressesIn = (text: string): string[] => (text.match(address) ?? []).map(found => found.replace(/[.:!?/]+$/, '')).filter(found => isAddress(found) && !elsewhere.test(URL.parse(found)?.hostname ?? 'localhost'));

/** `byWords`: what stands around an address decides, else only its own name. `otherwise`: for the rest. */
const inText = (text: string, because: string, {byWords, otherwise}: {byWords: boolean; otherwise: 'staging' | 'production' | null}): Host[] =>
	text.split('\n').flatMap(line => {
		let rest = line;
		return addressesIn(line).flatMap(url => {
			// The words since the address before; a line with one address may say it behind.
			const [front = '', ...behind] = rest.split(url);
			rest = behind.join(url);
			const words = (words: string) => wordOf(words.replaceAll(/https?:\/\/\S+/g, '').replaceAll('_', ' '));
			const environment = wordOf(URL.parse(url)!.hostname.replaceAll(/[.-]/g, ' ')) ?? (byWords ? words(front) ?? words(line) : null) ?? otherwise;
			return environment === null ? [] : [{environment, url, because}];
		});
	});

const environmentsOf = ({file, parsed}: ExistingWorkflow): Host[] =>
	Object.values((parsed?.['jobs'] ?? {}) as Record<string, {environment?: {name?: unknown; url?: unknown} | string} | null>).flatMap(job => {
		const environment = job?.environment;
		if (typeof environment !== 'object' || environment === null || typeof environment.url !== 'string' || typeof environment.name !== 'string' || !isAddress(environment.url)) return [];
		const word = wordOf(environment.name);
		return word === null ? [] : [{environment: word, url: environment.url, because: `${file} names it as the environment's`}];
	});

const fromSettings = async (config: string | null): Promise<Host[]> => {
	const parsed = config === null ? null : await parseSettings(config, 'deployctl.yml');
	if (parsed?.ok !== true) return [];
	return parsed.settings.environments.flatMap(({name, url, health, version}) => [
		...(url === null ? [] : [{environment: name, url, because: 'deployctl.yml'}]),
		...(health[0] === undefined ? [] : [{environment: `${name}.health`, url: health[0], because: 'deployctl.yml'}]),
		...(version[0] === undefined ? [] : [{environment: `${name}.version`, url: version[0], because: 'deployctl.yml'}]),
	]).filter(({url}) => isAddress(url));
};

/** Our own words about the repository are no source: they came from here. */
const isOwn = (file: string) => file.startsWith('docs/deployment/');

const configurations = /^(?:playwright|cypress)\.config\.[cm]?[jt]s$/;
const examples = /^\.env(?:\.(?:example|sample|template|dist|staging|production))?$/;

/** Routes that say how the application is, and which commit it is; looked for in a bounded number of its sources. */
const maximumSources = 400;
const routes = {health: /["'`](\/(?:api\/)?(?:health|healthz|healthcheck|status\/health))["'`/]/, version: /["'`](\/(?:api\/)?(?:version|revision))["'`/]/} as const;

const routeOf = async (tree: Tree, kind: keyof typeof routes): Promise<{path: string; file: string} | null> => {
	const sources = tree.files.filter(file => /\.(?:[cm]?[jt]sx?|py|go|rb|php|java|kt|rs)$/.test(file) && !/(?:^|\/)(?:tests?|e2e|spec|cypress)\//.test(file) && !/\.(?:test|spec)\./.test(file) && !file.startsWith('scripts/')).slice(0, maximumSources);
	for (const file of sources) {
		const found = routes[kind].exec(await tree.read(file) ?? '')?.[1];
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
			if (route !== null && base !== undefined) found.push({environment: `${environment}.${kind}`, url: `${URL.parse(base)!.origin}${route.path}`, because: `${sanitise(route.file, 120)} answers ${route.path}`});
		}
	}
	return found;
};

/** The surest first: what the project's own settings say, then workflows, test configurations, examples, prose. */
export const findHosts = async (tree: Tree, workflows: readonly ExistingWorkflow[], config: string | null): Promise<readonly Host[]> => {
	const hosts = [...await fromSettings(config), ...workflows.flatMap(environmentsOf)];
	for (const file of tree.files.filter(path => configurations.test(nameOf(path)) && path.split('/').length <= 3)) hosts.push(...inText(await tree.read(file) ?? '', file, {byWords: true, otherwise: null}));
	for (const file of tree.files.filter(path => examples.test(nameOf(path)) && nameOf(path) !== '.env' && path.split('/').length <= 3)) {
		hosts.push(...inText(await tree.read(file) ?? '', file, {byWords: true, otherwise: file.endsWith('.staging') ? 'staging' : file.endsWith('.production') ? 'production' : null}));
	}
	for (const file of tree.files.filter(path => /^(?:docs\/)?(?:README|DEPLOY(?:MENT|ING)?|CONTRIBUTING)\.(?:md|rst|txt)$/i.test(path) && !isOwn(path))) hosts.push(...inText(await tree.read(file) ?? '', file, {byWords: true, otherwise: null}));
	hosts.push(...await answers(tree, hosts));
	return hosts.filter((host, index) => hosts.findIndex(other => other.environment === host.environment && other.url === host.url) === index);
};
