/** Scripts as they are found, told apart and called; and the list of releases, from scripts of every mood. */
import assert from 'node:assert/strict';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	realpathSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import fc from 'fast-check';
import {releasesIn} from '../source/core/operations/release-list.ts';
import {defaultSettings, environmentDefaults} from '../source/core/settings/settings.ts';
import {realClock} from '../source/edges/clock.ts';
import {listReleases} from '../source/operations/checkout/list-releases.ts';
import {createListings} from '../source/operations/checkout/listings.ts';
import {statePaths} from '../source/operations/files/paths.ts';
import {processEntry} from '../source/operations/script/process-tree.ts';
import {commandOf, contractLine, findScript, kindOfText} from '../source/operations/checkout/script-kind.ts';
import {patienceMs, patient, until} from './helpers/patience.ts';

const place = (t: TestContext) => {
	const root = realpathSync(mkdtempSync(join(tmpdir(), 'scripts-')));
	t.after(() => rmSync(root, {recursive: true, force: true}));
	const directory = join(root, 'checkout');
	mkdirSync(join(directory, 'scripts'), {recursive: true});
	const write = (name: string, text: string, mode = 0o755) => {
		writeFileSync(join(directory, name), text);
		chmodSync(join(directory, name), mode);
		return join(directory, name);
	};
	return {root, directory, write};
};

test('a contract script says so in a line of its own among the first twenty; nothing like it counts', () => {
	const padded = (before: number) => `${'#\n'.repeat(before)}${contractLine}\n`;
	for (const text of [padded(0), padded(1), padded(19), contractLine]) assert.equal(kindOfText(text), 'contract');
	for (const text of [
		'',
		padded(20),
		` ${contractLine}`,
		`${contractLine} `,
		`${contractLine}0`,
		`${contractLine}.1`,
		`# Contract: deployctl/2`,
		`echo '${contractLine}'`,
		contractLine.toLowerCase(),
		`${contractLine}\r\n`,
	])
		assert.equal(kindOfText(text), 'plain', JSON.stringify(text));
	assert.equal(kindOfText(`${'x'.repeat(20_000)}\n${contractLine}`), 'plain', 'further on than anybody reads');
});

test('a script is found in the repository, or a sentence says what is there instead', t => {
	const {root, directory, write} = place(t);
	const find = (path: string) => {
		const found = findScript(directory, {path});
		return found.ok ? found.kind : found.because;
	};
	write('scripts/plain.sh', '#!/bin/sh\n');
	write('scripts/contract.sh', `#!/bin/sh\n${contractLine}\n`);
	write('scripts/long.sh', `#!/bin/sh\n# ${'x'.repeat(20_000)}\n${contractLine}\n`);
	write('scripts/not.sh', '#!/bin/sh\n', 0o644);
	write('..hidden.sh', '#!/bin/sh\n');
	writeFileSync(join(root, 'outside.sh'), '#!/bin/sh\n');
	chmodSync(join(root, 'outside.sh'), 0o755);
	symlinkSync(join(root, 'outside.sh'), join(directory, 'scripts/link.sh'));
	symlinkSync('../..', join(directory, 'scripts/up'));
	symlinkSync('plain.sh', join(directory, 'scripts/inside.sh'));
	symlinkSync('nowhere', join(directory, 'scripts/dangling.sh'));
	symlinkSync('loop.sh', join(directory, 'scripts/loop.sh'));
	assert.equal(find('scripts/plain.sh'), 'plain');
	assert.equal(find('scripts/contract.sh'), 'contract');
	assert.equal(find('scripts/long.sh'), 'plain', 'a line of 20 kB is longer than what is read');
	assert.equal(find('scripts/inside.sh'), 'plain');
	assert.equal(find('..hidden.sh'), 'plain');
	assert.match(find('scripts/not.sh'), /may not be executed/);
	assert.match(find('scripts/none.sh'), /there is no scripts\/none\.sh/);
	assert.match(find('scripts/plain.sh/x'), /there is no/);
	assert.match(find('scripts/dangling.sh'), /there is no/);
	assert.match(find('scripts'), /is a folder/);
	assert.match(find('scripts/loop.sh'), /cannot be read/);
	for (const path of ['../outside.sh', 'scripts/../../outside.sh', join(root, 'outside.sh'), '', '.', '..'])
		assert.match(find(path), /does not lie in the repository/, path);
	for (const path of ['scripts/link.sh', 'scripts/up/outside.sh'])
		assert.match(find(path), /leads out of the repository/, path);
});

