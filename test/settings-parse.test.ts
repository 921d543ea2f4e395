import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {defaultSettings, environmentDefaults} from '../source/core/settings/settings.ts';
import {durationSeconds, durationText} from '../source/core/text/duration.ts';
import {parseSettings} from '../source/settings/parse/parse.ts';
import {problemText} from '../source/settings/parse/problem.ts';
import {runs} from './helpers/fuzz.ts';

const problemsOf = async (text: string) => {
	const parsed = await parseSettings(text, 'deployctl.yml');
	return parsed.ok ? [] : parsed.problems.map(problem => problemText(problem));
};

const settingsOf = async (text: string) => {
	const parsed = await parseSettings(text, 'deployctl.yml');
	assert.ok(parsed.ok, parsed.ok ? '' : parsed.problems.map(problem => problemText(problem)).join('\n'));
	return parsed.settings;
};

const scriptPath = 'Expected the path of a script inside the repository such as scripts/deploy.sh, without arguments';
const rejected: ReadonlyArray<readonly [name: string, text: string, problems: readonly string[]]> = [
	['a misspelt key', 'tiers:\n  e2e: {budgt: 5m}\n', ['2:9: tiers.e2e.budgt is not a key. Did you mean "budget"?']],
	[
		'a key in another spelling',
		'promotion:\n  sign_offs: [qa]\n',
		['2:3: promotion.sign_offs is not a key. Did you mean "signOffs"?'],
	],
	[
		'a key in the wrong place',
		'freeze: []\n',
		[
			'1:1: freeze is not a key. It belongs to "promotion". Expected repository, branches, tiers, environments, promotion, notifications, readOnly, allowChangedScripts.',
		],
	],
	['an unknown tier', 'tiers: {unit: {}}\n', ['1:9: tiers.unit is not a key. Expected fast, deploy, e2e, smoke.']],
	[
		'a duration without unit',
		'tiers: {fast: {budget: 5, alertAfter: 7 min}}\n',
		[
			'1:24: tiers.fast.budget is the number 5. Expected a duration such as 5m, 90s or 1h30m.',
			'1:39: tiers.fast.alertAfter is "7 min". Expected a duration such as 5m, 90s or 1h30m.',
		],
	],
	[
		'a zero duration',
		'tiers: {fast: {budget: 0s}}\n',
		['1:24: tiers.fast.budget is zero. Expected a duration such as 5m, 90s or 1h30m.'],
	],
	[
		'an alert before the budget',
		'tiers: {fast: {budget: 5m, alertAfter: 4m59s}}\n',
		['1:40: tiers.fast.alertAfter is 4m59s, shorter than the budget (5m). Expected at least 5m.'],
	],
	[
		'a budget above the default alert',
		'tiers: {fast: {budget: 10m}}\n',
		[
			'1:24: tiers.fast.budget is 10m, longer than alertAfter (by default 7m). Expected alertAfter with it, at least 10m.',
		],
	],
	[
		'a workflow with its folder',
		'tiers: {fast: {workflow: .github/workflows/a.yml}}\n',
		[
			'1:26: tiers.fast.workflow is ".github/workflows/a.yml". Expected the file name of a workflow under .github/workflows/, such as test-suite.yml, without its folder.',
		],
	],
	[
		'two tiers in one workflow',
		'tiers:\n  fast: {workflow: ci.yml, jobs: "unit*"}\n  e2e: {workflow: ci.yml}\n',
		[
			'3:19: tiers.e2e.workflow is also the workflow of another tier: fast and e2e both use "ci.yml". Expected "jobs" in both, to tell which jobs belong to which tier; e2e has none.',
		],
	],
	[
		'two tiers with the same jobs',
		'tiers:\n  fast: {workflow: ci.yml, jobs: "*"}\n  e2e: {workflow: ci.yml, jobs: "*"}\n',
		['3:33: tiers.e2e.jobs is the same as that of fast, in the same workflow. Expected a pattern of its own.'],
	],
	[
		'a repository address',
		'repository: https://github.com/acme/app\n',
		['1:13: repository is "https://github.com/acme/app". Expected OWNER/NAME such as acme/auto-author.'],
	],
	[
		'a number as branch',
		'branches: {staging: 1.0}\n',
		['1:21: branches.staging is the number 1. Expected text: put it in quotes.'],
	],
	[
		'a branch like a flag',
		'branches: {staging: --force}\n',
		['1:21: branches.staging is "--force". Expected the name of a branch such as develop or release/next.'],
	],
	[
		'one branch for both',
		'branches: {staging: main}\n',
		[
			'1:21: branches.staging is "main", like the other branch. Expected two branches, as promotion.strategy is fast-forward.',
		],
	],
	[
		'an unknown strategy',
		'promotion: {strategy: fastforward}\n',
		[
			'1:23: promotion.strategy is "fastforward". Expected fast-forward, pull-request, merge-queue, workflow, script. Did you mean "fast-forward"?',
		],
	],
	[
		'a list where a mapping belongs',
		'tiers: [fast]\n',
		['1:8: tiers is a list. Expected a mapping: indented lines of "key: value".'],
	],
	[
		'a text where a list belongs',
		'environments:\n  staging:\n    health: https://a.example/h\n',
		[
			'3:13: environments.staging.health is "https://a.example/h". Expected a list: [one, two], or lines that begin with "- ".',
		],
	],
	[
		'a key without value',
		'branches:\n',
		['1:10: branches is empty. Expected a mapping: indented lines of "key: value".'],
	],
	[
		'another protocol',
		'environments: {staging: {url: "ftp://a.example"}}\n',
		[
			'1:31: environments.staging.url is "ftp://a.example". Expected an address that begins with https:// or http://.',
		],
	],
	[
		'an address that is none',
		'environments: {staging: {url: "https://a:b:c/"}}\n',
		['1:31: environments.staging.url is "https://a:b:c/". Expected an address such as https://example.org/health.'],
	],
	[
		'a secret in an address',
		'environments: {staging: {health: ["https://me:pw@a.example/h"]}}\n',
		[
			'1:35: environments.staging.health[0] holds a user name or password. Expected an address without: this file is no place for secrets.',
		],
	],
	[
		'the same address twice',
		'environments: {staging: {health: ["https://a.example", "https://a.example"]}}\n',
		['1:56: environments.staging.health names "https://a.example" twice.'],
	],
	[
		'a script outside',
		'environments: {staging: {deploy: ../evil.sh, rollback: /bin/sh}}\n',
		[
			'1:34: environments.staging.deploy is "../evil.sh". Expected the path of a script inside the repository such as scripts/deploy.sh, without arguments; a mapping with "script" and "arguments" has them.',
			'1:56: environments.staging.rollback is "/bin/sh". Expected the path of a script inside the repository such as scripts/deploy.sh, without arguments; a mapping with "script" and "arguments" has them.',
		],
	],
	[
		'a script in a mapping',
		'environments: {staging: {deploy: {script: /bin/sh, argumens: [a]}, rollback: 7}}\n',
		[
			`1:43: environments.staging.deploy.script is "/bin/sh". ${scriptPath}.`,
			'1:52: environments.staging.deploy.argumens is not a key. Did you mean "arguments"?',
			'1:78: environments.staging.rollback is the number 7. Expected text: put it in quotes.',
		],
	],
	[
		'an unknown placeholder',
		'environments: {staging: {rollback: {arguments: ["{env}", "--to={relase}", "{host}"]}}}\n',
		[
			'1:58: environments.staging.rollback.arguments[1] has the placeholder {relase}. Expected {env}, {sha}, {release}. Did you mean "{release}"?',
			'1:75: environments.staging.rollback.arguments[2] has the placeholder {host}. Expected {env}, {sha}, {release}.',
		],
	],
	[
		'jobs that may be skipped, as no patterns',
		'tiers: {fast: {maySkip: 3}, e2e: {maySkip: [docs, ""]}}\n',
		[
			'1:25: tiers.fast.maySkip is the number 3. Expected text: put it in quotes.',
			'1:51: tiers.e2e.maySkip[1] is "". Expected a pattern over job names such as notify*.',
		],
	],
	[
		'every job may be skipped',
		'tiers: {fast: {maySkip: "*"}, e2e: {jobs: "e2e*", maySkip: [docs, "e2e*"]}, smoke: {maySkip: ["?*", "docs?"]}}\npromotion: {maySkip: "**"}\n',
		[
			'1:25: tiers.fast.maySkip fits every job: each of them could be missing from a green run. Expected a pattern of the jobs that may be skipped, such as notify*.',
			'1:67: tiers.e2e.maySkip[1] is the same as jobs: each of them could be missing from a green run. Expected a pattern of the jobs that may be skipped, such as notify*.',
			'1:95: tiers.smoke.maySkip[0] fits every job: each of them could be missing from a green run. Expected a pattern of the jobs that may be skipped, such as notify*.',
			'2:22: promotion.maySkip fits every job: each of them could be missing from a green run. Expected a pattern of the jobs that may be skipped, such as notify*.',
		],
	],
	[
		'a placeholder without quotes',
		'environments: {staging: {deploy: {arguments: [{env}]}}}\n',
		[
			'1:47: environments.staging.deploy.arguments[0] is a mapping. Expected one argument as text; in quotes where it holds braces: "{env}".',
		],
	],
	[
		'a timeout that is none',
		'environments: {staging: {deploy: {timeout: 0m, grace: soon}}}\n',
		[
			'1:44: environments.staging.deploy.timeout is zero. Expected a duration such as 5m, 90s or 1h30m.',
			'1:55: environments.staging.deploy.grace is "soon". Expected a duration such as 5m, 90s or 1h30m.',
		],
	],
	[
		'versions that are no addresses',
		'environments: {staging: {version: 1.2}, production: {version: ["https://a.example", b]}}\n',
		[
			'1:35: environments.staging.version is the number 1.2. Expected an address that begins with https:// or http://, or a list of them.',
			'1:85: environments.production.version[1] is "b". Expected an address that begins with https:// or http://.',
		],
	],
	[
		'production without protection',
		'environments: {production: {protected: false}}\n',
		[
			'1:40: environments.production.protected is false, but production is always protected. Expected true, or no such key.',
		],
	],
	[
		'a word for true',
		'readOnly: yes\nallowChangedScripts: "true"\n',
		[
			'1:11: readOnly is "yes". Expected true or false.',
			'2:22: allowChangedScripts is "true". Expected true or false.',
		],
	],
	[
		'another channel',
		'notifications: {webook: {}}\n',
		['1:17: notifications.webook is not a key. Did you mean "webhook"?'],
	],
	[
		'a webhook without address',
		'notifications: {webhook: {}}\n',
		['1:26: notifications.webhook is a mapping. Expected either "url" or "urlFrom".'],
	],
	[
		'a webhook with two addresses',
		'notifications: {webhook: {url: "https://a.example/x", urlFrom: A}}\n',
		['1:26: notifications.webhook is a mapping. Expected either "url" or "urlFrom".'],
	],
	[
		'a webhook over http, without showing it',
		'notifications: {webhook: {url: "http://a.example/SECRET"}}\n',
		['1:32: notifications.webhook.url is another text. Expected an address that begins with https://.'],
	],
	[
		'a webhook that is not a URL, without showing it',
		'notifications: {webhook: {url: "https://a:b:c/SECRET"}}\n',
		['1:32: notifications.webhook.url is not a URL. Expected an address such as https://example.org/health.'],
	],
	[
		'a variable that is none',
		'notifications: {webhook: {urlFrom: $HOOK}}\n',
		[
			'1:36: notifications.webhook.urlFrom is "$HOOK". Expected the name of an environment variable such as DEPLOYCTL_WEBHOOK.',
		],
	],
	[
		'a name of an environment',
		'environments: {"../x": {}}\n',
		[
			'1:16: environments.../x is not the name of an environment. Expected a name of lower-case letters, digits and hyphens such as staging or eu-production.',
		],
	],
	[
		'a near miss of production',
		'environments: {prodution: {}}\n',
		[
			'1:16: environments.prodution resembles "production", which is not there. Did you mean "production"? If both are meant, write both.',
		],
	],
	[
		'a freeze without timezone',
		'promotion: {freeze: [{from: 2026-12-24T12:00, until: 2027-01-02T08:00}]}\n',
		[
			'1:22: promotion.freeze[0] has no key "timezone". Expected the name of a timezone such as Europe/Berlin or UTC.',
		],
	],
	[
		'a freeze that ends first',
		'promotion: {freeze: [{from: 2026-12-24T12:00, until: 2026-12-24T12:00:00, timezone: UTC}]}\n',
		[
			'1:54: promotion.freeze[0].until is "2026-12-24T12:00:00", not after from ("2026-12-24T12:00"). Expected a later time.',
		],
	],
	[
		'a day that is none',
		'promotion: {freeze: [{from: 2026-02-30T12:00, until: 2026-12-24T25:00, timezone: UTC}]}\n',
		[
			'1:29: promotion.freeze[0].from is "2026-02-30T12:00", which is not in the calendar. Expected a local time such as 2026-12-24T12:00.',
			'1:54: promotion.freeze[0].until is "2026-12-24T25:00", which is not in the calendar. Expected a local time such as 2026-12-24T12:00.',
		],
	],
	[
		'an offset in a local time',
		'promotion: {freeze: [{from: "2026-12-24T12:00Z", until: 2027-01-02T08:00, timezone: UTC}]}\n',
		[
			'1:29: promotion.freeze[0].from is "2026-12-24T12:00Z". Expected a local time such as 2026-12-24T12:00; the timezone has its own key.',
		],
	],
	[
		'a misspelt timezone',
		'promotion: {freeze: [{from: 2026-12-24T12:00, until: 2027-01-02T08:00, timezone: Europe/Berln}]}\n',
		[
			'1:82: promotion.freeze[0].timezone is "Europe/Berln". Expected the name of a timezone such as Europe/Berlin or UTC. Did you mean "Europe/Berlin"?',
		],
	],
	[
		'a key given twice',
		'branches:\n  staging: a\n  staging: b\n',
		['3:3: branches.staging is given twice. The first is in line 2.'],
	],
	['a tab', 'branches:\n\tstaging: a\n', ['2:1: A tab indents this line. Expected spaces.']],
	[
		'a merge key',
		'environments:\n  staging: &a {url: "https://a.example"}\n  production: {<<: *a}\n',
		['3:16: environments.production.<< is a merge key, which is not read. Expected the keys themselves.'],
	],
	[
		'a tag',
		'repository: !!binary aGk=\n',
		['1:22: repository has the tag "tag:yaml.org,2002:binary". Expected a value without a tag.'],
	],
	['an alias without anchor', 'repository: *nobody\n', ['1:13: The alias *nobody has no anchor.']],
	[
		'an empty file',
		'',
		[
			'1:1: The file is empty. Expected settings such as "repository: acme/auto-author"; without the file the defaults hold.',
		],
	],
	[
		'a file of comments',
		'# nothing\n',
		[
			'1:1: The file is empty. Expected settings such as "repository: acme/auto-author"; without the file the defaults hold.',
		],
	],
	['a list as file', '- a\n', ['1:1: The file is a list. Expected a mapping: indented lines of "key: value".']],
	['a word as file', 'hello\n', ['1:1: The file is "hello". Expected a mapping: indented lines of "key: value".']],
	[
		'two documents',
		'repository: a/b\n---\nrepository: c/d\n',
		['2:1: A second document begins here. Expected one document without "---" between.'],
	],
	[
		'keys of prototypes',
		'__proto__: {a: 1}\nenvironments: {constructor: {}}\n',
		['1:1: __proto__ is not a key.', '2:16: environments.constructor is not a key.'],
	],
	['a list as key', '? [a]\n: 1\n', ['1:3: A key of the file is no text. Expected "key: value".']],
	[
		'control characters',
		'tiers: {fast: {jobs: "a\\e[31mb"}}\n',
		['1:22: tiers.fast.jobs is "ab". Expected some text on one line.'],
	],
	['an open quote', 'repository: "a/b\n', ['2:1: This is not valid YAML: Missing closing "quote.']],
];

