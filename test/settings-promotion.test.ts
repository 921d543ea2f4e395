/** The part of `deployctl.yml` about promotions: what it can say, what is refused, and the words of the refusal. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {settingSeconds, settingText} from '../source/settings/schema/durations.ts';
import {parseSettings} from '../source/settings/parse/parse.ts';
import {problemText} from '../source/settings/parse/problem.ts';
import {tooFewPeople} from '../source/settings/parse/too-few-people.ts';
import {runs} from './helpers/fuzz.ts';

const problemsOf = async (text: string) => {
	const parsed = await parseSettings(text, 'deployctl.yml');
	return parsed.ok ? [] : parsed.problems.map(problem => problemText(problem));
};

const promotionOf = async (text: string) => {
	const parsed = await parseSettings(text, 'deployctl.yml');
	assert.ok(parsed.ok, parsed.ok ? '' : parsed.problems.map(problem => problemText(problem)).join('\n'));
	return parsed.settings.promotion;
};

const signOff = 'Expected a short name in lower case such as qa, or a mapping with "name" and "by".';
const login = 'Expected the login of a person on GitHub such as mira-okafor, without @.';
const logins = 'Expected a list of logins on GitHub, at least one: [mira-okafor, lena-fischer].';
const branches =
	'Expected the beginning of the branches\' names, up to a "/", and one "*" at its end, such as hotfix/*.';
const glob =
	'Expected a pattern over paths such as config/** or "**/.env*", from the root of the repository, without "/", "./" or "!" before it.';
