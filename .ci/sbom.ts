/** Prints what reaches a user of the published package, as CycloneDX 1.6 JSON: the packages that are in the bundle, and nothing that only builds it. */
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {bundle, root} from './bundle.ts';

type Manifest = {name: string; version: string; license?: string; description?: string};
type Lock = {packages: Readonly<Record<string, {resolved?: string; integrity?: string}>>};
const read = <Content>(path: string) => JSON.parse(readFileSync(new URL(path, root), 'utf8')) as Content;

/** The folder of the package that a file belongs to; null: it is ours, or made by the build. */
const folderOf = (file: string): string | null =>
	/^(?:[\w-]+:)?(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? null;

const purl = (name: string, version: string) => `pkg:npm/${name.replace('@', '%40')}@${version}`;

const component = (folder: string, {packages}: Lock) => {
	const {name, version, license, description} = read<Manifest>(`${folder}/package.json`);
	const {resolved, integrity} = packages[folder] ?? {};
	if (license === undefined || resolved === undefined || integrity?.startsWith('sha512-') !== true)
		throw new Error(`${folder} has no licence, address or digest`);
	return {
		type: 'library',
		'bom-ref': purl(name, version),
		name,
		version,
		...(description !== undefined && {description}),
		hashes: [{alg: 'SHA-512', content: Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex')}],
		licenses: [/ (?:OR|AND) /.test(license) ? {expression: license} : {license: {id: license}}],
		purl: purl(name, version),
		externalReferences: [{type: 'distribution', url: resolved}],
	};
};

/** The same for the same lock file: no time and no serial number, so that two can be compared. Throws when a package has no licence. */
export const sbom = async () => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-sbom-'));
	try {
		const {inputs} = await bundle({outdir: pathToFileURL(`${folder}/`)});
		const lock = read<Lock>('package-lock.json');
		const own = read<Manifest>('package.json');
		const all = [...new Set(inputs.map(folderOf))]
			.filter(found => found !== null)
			.toSorted()
			.map(found => component(found, lock));
		// One that lies in several folders in the same version is one.
		const components = [...new Map(all.map(each => [each['bom-ref'], each])).values()];
		const ref = purl(own.name, own.version);
		return {
			bomFormat: 'CycloneDX',
			specVersion: '1.6',
			version: 1,
			metadata: {
				component: {
					type: 'application',
					'bom-ref': ref,
					name: own.name,
					version: own.version,
					licenses: [{license: {id: own.license}}],
					purl: ref,
				},
			},
			components,
			dependencies: [{ref, dependsOn: components.map(each => each['bom-ref'])}],
		};
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
};

if (import.meta.main) console.log(JSON.stringify(await sbom(), undefined, 2));