for (const [name, text, expected] of rejected) {
	test(`refuses ${name}`, async () => {
		assert.deepEqual(
			await problemsOf(text),
			expected.map(problem => `deployctl.yml:${problem}`),
		);
	});
}

test('reports all problems in the order of the file', async () => {
	const problems = await problemsOf(
		'repositry: a/b\nbranches: {stagin: x}\nenvironments:\n  staging: {helth: []}\npromotion: {strategy: yolo}\n',
	);
	assert.deepEqual(
		problems.map(problem => problem.split(':')[1]),
		['1', '2', '4', '5'],
	);
});

test('windows line ends and a byte order mark move no position', async () => {
	assert.deepEqual(await problemsOf('\uFEFFrepositry: a/b\r\ntiers:\r\n  e2e: {budgt: 5m}\r\n'), [
		'deployctl.yml:1:1: repositry is not a key. Did you mean "repository"?',
		'deployctl.yml:3:9: tiers.e2e.budgt is not a key. Did you mean "budget"?',
	]);
	assert.equal((await settingsOf('\uFEFFrepository: acme/app\r\n')).repository, 'acme/app');
});

test('bombs of aliases and endless nesting end in a problem', async () => {
	const levels = Array.from(
		{length: 12},
		(_, index) =>
			`a${index}: &a${index} [${index === 0 ? 'x' : Array.from({length: 9}, () => `*a${index - 1}`).join(', ')}]`,
	);
	for (const text of [
		`notifications:\n  ${levels.join('\n  ')}\n`,
		`notifications: {a: ${'['.repeat(5000)}${']'.repeat(5000)}}`,
		'notifications: &a {b: *a}',
		'['.repeat(3000),
		`notifications: {a: "${'x'.repeat(300_000)}"}`,
	]) {
		const problems = await problemsOf(text);
		assert.ok(problems.length > 0 && problems.length < 5, `${problems.length}: ${text.slice(0, 40)}`);
	}
});