const sha = 'ab12'.repeat(10);
const call = {environment: 'staging', sha, release: '20261124000000-ab12ab1', operation: 'run-1', insists: false};

test('what a script is called with', () => {
	const of = (
		kind: 'deploy' | 'rollback',
		script: 'plain' | 'contract',
		over: Partial<typeof call> | {sha: null} | {release: null; sha: null} = {},
		templates: readonly string[] | null = null,
	) => {
		const command = commandOf(kind, {kind: script, path: '/x/s.sh'}, {arguments: templates}, {...call, ...over});
		return command.ok ? command.command.slice(1) : command.because;
	};
	assert.deepEqual(of('deploy', 'contract'), ['--env', 'staging', '--sha', sha, '--run', 'run-1']);
	assert.deepEqual(of('rollback', 'contract'), ['--env', 'staging', '--to', call.release, '--run', 'run-1']);
	assert.deepEqual(of('rollback', 'contract', {insists: true}), [
		'--env',
		'staging',
		'--to',
		call.release,
		'--force',
		'--run',
		'run-1',
	]);
	assert.deepEqual(of('rollback', 'contract', {release: null, sha: null}), ['--env', 'staging', '--run', 'run-1']);
	assert.deepEqual(of('deploy', 'plain'), ['staging', sha]);
	assert.deepEqual(of('rollback', 'plain', {sha: null}), ['staging', call.release]);
	assert.deepEqual(
		of('deploy', 'plain', {}, ['--target={env}', '{sha}', '{release}', '{other}', '{{env}}', '$HOME']),
		['--target=staging', sha, call.release, '{other}', '{staging}', '$HOME'],
	);
	// An empty argument would mean something else to the script.
	assert.match(of('rollback', 'plain', {sha: null}, ['{sha}']) as string, /\{sha\}, which is not known/);
	assert.match(
		of('rollback', 'plain', {release: null, sha: null}) as string,
		/nothing that the script could be called with/,
	);
	assert.match(of('deploy', 'contract', {sha: null}) as string, /nothing/);
});

test('what is filled in stays one argument, whatever it holds, and is never filled in again', () => {
	fc.assert(
		fc.property(
			fc.string(),
			fc.constantFrom('{sha}', '{env}', '$(x)', '; rm -rf /', '$&', '\'"\n'),
			(environment, nasty) => {
				const command = commandOf(
					'deploy',
					{kind: 'plain', path: '/s'},
					{arguments: ['{env}', 'a{release}b']},
					{...call, environment, release: nasty},
				);
				assert.deepEqual(command, {ok: true, command: ['/s', environment, `a${nasty}b`]});
			},
		),
	);
});

const line = (rest: string) => `deployctl/1 2026-11-24T00:00:00Z +0.100 ${rest}\n`;

