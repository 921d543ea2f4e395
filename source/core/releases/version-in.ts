/** The version in the answer of an address: a text, JSON of the usual shapes, lines of `key: value`, or a page that is made for it. Pure. */
import {sanitise} from '../text/sanitise.ts';
import {commitIn} from './version.ts';

const longestVersion = 200;
const deepest = 4;
/** What programs print when they were built without a version. */
const nothing = new Set(['null', 'undefined', 'none', 'unknown', 'n/a', '-']);

/** One word, made safe to show; null: no version. */
const worded = (text: string): string | null => {
	// A page that is no version is not made one by cutting it off.
	const version = text.trim().length > longestVersion ? '' : sanitise(text.trim(), longestVersion);
	return /^[\w.+:@/~-]+$/.test(version) && !nothing.has(version.toLowerCase()) ? version : null;
};

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const plainKey = (key: string) => key.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

const commitKey =
	/^(?:(?:git|vcs|scm|source|src|build|head|app|release|image|deployed|current|full|short|slug|ci|github|gitlab|heroku|vercel|render|railway|cfpages|orgopencontainersimage)*(?:sha1?|commit|commitsha1?short|commitshortsha|commitsha1?|commithash|commitid|commitidfull|commitidabbrev|revision|rev)|githash|sourceversion|buildvcsnumber)$/;
const versionKey =
	/^(?:app|build|image|release|full|informational|package|git|product|semantic)*(?:version|tag|release|releaseid|semver|build)$/;
/** Within an object that is called after a commit. */
const idKey = /^(?:id|sha1?|hash|full|long|short|abbrev|oid|value|idfull|idabbrev)$/;
/** Objects that tell of the application itself; in others stand the commits of something else. */
const holder =
	/^(?:git|vcs|scm|build|buildinfo|app|application|info|version|versioninfo|release|commit|id|revision|source|meta|metadata|data|service|deployment|properties|result|payload|response)$/;
const says = (value: unknown, words: RegExp) => words.test(String(value));
const isChanged = (key: string, value: unknown) =>
	(/(?:dirty|modified)$/.test(key) && says(value, /^(?:true|yes|1)$/i)) ||
	(key.endsWith('clean') && says(value, /^(?:false|no|0)$/i)) ||
	(key.endsWith('treestate') && value === 'dirty');

type Found = {
	commits: string[];
	versions: string[];
	isChanged: boolean;
	holders: Array<{node: Node; isCommit: boolean}>;
};

const lookInto = (node: Node, isCommit: boolean, found: Found): void => {
	for (const [name, value] of Object.entries(node)) {
		const key = plainKey(name);
		const isOfCommit = commitKey.test(key) || (isCommit && idKey.test(key));
		found.isChanged ||= isChanged(key, value);
		if (isNode(value) && (isOfCommit || holder.test(key)))
			found.holders.push({node: value, isCommit: isOfCommit || (isCommit && key === 'id')});
		const text = typeof value === 'string' ? worded(value) : null;
		if (text !== null && (isOfCommit || versionKey.test(key)))
			found[isOfCommit ? 'commits' : 'versions'].push(text);
	}
};

/** By level: what stands further out is about the application itself. */
const levelsOf = (json: Node): readonly Found[] => {
	const levels: Found[] = [];
	for (let nodes = [{node: json, isCommit: false}]; nodes.length > 0 && levels.length < deepest;) {
		const found: Found = {commits: [], versions: [], isChanged: false, holders: []};
		for (const {node, isCommit} of nodes) lookInto(node, isCommit, found);
		levels.push(found);
		nodes = found.holders;
	}
	return levels;
};

/** Those that name a commit, the longest first; null: they contradict each other. */
const agreeing = (texts: readonly string[]): string | null | undefined => {
	const named = texts
		.flatMap(text => {
			const commit = commitIn(text);
			return commit === null ? [] : [{text, commit}];
		})
		.toSorted((one, other) => other.commit.length - one.commit.length);
	const longest = named[0];
	return longest === undefined
		? undefined
		: named.every(({commit}) => longest.commit.startsWith(commit))
			? longest.text
			: null;
};

