/** Which commit a version names: every usual form is read, and nothing else is ever taken for a commit. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {overall} from '../source/core/releases/observation.ts';
import {compareInstances} from '../source/core/releases/instances.ts';
import {commitIn, compareVersion} from '../source/core/releases/version.ts';
import {versionIn} from '../source/core/releases/version-in.ts';
import {runs} from './helpers/fuzz.ts';

const sha = '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d';
const other = '9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c';
const ref = {release: sha, sha};
const [short, long] = [sha.slice(0, 7), sha.slice(0, 12)];
const json = (value: unknown) => JSON.stringify(value);

/** What addresses answer with, and what it says of the commit. */
const answers: ReadonlyArray<readonly [body: string, likeness: 'same' | 'different' | 'unknown' | null]> = [
	[sha, 'same'],
	[sha.toUpperCase(), 'same'],
	[short, 'same'],
	[`${sha.slice(0, 8)}\n`, 'same'],
	[`"${sha}"`, 'same'],
	[other, 'different'],
	[other.slice(0, 7), 'different'],
	[`sha-${short}`, 'same'],
	[`main-${short}`, 'same'],
	[`feature-x-${short}`, 'same'],
	[`20261123-${short}`, 'same'],
	[`main-20260101-${short}`, 'same'],
	[`20261123084500-${long}`, 'same'],
	[`1.4.0+${short}`, 'same'],
	[`v1.2.3+${sha}`, 'same'],
	[`1.0.0+build.7.sha.${short}`, 'same'],
	[`v1.2.3-4-g${short}`, 'same'],
	['v1.2.3-4-g1234567', 'unknown'],
	[`1.2.3.dev4+g${short}`, 'same'],
	[`v0.0.0-20260101123456-${long}`, 'same'],
	[`registry.io/app:${sha}`, 'same'],
	[`main-12345678901-${short}`, 'same'],
	[`v1.2.3 (${short})`, 'same'],
	[`sha-${other.slice(0, 7)}`, 'different'],
	['v1.2.3', 'unknown'],
	['1.4.0', 'unknown'],
	['1.20260101.3', 'unknown'],
	['20260101', 'unknown'],
	['build-20260101', 'unknown'],
	['1234567', 'unknown'],
	['main', 'unknown'],
	['defaced', 'unknown'],
	[`${short}-dirty`, 'unknown'],
	[`v1.2.3-4-g${short}-dirty`, 'unknown'],
	[`1.2.3+g${short}.d20260101`, 'unknown'],
	[`v0.0.0-20260101123456-${long}+dirty`, 'unknown'],
	[`${short}-${other.slice(0, 7)}`, 'unknown'],
	['3f2a9c1e-4d5b-4c6d-8e7f-0a1b2c3d4e5f', 'unknown'],
	[`app@sha256:${sha}${sha.slice(0, 24)}`, 'unknown'],
	['sha256:3f2a9c1e4d5b', 'unknown'],
	['d41d8cd98f00b204e9800998ecf8427e', 'unknown'],
	[json({sha, version: '1.0'}), 'same'],
	[json({version: '1.4.0', gitSha: sha}), 'same'],
	[json({version: '1.4.0', commit: other}), 'different'],
	[json({revision: sha}), 'same'],
	[json({commit: {sha}}), 'same'],
	[json({git: {branch: 'main', commit: {id: sha}}}), 'same'],
	[json({git: {commit: {id: {abbrev: short, full: sha, describe: 'v1.2'}}}}), 'same'],
	[json({git: {commit: {id: short, time: '2026-01-01T00:00:00Z'}}}), 'same'],
	[json({'git.commit.id': sha, 'git.build.version': '1.0'}), 'same'],
	[json({build: {version: '1.0', commit: short}}), 'same'],
	[json({informationalVersion: `1.0.0+${sha}`}), 'same'],
	[json({'org.opencontainers.image.revision': sha}), 'same'],
	[json({version: '1.4.0'}), 'unknown'],
	[json({sha: short.slice(0, 6)}), 'unknown'],
	[json({commit: 'unknown', version: `1.0.0-${short}`}), 'same'],
	[json({commit: `${short}-dirty`, version: other}), 'unknown'],
	[json({gitCommit: sha, gitTreeState: 'dirty'}), 'unknown'],
	[json({git: {dirty: 'true', commit: {id: sha}}}), 'unknown'],
	[json({sha, commit: other}), null],
	[json({dependencies: {lib: {commit: other}}}), null],
	[json({previous: {sha: other}, version: '2.0'}), 'unknown'],
	[json({sha: 1_234_567}), null],
	[json([sha]), null],
	[`'${sha}'`, 'same'],
	[`---\nversion: 1.0\ncommit: '${sha}'\n`, 'same'],
	[`commit: ${sha}\ndirty: yes\n`, 'unknown'],
	[json({sha, clean: false}), 'unknown'],
	[json({sha, isDirty: 1}), 'unknown'],
	[json({sha, clean: true, dirty: 0}), 'same'],
	[json({status: 'pass', releaseId: `20261130101112-${long}`}), 'same'],
	[json({HEROKU_SLUG_COMMIT: sha}), 'same'],
	[json({CI_COMMIT_SHORT_SHA: short}), 'same'],
	[json({short_sha: other.slice(0, 7)}), 'different'],
	[json({result: {commit: sha}}), 'same'],
	[json({latest_commit: other, version: '1.0'}), 'unknown'],
	[json({web: {commit: sha}, api: {commit: other}}), null],
	[`commit: ${sha}`, 'same'],
	[`version 20261123084500-${long}`, 'same'],
	['<!doctype html><title>Login</title>', null],
	[`# made by the build\ngit.branch=main\ngit.commit.id=${sha}\n`, 'same'],
	[`<html>${sha}</html>`, 'same'],
	[`<html><head><meta name="git-commit" content="${sha}"></head><body>Hello</body></html>`, 'same'],
	[`<html><input name="csrf" value="${other}"><p>Please sign in</p></html>`, null],
	['it works', null],
	[`request ${other.slice(0, 8)} was served`, null],
	['', null],
	['null', null],
];
for (const [body, likeness] of answers) {
	test(`${body.slice(0, 70).replaceAll('\n', ' ')}: ${likeness ?? 'no version'}`, () => {
		const said = versionIn(body);
		assert.equal(said === null ? null : compareVersion(said, ref), likeness, String(said));
	});
}