test('a list of releases, as the contract says', () => {
	const answer = releasesIn(
		`warming up\n${line('begin list')}${line('note release id=20261124000003-ccccccc sha=ccccccc live=yes complete=yes healthy=unknown bad=yes candidate=no migration=incompatible deployed=- -- health failed')}${line(`note release id=20261124000002-bbbbbbb sha=${'b'.repeat(40)} live=no complete=yes healthy=yes bad=no candidate=yes default=yes migration=none deployed=2026-11-23T10:00:00Z hosts=3/3`)}${line('note release id=20261124000001-aaaaaaa sha=zzz live=maybe complete=yes hosts=2/3 colour=green')}${line('note release sha=nobody')}${line('note disk free=1')}${line('end list exit=0')}`,
	);
	assert.ok(answer.ok);
	assert.deepEqual(answer.releases, [
		{
			id: '20261124000003-ccccccc',
			sha: 'ccccccc',
			isLive: true,
			isPresent: true,
			wasHealthy: 'unknown',
			isBad: true,
			badBecause: 'health failed',
			migration: 'incompatible',
			deployedAt: null,
			lastLiveAt: null,
			hosts: null,
			scriptSays: {isCandidate: false, isDefault: false, because: 'health failed'},
		},
		{
			id: '20261124000002-bbbbbbb',
			sha: 'b'.repeat(40),
			isLive: false,
			isPresent: true,
			wasHealthy: true,
			isBad: false,
			badBecause: null,
			migration: 'none',
			deployedAt: Date.parse('2026-11-23T10:00:00Z'),
			lastLiveAt: null,
			hosts: {have: 3, of: 3},
			scriptSays: {isCandidate: true, isDefault: true, because: null},
		},
		{
			id: '20261124000001-aaaaaaa',
			sha: null,
			isLive: 'unknown',
			isPresent: false,
			wasHealthy: 'unknown',
			isBad: false,
			badBecause: null,
			migration: 'unknown',
			deployedAt: null,
			lastLiveAt: null,
			hosts: {have: 2, of: 3},
		},
	]);
});

test('half a list, a failed one, or one in another version is no list', () => {
	const because = (output: string) => {
		const answer = releasesIn(output);
		return answer.ok ? 'ok' : answer.because;
	};
	assert.match(because(line('note release id=a')), /has no end/);
	assert.match(because(''), /has no end/);
	assert.match(because(line('end list exit=10 cause=config')), /could not be read: config/);
	assert.match(
		because(`deployctl/2 ${line('end list exit=0').slice(12)}${line('end list exit=0')}`),
		/uses the protocol deployctl\/2/,
	);
	fc.assert(
		fc.property(fc.string(), text => {
			releasesIn(`${text}\n${line(`note release ${text}`)}`);
		}),
	);
});

const ask = (script: string, directory: string, more: {timeoutMs?: number; signal?: AbortSignal} = {}) =>
	listReleases(script, 'staging', {
		directory,
		env: {PATH: process.env['PATH']},
		clock: realClock,
		timeoutMs: patienceMs,
		...more,
	});
const sh = (body: string) =>
	`#!/bin/sh\n${contractLine}\nsay() { printf 'deployctl/1 2026-11-24T00:00:00Z +0.100 %s\\n' "$*"; }\n${body}\n`;

test('a script is asked with exactly these arguments, in the checkout, with nothing to read', async t => {
	const {directory, write} = place(t);
	const script = write(
		'scripts/rollback.sh',
		sh('cat > stdin; echo "$@" > arguments; pwd > where; say note release id=a sha=aaaaaaa; say end list exit=0'),
	);
	const answer = await ask(script, directory);
	assert.deepEqual(answer.ok && answer.releases.map(({id}) => id), ['a']);
	assert.deepEqual(
		['arguments', 'where', 'stdin'].map(name => readFileSync(join(directory, name), 'utf8')),
		['--list --env staging\n', `${directory}\n`, ''],
	);
});

test('a list that fails, floods, or contradicts its own exit code is said, never half believed', async t => {
	const {directory, write} = place(t);
	const because = async (body: string) => {
		const answer = await ask(write('scripts/rollback.sh', sh(body)), directory);
		return answer.ok ? 'ok' : answer.because;
	};
	assert.match(
		await because('say end list exit=10 cause=config; printf "no\\033[31m hosts\\n" >&2; exit 10'),
		/config: no hosts$/,
	);
	assert.match(await because('say note release id=a; say end list exit=0; exit 3'), /ended with 3/);
	assert.match(await because('kill -9 $$'), /has no end/);
	assert.match(await because('yes | head -c 20000000; say end list exit=0'), /longer than 4 MB/);
	const missing = await ask(join(directory, 'scripts/none.sh'), directory);
	assert.match(missing.ok ? '' : missing.because, /could not be asked for/);
});