/** A key that is named after a commit says more than a version, also when what it says cannot be read. */
const inObject = (json: Node): string | null => {
	const levels = levelsOf(json);
	const mark = levels.some(level => level.isChanged) ? '-dirty' : '';
	const [commits, versions] = [
		levels.find(level => level.commits.length > 0)?.commits ?? [],
		levels.find(level => level.versions.length > 0)?.versions ?? [],
	];
	const texts = commits.length > 0 ? commits : versions;
	const named = agreeing(texts);
	const said = named === undefined ? (texts[0] ?? null) : named;
	return said === null ? null : said + mark;
};

/** `git.commit.id`: keys may have dots themselves. */
const atPath = (value: unknown, path: readonly string[]): unknown => {
	if (path.length === 0) return value;
	if (Array.isArray(value))
		return /^\d{1,4}$/.test(path[0]!) ? atPath(value[Number(path[0])], path.slice(1)) : undefined;
	if (!isNode(value)) return undefined;
	for (let length = path.length; length > 0; length--) {
		const key = path.slice(0, length).join('.');
		const found = Object.hasOwn(value, key) ? atPath(value[key], path.slice(length)) : undefined;
		if (found !== undefined) return found;
	}
	return undefined;
};

const parsed = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
};

const unquoted = (text: string) => text.replace(/^(["'])(.*)\1$/, '$2');

/** `commit: 1a2b3c4`, `git.commit.id=1a2b3c4`, `version 1a2b3c4`: of at most so many lines, each of them one. */
const longestList = 100;
const lined = (text: string): Node | null => {
	const lines = text
		.split(/\r?\n/)
		.map(line => line.trim())
		.filter(line => line !== '' && line !== '---' && !line.startsWith('#'));
	const pairs = lines.map(line => /^([\w.-]{1,60})(?:\s{0,20}(?:=|:\s)|\s)\s{0,20}(\S.{0,200})$/.exec(line));
	return lines.length === 0 || lines.length > longestList || pairs.some(pair => pair === null)
		? null
		: Object.fromEntries(pairs.map(pair => [pair![1]!, unquoted(pair![2]!)] as const));
};

/** `<meta name="commit" content="…">`, else a page that shows nothing but the version. */
const paged = (text: string): string | null => {
	const metas = [...text.matchAll(/<meta\s[^<>]{0,300}>/gi)].map(([tag]) =>
		['name', 'content'].map(name => new RegExp(`\\b${name}\\s*=\\s*["']?([^"'>\\s]{1,200})`, 'i').exec(tag)?.[1]),
	);
	const named = inObject(
		Object.fromEntries(
			metas.flatMap(([name, content]) =>
				name === undefined || content === undefined ? [] : [[name, content] as const],
			),
		),
	);
	const shown = worded(text.replaceAll(/<[^<>]*>/g, ' '));
	return named ?? (shown !== null && commitIn(shown) !== null ? shown : null);
};

/**
What an answer says that runs: as it stands there, null for nothing. Whether it names a commit is for `core/releases/version.ts` to tell.
`path`: where in a JSON it stands, when it does not stand under one of the usual names; nothing else counts then.
*/
export const versionIn = (body: string, path: string | null = null): string | null => {
	const text = body.trim();
	const json = parsed(text);
	if (path !== null) {
		const found = atPath(json, path.split('.'));
		return typeof found === 'string' ? worded(found) : null;
	}
	// A version of digits alone is JSON, too.
	if (isNode(json)) return inObject(json);
	if (typeof json === 'string') return worded(json);
	if (Array.isArray(json)) return null;
	const said = worded(unquoted(text));
	if (said !== null) return said;
	if (text.startsWith('<')) return paged(text);
	const named = /^(\S{1,60}) \(([0-9a-f]{7,40})\)$/i.exec(text);
	if (named !== null) return worded(`${named[1]}+${named[2]}`);
	const list = lined(text);
	return list === null ? null : inObject(list);
};

/** Headers in which servers say what they run, the most telling first; in lower case. */
export const versionHeaders = ['x-release', 'x-git-sha', 'x-commit', 'x-revision', 'x-version'] as const;

/** What a version address has answered; where its body names no commit, a header may. `headers`: their values, in the order of `versionHeaders`. */
export const versionAnswered = (
	{body, headers}: {body: string; headers: readonly string[]},
	path: string | null,
): string | null => {
	const said = versionIn(body, path);
	if (path !== null || (said !== null && commitIn(said) !== null)) return said;
	const told = headers.flatMap(header => versionIn(header) ?? []);
	return told.find(header => commitIn(header) !== null) ?? said ?? told[0] ?? null;
};