const rejected: ReadonlyArray<readonly [name: string, text: string, problems: readonly string[]]> = [
	[
		'a sign-off that is no name',
		'promotion: {signOffs: [QA, "", 7, [qa]]}\n',
		[
			`1:24: promotion.signOffs[0] is "QA". ${signOff}`,
			`1:28: promotion.signOffs[1] is "". ${signOff}`,
			'1:32: promotion.signOffs[2] is the number 7. Expected text: put it in quotes.',
			`1:35: promotion.signOffs[3] is a list. ${signOff}`,
		],
	],
	[
		'a sign-off without name',
		'promotion:\n  signOffs:\n    - by: [lena]\n',
		['3:7: promotion.signOffs[0] has no key "name". Expected a short name in lower case such as qa.'],
	],
	[
		'a misspelt key of a sign-off',
		'promotion: {signOffs: [{name: qa, bye: [lena]}]}\n',
		['1:35: promotion.signOffs[0].bye is not a key. Did you mean "by"?'],
	],
	[
		'one signer without a list',
		'promotion: {signOffs: [{name: qa, by: lena}]}\n',
		[`1:39: promotion.signOffs[0].by is "lena". ${logins}`],
	],
	[
		'nobody as signer',
		'promotion: {signOffs: [{name: qa, by: []}]}\n',
		[`1:39: promotion.signOffs[0].by is a list. ${logins}`],
	],
	[
		'signers that are no people',
		'promotion: {signOffs: [{name: qa, by: ["@lena", "renovate[bot]", "lena@example.org"]}]}\n',
		[
			`1:40: promotion.signOffs[0].by[0] is "@lena". ${login}`,
			`1:49: promotion.signOffs[0].by[1] is "renovate[bot]". ${login}`,
			`1:66: promotion.signOffs[0].by[2] is "lena@example.org". ${login}`,
		],
	],
	[
		'a signer twice',
		'promotion: {signOffs: [{name: qa, by: [lena, lena]}]}\n',
		['1:46: promotion.signOffs[0].by names "lena" twice.'],
	],
	[
		'a sign-off twice, in whatever form',
		'promotion: {signOffs: [qa, {name: qa, by: [lena]}], hotfix: {signOffs: [a, a]}}\n',
		['1:28: promotion.signOffs names "qa" twice.', '1:76: promotion.hotfix.signOffs names "a" twice.'],
	],
	[
		'one person for two sign-offs of different people',
		'promotion:\n  differentPeople: true\n  signOffs:\n    - {name: qa, by: [lena]}\n    - product\n    - {name: release, by: [Lena]}\n',
		[
			'6:27: promotion.signOffs[2].by names too few people: only lena may sign for qa and release, and promotion.differentPeople asks for 2 different ones. Expected one more login, or differentPeople: false.',
		],
	],
	[
		'two people for three sign-offs of a hotfix',
		'promotion:\n  differentPeople: true\n  hotfix:\n    signOffs: [{name: a, by: [x, y]}, {name: d, by: [v, w]}, {name: b, by: [y, x]}, {name: c, by: [x]}]\n',
		[
			'4:99: promotion.hotfix.signOffs[3].by names too few people: only x and y may sign for a, b and c, and promotion.differentPeople asks for 3 different ones. Expected one more login, or differentPeople: false.',
		],
	],
	[
		'a word for true',
		'promotion: {differentPeople: yes}\n',
		['1:30: promotion.differentPeople is "yes". Expected true or false.'],
	],
	[
		'an age that is none',
		'promotion: {evidenceMaxAge: 1 week}\n',
		['1:29: promotion.evidenceMaxAge is "1 week". Expected a duration such as 7d, 36h or 1d12h.'],
	],
	[
		'durations of zero',
		'promotion: {evidenceMaxAge: 0d, timeout: 0m}\n',
		[
			'1:29: promotion.evidenceMaxAge is zero. Expected a duration such as 7d, 36h or 1d12h.',
			'1:42: promotion.timeout is zero. Expected a duration such as 5m, 90s or 1h30m.',
		],
	],
	[
		'a soak as long as the timeout',
		'promotion: {soak: 1h, timeout: 60m}\n',
		[
			'1:19: promotion.soak is 1h, not shorter than the timeout (1h), of which it is a part. Expected less than 1h.',
		],
	],
	[
		'a soak longer than the default timeout',
		'promotion: {soak: 2d}\n',
		[
			'1:19: promotion.soak is 2d, not shorter than the timeout (by default 1h), of which it is a part. Expected less than 1h.',
		],
	],
	[
		'a timeout shorter than the default soak',
		'promotion: {timeout: 4m}\n',
		[
			'1:22: promotion.timeout is 4m, not longer than the soak (by default 5m), which is a part of it. Expected more than 5m, or a shorter soak with it.',
		],
	],
	[
		'another report',
		'promotion: {stagingReport: requird}\n',
		['1:28: promotion.stagingReport is "requird". Expected required, optional. Did you mean "required"?'],
	],
	[
		'another way to merge',
		'promotion: {mergeMethod: fast-forward}\n',
		['1:26: promotion.mergeMethod is "fast-forward". Expected merge, squash, rebase.'],
	],
	[
		'patterns that are none',
		'promotion: {configuration: [/etc/app, ./config, "!config/x", "../shared/**", 7]}\n',
		[
			`1:29: promotion.configuration[0] is "/etc/app". ${glob}`,
			`1:39: promotion.configuration[1] is "./config". ${glob}`,
			`1:49: promotion.configuration[2] is "!config/x". ${glob}`,
			`1:62: promotion.configuration[3] is "../shared/**". ${glob}`,
			'1:78: promotion.configuration[4] is the number 7. Expected text: put it in quotes.',
		],
	],
	[
		'a pattern without quotes',
		'promotion:\n  configuration:\n    - **/.env*\n',
		['3:7: The alias **/.env* has no anchor. Expected quotes around a text that begins with "*".'],
	],
	...[
		'hotfix',
		'hotfix*',
		'hotfix/',
		'/*',
		'hot*fix/*',
		'hotfix/**',
		'hotfix/*/x',
		'a..b/*',
		'hot fix/*',
		'-x/*',
		'hotfix.lock/*',
	].map(
		text =>
			[
				`hotfix branches like ${text}`,
				`promotion: {hotfix: {branches: "${text}"}}\n`,
				[`1:32: promotion.hotfix.branches is "${text}". ${branches}`],
			] as const,
	),
	[
		'hotfix branches that staging has',
		'branches: {staging: release/next}\npromotion: {hotfix: {branches: release/*}}\n',
		[
			'2:32: promotion.hotfix.branches is "release/*", which fits branches.staging ("release/next") too. Expected names that only hotfixes have.',
		],
	],
	[
		'a staging branch like a hotfix',
		'branches: {staging: hotfix/next}\n',
		[
			'1:21: branches.staging is "hotfix/next", like a hotfix (promotion.hotfix.branches is by default "hotfix/*"). Expected another branch, or another promotion.hotfix.branches.',
		],
	],
	[
		'a key of the way past staging',
		'promotion: {hotfix: {prefix: hotfix/}}\n',
		['1:22: promotion.hotfix.prefix is not a key. Expected branches, signOffs.'],
	],
];

for (const [name, text, expected] of rejected) {
	test(`refuses ${name}`, async () => {
		assert.deepEqual(
			await problemsOf(text),
			expected.map(problem => `deployctl.yml:${problem}`),
		);
	});
}