test('a path into a JSON is all that counts where one is given', () => {
	const body = json({sha: other, deep: {'build.info': [{rev: short}]}, number: 7});
	assert.equal(versionIn(body, 'deep.build.info.0.rev'), short);
	for (const path of ['deep.none', 'number', 'deep', 'deep.build.info.7.rev', '__proto__', 'constructor.name'])
		assert.equal(versionIn(body, path), null, path);
	assert.equal(versionIn(sha, 'sha'), null);
});

test('a number is the commit when it begins so; it never speaks against one', () => {
	const digits = `7654321${sha.slice(7)}`;
	assert.equal(compareVersion('7654321', {release: digits, sha: digits}), 'same');
	assert.equal(compareVersion('sha-7654321', ref), 'unknown');
	// The branch may have a commit in its name.
	assert.equal(compareVersion(`fix-${other.slice(0, 7)}-7654321`, {release: digits, sha: digits}), 'unknown');
	assert.equal(
		compareVersion('20260101', {release: `20260101${sha.slice(8)}`, sha: `20260101${sha.slice(8)}`}),
		'unknown',
	);
});

test('the id of a release is what it is, whatever it looks like', () => {
	assert.equal(compareVersion('r42', {release: 'r42', sha: null}), 'same');
	assert.equal(compareVersion('r41', {release: 'r42', sha: null}), 'unknown');
	assert.equal(compareVersion(long, {release: `20261123084500-${long}`, sha: null}), 'same');
});

const reading = (version: string | null, instance: string) => ({
	instance,
	version,
	health: true,
	because: '',
	latencyMs: 1,
});
test('instances are mixed when their commits differ, or texts that are no commits; a short SHA is no other release', () => {
	const both = (one: string | null, two: string | null) => {
		const {version, isMixed} = overall({instances: [reading(one, 'web-1'), reading(two, 'web-2')]});
		return [version, isMixed];
	};
	assert.deepEqual(both(sha, short), [sha, false]);
	assert.deepEqual(both(`main-${short}`, sha), [sha, false]);
	assert.deepEqual(both(sha, other), [null, true]);
	assert.deepEqual(both('1.4.0', '1.5.0'), [null, true]);
	assert.deepEqual(both('1.4.0', sha), [null, false]);
	assert.deepEqual(both('1.4.0', '1.4.0'), ['1.4.0', false]);
});

