import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {sbom} from '../.ci/sbom.ts';

test('the list of what reaches the user has every package in the bundle, with version, licence and digest, and none besides', async () => {
	const {metadata, components, dependencies, ...head} = await sbom();
	const own = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {version: string};
	assert.deepEqual(head, {bomFormat: 'CycloneDX', specVersion: '1.6', version: 1});
	assert.equal(metadata.component.version, own.version);
	const names = components.map(({name}) => name);
	for (const name of ['ink', 'react', 'yaml', 'string-width']) assert.ok(names.includes(name), name);
	// They build and test, and are not shipped.
	for (const name of ['esbuild', 'typescript', 'oxlint', '@playwright/test', 'fast-check'])
		assert.ok(!names.includes(name), name);
	assert.equal(new Set(components.map(each => each['bom-ref'])).size, components.length);
	for (const {name, version, hashes, licenses, purl, externalReferences} of components) {
		assert.match(hashes[0]!.content, /^[0-9a-f]{128}$/, name);
		assert.equal(licenses.length, 1, name);
		assert.ok(
			purl.endsWith(`@${version}`) && externalReferences[0]!.url.startsWith('https://registry.npmjs.org/'),
			name,
		);
	}
	assert.deepEqual(
		dependencies[0]!.dependsOn,
		components.map(each => each['bom-ref']),
	);
});
