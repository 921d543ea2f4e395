/** What is installed for development, on any platform, is what was locked. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

type Locked = {
	version?: string;
	resolved?: string;
	integrity?: string;
	link?: boolean;
	name?: string;
	hasInstallScript?: boolean;
};
const read = (file: string) =>
	JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')) as {packages: Record<string, Locked>};
const packages = Object.entries(read('package-lock.json').packages).filter(
	([path, {link}]) => path.includes('node_modules/') && link !== true,
);

test('every package of the lock file, of every platform, has its address and its digest', () => {
	assert.ok(packages.length > 200);
	for (const [path, {name = path.split('node_modules/').at(-1)!, version, resolved, integrity}] of packages) {
		assert.equal(resolved, `https://registry.npmjs.org/${name}/-/${name.split('/').at(-1)}-${version}.tgz`, path);
		assert.match(integrity ?? '', /^sha512-[A-Za-z\d+/]{86}==$/, path);
	}
});

test('one package runs something when it is installed', () => {
	assert.deepEqual(
		packages.filter(([, {hasInstallScript}]) => hasInstallScript === true).map(([path]) => path),
		['node_modules/esbuild'],
	);
});

test('npm keeps the addresses, whatever the machine is set to', () => {
	assert.match(
		readFileSync(new URL('../.npmrc', import.meta.url), 'utf8'),
		/^omit-lockfile-registry-resolved=false$/m,
	);
});
