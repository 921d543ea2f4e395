/** What Node.js has compiled is run again: the folder for it is ours alone, whatever the umask is, or there is none. */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {
	chmodSync,
	chownSync,
	lchownSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	realpathSync,
	rmSync,
	statSync,
	symlinkSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {launcher} from './helpers/program.ts';

const home = (t: TestContext): string => {
	const made = realpathSync(mkdtempSync(join(tmpdir(), 'compiled-')));
	t.after(() => rmSync(made, {recursive: true, force: true}));
	return made;
};
/** Runs it once; whether it kept anything compiled. */
const keeps = (cache: string, umask = '022'): boolean => {
	const ended = spawnSync(
		'/bin/sh',
		['-c', `umask ${umask}; exec "$@"`, 'sh', process.execPath, launcher, 'completion', 'bash'],
		{encoding: 'utf8', env: {PATH: process.env['PATH'], HOME: cache, XDG_CACHE_HOME: cache}},
	);
	assert.deepEqual([ended.status, ended.stderr], [0, ''], 'without a cache nothing else is missing');
	try {
		return readdirSync(join(cache, 'deployctl/compiled'), {recursive: true}).length > 1;
	} catch {
		return false;
	}
};

test('the folder is made for the user alone, whatever the umask is, and used', t => {
	for (const umask of ['000', '002', '077']) {
		const cache = join(home(t), 'not/yet');
		assert.equal(keeps(cache, umask), true, umask);
		for (const folder of ['', '..', 'deployctl', 'deployctl/compiled'])
			assert.equal(statSync(join(cache, folder)).mode & 0o777, 0o700, `${folder} under ${umask}`);
	}
});

test('a folder that others may write to, or that lies where they may put another, is not used', t => {
	for (const [open, mode] of [
		['deployctl/compiled', 0o777],
		['deployctl/compiled', 0o770],
		['deployctl/compiled', 0o702],
		['deployctl', 0o777],
		['deployctl', 0o775],
		['', 0o777],
		['', 0o770],
	] as const) {
		const cache = home(t);
		mkdirSync(join(cache, 'deployctl/compiled'), {recursive: true, mode: 0o700});
		chmodSync(join(cache, open), mode);
		assert.equal(keeps(cache), false, `${open} ${mode.toString(8)}`);
		chmodSync(join(cache, open), 0o755);
		assert.equal(keeps(cache), true, 'the control: others may read it');
	}
	const sticky = home(t);
	chmodSync(sticky, 0o1777);
	assert.equal(keeps(sticky), true, 'as /tmp: nobody else moves what is ours there');
});

test(
	'a folder of another user, and a link that another has put, are not used',
	{skip: process.geteuid?.() === 0 ? false : 'only root can give files to another user'},
	t => {
		for (const foreign of ['deployctl/compiled', 'deployctl', '']) {
			const cache = home(t);
			mkdirSync(join(cache, 'deployctl/compiled'), {recursive: true, mode: 0o700});
			chownSync(join(cache, foreign), 65_534, 65_534);
			assert.equal(keeps(cache), false, foreign);
		}
		const [cache, elsewhere] = [home(t), home(t)];
		mkdirSync(join(elsewhere, 'compiled'), {mode: 0o700});
		symlinkSync(elsewhere, join(cache, 'deployctl'));
		assert.equal(keeps(cache), true, 'the control: a link of our own');
		rmSync(join(elsewhere, 'compiled'), {recursive: true});
		mkdirSync(join(elsewhere, 'compiled'), {mode: 0o700});
		lchownSync(join(cache, 'deployctl'), 65_534, 65_534);
		assert.equal(keeps(cache), false, "another's link");
		const direct = home(t);
		mkdirSync(join(direct, 'deployctl'), {mode: 0o700});
		symlinkSync(elsewhere, join(direct, 'deployctl/compiled'));
		assert.equal(keeps(direct), false, 'the folder itself is none');
	},
);