test('aliases work, and problems point to where the value is written', async () => {
	const settings = await settingsOf('environments:\n  staging: &a {url: "https://a.example"}\n  production: *a\n');
	assert.deepEqual(
		settings.environments.map(({name, url}) => [name, url]),
		[
			['staging', 'https://a.example'],
			['production', 'https://a.example'],
		],
	);
});

test('every key that is missing has its default', async () => {
	assert.deepEqual(await settingsOf('{}'), defaultSettings);
	const settings = await settingsOf(
		'tiers: {e2e: {jobs: "e2e*", alertAfter: 1h30m}}\nenvironments: {preview: {url: "https://p.example"}}\npromotion: {strategy: script}\nnotifications: {webhook: {url: "https://a.example/hook"}}\n',
	);
	assert.deepEqual(settings.tiers.e2e, {
		workflow: 'e2e-staging.yml',
		jobs: 'e2e*',
		maySkip: [],
		notWork: [],
		budgetSeconds: 900,
		alertAfterSeconds: 5400,
	});
	assert.deepEqual(
		settings.environments.map(({name}) => name),
		['staging', 'production', 'preview'],
	);
	assert.deepEqual(settings.promotion, {...defaultSettings.promotion, strategy: 'script'});
	assert.deepEqual(settings.notifications, {webhook: {url: 'https://a.example/hook'}});
});