test('everything that a promotion can be told', async () => {
	const text = `promotion:
  strategy: pull-request
  workflow: ship.yml
  signOffs: [{name: qa, by: [mira-okafor, lena]}, stakeholder, {name: security}]
  differentPeople: true
  evidenceMaxAge: 1d12h
  stagingReport: optional
  soak: 0s
  timeout: 2d
  mergeMethod: squash
  configuration: ["**/.env*", a/?.yml]
  maySkip: ["announce *"]
  by: [mira-okafor]
  breakGlass: {by: [lena, mira-okafor]}
  hotfix: {branches: urgent/fix/*, signOffs: []}
`;
	assert.deepEqual(await promotionOf(text), {
		strategy: 'pull-request',
		workflow: 'ship.yml',
		signOffs: [
			{name: 'qa', by: ['mira-okafor', 'lena']},
			{name: 'stakeholder', by: []},
			{name: 'security', by: []},
		],
		differentPeople: true,
		freeze: [],
		evidenceMaxAgeSeconds: 36 * 3600,
		stagingReport: 'optional',
		soakSeconds: 0,
		timeoutSeconds: 2 * 86_400,
		mergeMethod: 'squash',
		configuration: ['**/.env*', 'a/?.yml'],
		maySkip: ['announce *'],
		hotfix: {prefix: 'urgent/fix/', signOffs: []},
		by: ['mira-okafor'],
		breakGlass: {by: ['lena', 'mira-okafor']},
	});
});

test('what a promotion is not told has its default; an empty list is one', async () => {
	assert.deepEqual(await promotionOf('promotion: {strategy: script}\n'), {
		...defaultSettings.promotion,
		strategy: 'script',
	});
	assert.deepEqual(await promotionOf('promotion: {configuration: [], hotfix: {}}\n'), {
		...defaultSettings.promotion,
		configuration: [],
	});
	assert.deepEqual((await promotionOf('promotion: {soak: 30s, timeout: 1m}\n')).soakSeconds, 30);
	assert.deepEqual(
		(await promotionOf('promotion: {signOffs: [{name: qa, by: [mona_acme, old-account-]}]}\n')).signOffs,
		[{name: 'qa', by: ['mona_acme', 'old-account-']}],
	);
});

test('one mistake has no consequences in other messages', async () => {
	const text =
		'promotion:\n  differentPeople: true\n  soak: soon\n  timeout: 1m\n  signOffs: [{name: qa, by: [x, "@y"]}, {name: b, by: [x]}]\n';
	assert.deepEqual(
		(await problemsOf(text)).map(problem => problem.split(': ')[1]!.split(' ')[0]),
		['promotion.soak', 'promotion.signOffs[0].by[1]'],
	);
});

test('different people may share logins, as long as each sign-off finds its own', async () => {
	const text =
		'promotion: {differentPeople: true, signOffs: [{name: a, by: [x, y]}, {name: b, by: [x, z]}, {name: c, by: [x]}, d, e]}\n';
	assert.deepEqual(await problemsOf(text), []);
	assert.deepEqual(await problemsOf('promotion: {signOffs: [{name: a, by: [x]}, {name: b, by: [x]}]}\n'), []);
});

/** By trying every choice. */
const canAllSign = (rules: ReadonlyArray<readonly string[]>, taken: readonly string[] = []): boolean => {
	const [first, ...rest] = rules;
	return (
		first === undefined ||
		(first.length === 0
			? canAllSign(rest, taken)
			: first.some(login => !taken.includes(login) && canAllSign(rest, [...taken, login])))
	);
};

test('too few people are found exactly where no choice would do, and named', () => {
	const people = fc.uniqueArray(fc.constantFrom('u', 'v', 'w', 'x'), {maxLength: 3});
	fc.assert(
		fc.property(fc.array(people, {maxLength: 5}), lists => {
			const rules = lists.map((by, index) => ({name: String(index), by}));
			const lack = tooFewPeople(rules);
			assert.equal(lack === null, canAllSign(lists));
			if (lack !== null) {
				assert.equal(lack.names.length, lack.people.length + 1);
				assert.ok(lack.names.includes(String(lack.at)));
				for (const name of lack.names)
					assert.ok(
						lists[Number(name)]!.length > 0 &&
							lists[Number(name)]!.every(login => lack.people.includes(login)),
					);
			}
		}),
		runs(2000),
	);
});

test('durations with days', () => {
	for (const [text, seconds] of [
		['7d', 604_800],
		['1d12h', 129_600],
		['1d1s', 86_401],
		['0d', 0],
		['90s', 90],
		['1h30m', 5400],
		['', null],
		['d', null],
		['7', null],
		['7D', null],
		['1.5d', null],
		['-1d', null],
		['12h1d', null],
		['1d 2h', null],
		['1d\n', null],
		['1000d', null],
	] as const) {
		assert.equal(settingSeconds(text), seconds, JSON.stringify(text));
	}

	assert.deepEqual([604_800, 86_400, 129_600, 90_000, 0].map(settingText), ['7d', '1d', '36h', '25h', '0s']);
	fc.assert(fc.property(fc.nat(99_999 * 3600), seconds => settingSeconds(settingText(seconds)) === seconds));
	fc.assert(fc.property(fc.nat(999), days => settingSeconds(settingText(days * 86_400)) === days * 86_400));
});
