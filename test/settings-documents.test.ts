import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {parseDocument} from 'yaml';
import {defaultSettings, environmentDefaults} from '../source/core/settings/settings.ts';
import {documentedKeys, keysMarkdown, schemaDocument} from '../source/settings/schema/documents.ts';
import {settingSeconds} from '../source/settings/schema/durations.ts';
import {parseSettings} from '../source/settings/parse/parse.ts';

const pathOf = (name: string) => fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
const read = (name: string) => readFileSync(pathOf(name), 'utf8');

const withSection = (page: string, name: string, content: string) => {
	const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
	const start = page.indexOf(begin) + begin.length;
	assert.ok(page.includes(begin) && page.indexOf(end) >= start, `docs/configuration.md has no section ${name}`);
	return `${page.slice(0, start)}\n${content}\n${page.slice(page.indexOf(end))}`;
};

const expectedPage = () => {
	const example = `\`\`\`yaml\n${read('deployctl.example.yml')}\`\`\``;
	return withSection(withSection(read('configuration.md'), 'keys', keysMarkdown()), 'example', example);
};

// `UPDATE_DOCS=1 npm test` writes what the tests below compare.
if (process.env['UPDATE_DOCS'] === '1') {
	writeFileSync(pathOf('deployctl.schema.json'), schemaDocument());
	writeFileSync(pathOf('configuration.md'), expectedPage());
}

test('the published JSON Schema is the one that validates', () => {
	assert.equal(read('deployctl.schema.json'), schemaDocument(), 'stale: run UPDATE_DOCS=1 npm test');
});

test('the documentation shows every key and the example', () => {
	assert.equal(read('configuration.md'), expectedPage(), 'stale: run UPDATE_DOCS=1 npm test');
	for (const {path, description} of documentedKeys()) {
		assert.notEqual(description, '', path);
		assert.ok(read('configuration.md').includes(`\`${path}\``), path);
	}
});

test('the example holds every key', () => {
	const example = parseDocument(read('deployctl.example.yml'));
	for (const {path} of documentedKeys()) {
		// Not every tier needs `jobs`: the example has it once.
		// Not every script needs a mapping, and a webhook has one of two keys.
		// Sign-offs have one form, whoever asks for them.
		const shown = path
			.replace(/^promotion\.hotfix\.signOffs\[\]/, 'promotion.signOffs[]')
			.replace(/^tiers\.\w+\.(jobs|maySkip|notWork)$/, 'tiers.e2e.$1')
			.replace('.rollback.', '.deploy.')
			.replace(/webhook\.url$/, 'webhook.urlFrom')
			.replaceAll('NAME', 'staging')
			.replaceAll('[]', '.0');
		assert.ok(example.hasIn(shown.split('.').map(step => (step === '0' ? 0 : step))), path);
	}
});

test('the example is valid, and says what the defaults are', async () => {
	const parsed = await parseSettings(read('deployctl.example.yml'), 'deployctl.example.yml');
	assert.ok(parsed.ok);
	const {settings} = parsed;
	assert.equal(settings.repository, 'acme/auto-author');
	assert.deepEqual(settings.branches, defaultSettings.branches);
	assert.deepEqual({...settings.tiers, e2e: {...settings.tiers.e2e, jobs: null}}, defaultSettings.tiers);
	assert.equal(settings.tiers.e2e.jobs, 'e2e*');
	const [staging, production] = settings.environments;
	assert.deepEqual(production, {
		...environmentDefaults('production'),
		url: 'https://example.org',
		health: ['https://one.example.org/health', 'https://two.example.org/health'],
		version: ['https://one.example.org/version', 'https://two.example.org/version'],
	});
	assert.deepEqual(
		{...staging?.deploy, arguments: null},
		{...environmentDefaults('staging').deploy, env: ['GITHUB_PAT']},
	);
	assert.deepEqual(staging?.deploy.arguments, ['{env}', '{sha}']);
	assert.deepEqual([settings.readOnly, settings.allowChangedScripts, staging?.isProtected], [false, false, false]);
	assert.deepEqual(settings.notifications, {webhook: {urlFrom: 'DEPLOYCTL_WEBHOOK'}});
	assert.deepEqual(settings.promotion, {
		...defaultSettings.promotion,
		by: ['mira-okafor', 'jonas-lindqvist'],
		breakGlass: {by: ['mira-okafor']},
		signOffs: [
			{name: 'qa', by: ['mira-okafor', 'lena-fischer']},
			{name: 'stakeholder', by: []},
		],
		hotfix: {prefix: 'hotfix/', signOffs: [{name: 'review', by: []}]},
		freeze: [{from: '2026-12-24T12:00', until: '2027-01-02T08:00', timezone: 'Europe/Berlin', reason: 'holidays'}],
	});
});

test('the defaults that the schema publishes are those of the program', () => {
	const byPath = new Map(documentedKeys().map(({path, schema}) => [path, schema.default]));
	for (const [name, tier] of Object.entries(defaultSettings.tiers)) {
		assert.equal(byPath.get(`tiers.${name}.workflow`), tier.workflow);
		assert.equal(settingSeconds(String(byPath.get(`tiers.${name}.budget`))), tier.budgetSeconds);
		assert.equal(settingSeconds(String(byPath.get(`tiers.${name}.alertAfter`))), tier.alertAfterSeconds);
	}

	for (const environment of defaultSettings.environments) {
		for (const script of ['deploy', 'rollback'] as const) {
			const at = (key: string) => byPath.get(`environments.NAME.${script}${key}`);
			const {path, timeoutSeconds, graceSeconds} = environment[script];
			assert.deepEqual(
				[at(''), at('.script'), settingSeconds(String(at('.timeout'))), settingSeconds(String(at('.grace')))],
				[path, path, timeoutSeconds, graceSeconds],
			);
		}
		assert.deepEqual(environment.version, byPath.get('environments.NAME.version'));
		assert.ok(
			environment.isProtected === byPath.get('environments.NAME.protected') || environment.name === 'production',
		);
		assert.deepEqual(environment.health, byPath.get('environments.NAME.health'));
	}

	const {promotion} = defaultSettings;
	const published = (key: string) => byPath.get(`promotion.${key}`);
	for (const key of [
		'strategy',
		'workflow',
		'signOffs',
		'differentPeople',
		'freeze',
		'stagingReport',
		'mergeMethod',
		'configuration',
	] as const)
		assert.deepEqual(published(key), promotion[key], key);
	for (const key of ['evidenceMaxAge', 'soak', 'timeout'] as const)
		assert.equal(settingSeconds(String(published(key))), promotion[`${key}Seconds`], key);
	assert.deepEqual(
		[published('hotfix.branches'), published('hotfix.signOffs')],
		[`${promotion.hotfix.prefix}*`, promotion.hotfix.signOffs.map(({name}) => name)],
	);
	assert.equal(byPath.get('readOnly'), defaultSettings.readOnly);
	assert.equal(byPath.get('allowChangedScripts'), defaultSettings.allowChangedScripts);
});