test('scripts and addresses: the short form and the long one', async () => {
	const text =
		'environments:\n  preview:\n    version: https://a.example/v\n    deploy: bin/ship\n    rollback: {arguments: ["--to={release}", "{literal"], timeout: 1m, grace: 0s}\n    protected: true\n  staging: {version: ["https://a.example", "https://b.example"]}\nreadOnly: true\nallowChangedScripts: true\n';
	const {environments, readOnly, allowChangedScripts} = await settingsOf(text);
	const preview = environments.find(({name}) => name === 'preview');
	assert.deepEqual(preview, {
		...environmentDefaults('preview'),
		version: ['https://a.example/v'],
		isProtected: true,
		deploy: {path: 'bin/ship', arguments: null, timeoutSeconds: 900, graceSeconds: 30},
		rollback: {
			path: 'scripts/rollback.sh',
			arguments: ['--to={release}', '{literal'],
			timeoutSeconds: 60,
			graceSeconds: 0,
		},
	});
	assert.deepEqual(environments.find(({name}) => name === 'staging')?.version, [
		'https://a.example',
		'https://b.example',
	]);
	assert.deepEqual([readOnly, allowChangedScripts], [true, true]);
	assert.equal(environments.find(({name}) => name === 'production')?.isProtected, true);
});