// Words that are no commit, put together as versions are.
const anyHex = (least: number, most: number) =>
	fc.string({unit: fc.constantFrom(...'0123456789abcdef'), minLength: least, maxLength: most});
const harmless = fc.oneof(
	fc.constantFrom('main', 'release', 'v1', 'beta', 'linux', 'web', 'rc1', 'prod'),
	fc.nat(999_999).map(String),
	anyHex(1, 6),
	anyHex(41, 64),
	fc.uuid(),
	fc
		.date({min: new Date('1990-01-01'), max: new Date('2099-12-31'), noInvalidDate: true})
		.map(date => date.toISOString().replaceAll(/[-:T]|\..*/g, '')),
	fc
		.date({min: new Date('1990-01-01'), max: new Date('2099-12-31'), noInvalidDate: true})
		.map(date => date.toISOString().slice(0, 10).replaceAll('-', '')),
	anyHex(64, 64).map(digest => `sha256:${digest}`),
	anyHex(7, 40).map(commit => `${commit}-dirty`),
);
const separator = fc.constantFrom('-', '.', '+', '_', '/', ':');
const harmlessVersion = fc
	.tuple(harmless, fc.array(fc.tuple(separator, harmless), {maxLength: 3}))
	.map(([first, rest]) => first + rest.map(([by, word]) => `${by}${word}`).join(''))
	.filter(text => text.length <= 200);
const anySha = anyHex(40, 40);

test('whatever a version says without a commit in it: none is read, and it contradicts no commit', () => {
	fc.assert(
		fc.property(harmlessVersion, anySha, (text, wanted) => {
			assert.equal(commitIn(text), null, text);
			assert.equal(compareVersion(text, {release: wanted, sha: wanted}), 'unknown', text);
			for (const body of [text, json({version: text}), json({commit: text}), json({git: {commit: {id: text}}})]) {
				const said = versionIn(body);
				assert.ok(said === null || compareVersion(said, {release: wanted, sha: wanted}) === 'unknown', body);
			}
		}),
		runs(3000),
	);
});

test('whatever the form: the commit in it is found, and no other one is', () => {
	const forms = fc.constantFrom<(commit: string) => string>(
		commit => commit,
		commit => `sha-${commit}`,
		commit => `main-${commit}`,
		commit => `v1.2.3+${commit}`,
		commit => `v1.2.3-4-g${commit}`,
		commit => `main-20260101-${commit}`,
		commit => `20260101120000-${commit}`,
		commit => json({version: '1.4.0', gitSha: commit}),
		commit => json({git: {commit: {id: commit}}}),
		commit => json({build: {revision: commit}}),
	);
	fc.assert(
		fc.property(
			anySha,
			anySha,
			fc.integer({min: 7, max: 16}),
			fc.boolean(),
			forms,
			(wanted, another, digits, isWhole, form) => {
				const length = isWhole ? 40 : digits;
				fc.pre(
					/\d/.test(wanted.slice(0, length)) &&
						/[a-f]/.test(wanted.slice(0, length)) &&
						!another.startsWith(wanted.slice(0, length)),
				);
				const said = versionIn(form(wanted.slice(0, length)))!;
				assert.equal(compareVersion(said, {release: wanted, sha: wanted}), 'same', said);
				assert.equal(compareVersion(said, {release: another, sha: another}), 'different', said);
			},
		),
		runs(3000),
	);
});

test('readings that cannot be compared say neither that it is there, nor that it is elsewhere, nor that nothing changed', () => {
	fc.assert(
		fc.property(harmlessVersion, fc.option(harmlessVersion, {nil: null}), anySha, (now, was, wanted) => {
			const {isOnTarget, isElsewhere, isUnchanged} = compareInstances({
				before: was === null ? null : [reading(was, 'web-1')],
				after: [reading(now, 'web-1')],
				target: {release: wanted, sha: wanted},
				from: {release: other, sha: other},
				expects: {versions: 1, healths: 1},
			});
			assert.deepEqual([isOnTarget, isElsewhere, isUnchanged], [false, false, false], `${was} → ${now}`);
		}),
		runs(2000),
	);
});