test('a list that hangs is ended with everything that it started; one whose child keeps the streams open is not waited for', async t => {
	const {directory, write} = place(t);
	const hanging = write('scripts/hang.sh', sh('sleep 600 & echo $! > child; wait'));
	const asking = ask(hanging, directory, {timeoutMs: patient(2000)});
	await until(
		'its child runs',
		() => existsSync(join(directory, 'child')) && readFileSync(join(directory, 'child'), 'utf8') !== '',
	);
	const child = Number(readFileSync(join(directory, 'child'), 'utf8'));
	const answer = await asking;
	assert.match(answer.ok ? '' : answer.because, /took longer than [\d.]+ s/);
	await until('nothing of it runs', () => processEntry(child) === null);

	const leaving = write(
		'scripts/leave.sh',
		sh('sleep 600 & echo $! > left; say note release id=a; say end list exit=0'),
	);
	const left = await ask(leaving, directory);
	process.kill(Number(readFileSync(join(directory, 'left'), 'utf8')), 'SIGKILL');
	assert.equal(left.ok, true);

	const abort = new AbortController();
	const waiting = ask(hanging, directory, {signal: abort.signal});
	abort.abort();
	assert.equal((await waiting).ok, false);
});

test('lists are remembered: the script is asked once for two, what it said stays when it fails, and a read-only start runs nothing', async t => {
	const {root, directory, write} = place(t);
	write(
		'scripts/rollback.sh',
		sh(
			'echo x >> asked; [ -e broken ] && exit 1; say note release id=a sha=aaaaaaa complete=yes; say end list exit=0',
		),
	);
	const paths = statePaths(join(root, 'state'), 'github.com', 'acme/app');
	const environment = environmentDefaults('staging');
	const options = {
		paths,
		directory,
		settings: defaultSettings,
		env: {PATH: process.env['PATH']},
		clock: realClock,
		trust: null,
		readOnly: false,
	};
	const listings = createListings(options);
	const asked = () =>
		existsSync(join(directory, 'asked'))
			? readFileSync(join(directory, 'asked'), 'utf8').trim().split('\n').length
			: 0;
	assert.deepEqual([listings.remembered(environment), asked()], [null, 0], 'looking asks nobody');
	assert.deepEqual(await createListings({...options, readOnly: true}).list(environment, 0), {
		releases: null,
		readAt: null,
		trouble: 'a read-only start runs no script',
	});
	const [one, two] = await Promise.all([listings.list(environment, 0), listings.list(environment, 0)]);
	assert.deepEqual([one.releases?.length, two.releases?.length, asked()], [1, 1, 1]);
	assert.equal((await listings.list(environment, one.readAt!)).trouble, null);
	assert.equal(asked(), 1, 'young enough');
	writeFileSync(join(directory, 'broken'), '');
	const old = await listings.list(environment, Infinity);
	assert.deepEqual([old.releases?.length, old.readAt, asked()], [1, one.readAt, 2]);
	assert.match(old.trouble ?? '', /has no end/);
	assert.equal(createListings({...options, readOnly: true}).remembered(environment)?.releases?.length, 1);
	for (const text of ['', '{', '{"releases": [{}], "readAt": 1}', '{"releases": 7, "readAt": 1}', '[]']) {
		writeFileSync(join(paths.releases, 'staging.json'), text);
		assert.equal(listings.remembered(environment), null, text);
	}
});

test('a plain script is never run to find out: not for its kind, not for its releases', async t => {
	const {root, directory, write} = place(t);
	write('scripts/rollback.sh', '#!/bin/sh\ntouch ran\n');
	const listings = createListings({
		paths: statePaths(join(root, 'state'), 'github.com', 'acme/app'),
		directory,
		settings: defaultSettings,
		env: {PATH: process.env['PATH']},
		clock: realClock,
		trust: null,
		readOnly: false,
	});
	assert.deepEqual(await listings.list(environmentDefaults('staging'), Infinity), {
		releases: null,
		readAt: null,
		trouble: null,
	});
	assert.equal(existsSync(join(directory, 'ran')), false);
});
