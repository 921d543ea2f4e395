/** Which releases an environment has: by the word of its contract script, remembered on disk; for plain scripts by our own journal. */
import {execFile} from 'node:child_process';
import {type Folded, knownReleases} from '../core/journal-fold.ts';
import {isSameVersion, type Observation, overall} from '../core/observation.ts';
import {parseProtocolLine, type ProtocolLine} from '../core/protocol.ts';
import type {Migration, Release} from '../core/release.ts';
import {sanitise} from '../core/sanitise.ts';
import {makeDirectory, readJson, writeWhole} from './durable-file.ts';
import {releasesPath, type StatePaths} from './paths.ts';

/** What `--list` said, and when; wall time, milliseconds. */
export type ListedReleases = {releases: readonly Release[]; readAt: number};
export type ListAnswer = {ok: true; releases: readonly Release[]} | {ok: false; because: string};

const listTimeoutMs = 20_000;
const longestOutput = 4 * 1024 * 1024;

const yesOrUnknown = (value: string | undefined): boolean | 'unknown' => (value === 'yes' ? true : value === 'no' ? false : 'unknown');
const migrations: readonly string[] = ['none', 'compatible', 'incompatible'];

const hostsOf = (value: string | undefined): Release['hosts'] => {
	const [, have, of] = /^(\d{1,4})\/(\d{1,4})$/.exec(value ?? '') ?? [];
	return have === undefined ? null : {have: Number(have), of: Number(of)};
};

const releaseOf = ({values, text}: ProtocolLine): Release | null => {
	const id = values['id'];
	if (id === undefined || id === '') return null;
	const deployedAt = Date.parse(values['deployed'] ?? '');
	const hosts = hostsOf(values['hosts']);
	const isComplete = yesOrUnknown(values['complete']);
	const isBad = values['bad'] === 'yes';
	return {
		id, sha: /^[0-9a-f]{7,40}$/.test(values['sha'] ?? '') ? values['sha']! : null,
		isLive: yesOrUnknown(values['live']),
		isPresent: hosts !== null && hosts.have < hosts.of ? false : isComplete,
		wasHealthy: yesOrUnknown(values['healthy']),
		isBad, badBecause: isBad ? text : null,
		migration: migrations.includes(values['migration'] ?? '') ? values['migration'] as Migration : 'unknown',
		deployedAt: Number.isNaN(deployedAt) ? null : deployedAt, lastLiveAt: null, hosts,
	};
};

/** The releases in the output of `rollback.sh --list`; without its `end` line with exit 0 it is not to be trusted. */
export const releasesIn = (output: string): ListAnswer => {
	const lines = output.split('\n').flatMap(text => {
		const parsed = parseProtocolLine(text);
		return parsed.kind === 'line' ? [parsed.line] : [];
	});
	const end = lines.findLast(({verb}) => verb === 'end');
	if (end === undefined) return {ok: false, because: 'the list of releases has no end'};
	if (end.values['exit'] !== '0') return {ok: false, because: `the list of releases could not be read${end.values['cause'] === undefined ? '' : `: ${end.values['cause']}`}`};
	return {ok: true, releases: lines.flatMap(line => (line.verb === 'note' && line.step === 'release' ? [releaseOf(line) ?? []].flat() : []))};
};

/** Runs `script --list --env ENV`: only ever a script that says that it keeps the contract, which makes this free of side effects. */
export const listReleases = (script: string, environment: string, {directory, env, signal}: {directory: string; env: Readonly<Record<string, string | undefined>>; signal?: AbortSignal}): Promise<ListAnswer> => {
	const {promise, resolve} = Promise.withResolvers<ListAnswer>();
	execFile(script, ['--list', '--env', environment], {cwd: directory, env, timeout: listTimeoutMs, maxBuffer: longestOutput, killSignal: 'SIGKILL', ...(signal && {signal})}, (error, stdout, stderr) => {
		const answer = releasesIn(stdout);
		if (answer.ok || error === null) return resolve(answer);
		const last = stderr.trim().split('\n').at(-1) ?? '';
		resolve({ok: false, because: error.killed ? `the list of releases took longer than ${listTimeoutMs / 1000} s` : last === '' ? answer.because : sanitise(last, 200)});
	});
	return promise;
};

export const rememberReleases = (paths: StatePaths, environment: string, listed: ListedReleases): void => {
	makeDirectory(paths.releases);
	writeWhole(releasesPath(paths, environment), JSON.stringify(listed));
};

/** null: never listed, or what is there cannot be understood. */
export const rememberedReleases = (paths: StatePaths, environment: string): ListedReleases | null => {
	try {
		const listed = readJson(releasesPath(paths, environment));
		return Array.isArray(listed?.['releases']) && typeof listed['readAt'] === 'number' ? listed as ListedReleases : null;
	} catch {
		return null;
	}
};

/** What plain scripts deployed through us and was validated. Whether a release is still there, nobody can say. */
const fromJournal = (folded: Folded, environment: string): readonly Release[] => knownReleases(folded, environment).map(({release, sha, deployedAt, validatedAt}) => ({
	id: release, sha, isLive: 'unknown', isPresent: 'unknown', wasHealthy: true, isBad: false, badBecause: null, migration: 'unknown', deployedAt, lastLiveAt: validatedAt, hosts: null,
}));

const isMarked = (release: Release, mark: {release: string; sha: string | null}) => mark.release === release.id || (release.sha !== null && isSameVersion(release.sha, mark));

/** The script's list (`listed`) or the journal's, with our own marks, and with what the environment itself says is live. */
export const releasesOf = (listed: readonly Release[] | null, folded: Folded, environment: string, observation: Observation | null): readonly Release[] => {
	const bad = [...folded.bad.values()].filter(mark => mark.environment === environment);
	const version = observation === null ? null : overall(observation).version;
	return (listed ?? fromJournal(folded, environment)).map(release => {
		const mark = bad.find(each => isMarked(release, each));
		return {
			...release,
			...(mark && {isBad: true, badBecause: release.badBecause ?? mark.because}),
			...(version !== null && {isLive: isSameVersion(version, {release: release.id, sha: release.sha})}),
		};
	});
};