test('jobs that may be skipped: one pattern or a list', async () => {
	const {tiers} = await settingsOf('tiers: {fast: {maySkip: "notify*"}, e2e: {maySkip: [docs, "report ?"]}}');
	assert.deepEqual(
		[tiers.fast.maySkip, tiers.e2e.maySkip, tiers.deploy.maySkip],
		[['notify*'], ['docs', 'report ?'], []],
	);
});

test('names that only extend a fixed environment are environments of their own', async () => {
	assert.deepEqual(
		(await settingsOf('environments: {staging-2: {}}')).environments.map(({name}) => name),
		['staging', 'production', 'staging-2'],
	);
});

test('nothing in a file changes the prototype of anything', async () => {
	await problemsOf('notifications: {__proto__: {polluted: true}, constructor: {prototype: {polluted: true}}}\n');
	assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

test('durations', () => {
	for (const [text, seconds] of [
		['90s', 90],
		['5m', 300],
		['1h30m', 5400],
		['1h1m1s', 3661],
		['0s', 0],
		['', null],
		['5', null],
		['m', null],
		['5m1h', null],
		['-5m', null],
		['5 m', null],
		['1.5h', null],
		['999999s', null],
	] as const) {
		assert.equal(durationSeconds(text), seconds, text);
	}

	fc.assert(fc.property(fc.nat(99_999 * 3600), seconds => durationSeconds(durationText(seconds)) === seconds));
});

const words = [
	'tiers',
	'fast',
	'budget',
	'environments',
	'staging',
	'promotion',
	'freeze',
	'from',
	': ',
	'- ',
	'{',
	'}',
	'[',
	']',
	',',
	'\n',
	'\n  ',
	'\t',
	'&a ',
	'*a',
	'!!set ',
	'<<',
	'"',
	"'",
	'#',
	'|',
	'>',
	'? ',
	'---\n',
	'...',
	'%YAML 1.1\n',
	'5m',
	'null',
	'\uFEFF',
	'\r\n',
	'\0',
	'__proto__',
];

test('whatever the text is, the answer is settings or problems with a place', async () => {
	const garbage = fc.oneof(
		fc.string({unit: 'binary', maxLength: 60}),
		fc.array(fc.constantFrom(...words), {maxLength: 25}).map(parts => parts.join('')),
		fc.json(),
	);
	await fc.assert(
		fc.asyncProperty(garbage, async text => {
			const parsed = await parseSettings(text, 'deployctl.yml');
			if (!parsed.ok) {
				assert.ok(parsed.problems.length > 0);
				for (const {line, column, message} of parsed.problems) {
					assert.ok(line >= 1 && column >= 1 && message !== '');
					assert.doesNotMatch(message, /[\u0000-\u001F\u007F-\u009F]/);
				}
			}
		}),
		runs(1500),
	);
});
