/** The words that people read: those of the glossary, and none of the old ones. */
import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import fc from 'fast-check';
import {plural} from '../source/core/text/plural.ts';
import {clauses, sentence} from '../source/core/text/sanitise.ts';
import {literalsIn} from './helpers/literals.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const filesIn = (folder: string, ending: RegExp) =>
	readdirSync(at(folder), {recursive: true, encoding: 'utf8'})
		.filter(name => ending.test(name))
		.sort();

/** What must not come back, and what is said instead. Each for text that people read, not for ids, keys and GitHub's own words. */
const banned: ReadonlyArray<readonly [old: RegExp, instead: string]> = [
	[
		/\bgates? (?:is |are |stays? |keeps? )?shut\b|\bshuts? the (?:production )?gate\b|\bgates? shuts?\b|\bshut (?:until|\(|\d+ of)/i,
		'blocked',
	],
	[
		/\bgate (?:is )?open\b(?! source)|\bwhose gate is open\b|\bopens? no gate\b|\bnever opens the (?:production )?gate\b/i,
		'ready',
	],
	[/\bbeing asked\b(?! right now)/, 'checking'],
	[/\bstill being (?:read|made)\b/, 'loading, reading'],
	[/\d[ms] over \d|\} over \{/, 'budget'],
	[/\busual \{\}|\busual \d|\busually \{\}|\busually \d/, 'median'],
	[/^informs\b| informs\b/, 'non-blocking'],
	[/blocks staging/, 'required'],
	[/no earlier one to compare/, 'no previous run'],
	[/\bnone (?:comes|goes)\b|\b1 (?:COMES|GOES|comes)\b|\b\d+ GO\b/, 'adds, removes'],
	[/\bstays? out\b/, 'blocked from redeploy'],
	[/\bknown by(?! name)\b/, 'matched'],
	[/\blevel with\b/, 'up to date with'],
	[/Enter does it|  \S something else/, 'press Enter, does not match'],
	[/\bMend\b/, 'Fix'],
	[/\bdeeds?\b/, 'action'],
	[/\bV answers\b/, 'press V to approve'],
	[/runner minutes/, 'runner-min'],
	[/break(?:s|ing)? the glass|(?<!-)\bglass (?:is|was|BROKEN)|broken glass|GLASS BROKEN/i, 'break-glass'],
	[/--insist\b|\bYou insist\b/, '--force'],
	[/\bif it is ill\b|\bis ill\b|\bwell again\b/, 'unhealthy, recovers'],
	[/\bmade anew\b|\banew\b/, 'rebuilt, again'],
	[/\bmeanwhile\b/, 'has changed, has started'],
	[/\bare others\b(?! with)/, 'have changed'],
	[/\bNothing is known of\b|\bnothing is known yet\b/i, 'No data for'],
	[
		/(?<!\b[Tt]here )\b(?:is|are) no (?:address|zip|JSON|TAP|folder|terminal|checkout|git repository|valid|mapping|name|id|recording|ordinary|plain|record|commit|evidence)\b/,
		'is not a …',
	],
	[/\bload again\b/, 'reload'],
	[/\bthe word of the script\b|\bby its own word\b/, 'reported by the script'],
	[/\bin the way\b/, 'blocks'],
	[/\bneeds? a human\b|\bto a human\b/, 'needs somebody to look'],
	[/\bfor ears\b/, 'for screen readers'],
	[/\bordinary file\b/, 'regular file'],
	[/\bspeaks no HTTP\b/, 'not an HTTP server'],
	[/\bbeside\b/, 'next to, with'],
	[/yes, do it/, 'confirm'],
	[/[a-z)}]\.;|[a-z)]\.\.(?: |$)/, 'clauses() and sentence()'],
	[/not read by this version|No job has been created yet/, 'not read yet'],
	[/\blive \{\}|● live\b/, 'synced, deployed, in production'],
];

/** Words as programs read them, and other people's: paths, expressions of the shell, files that are written, protocols. */
const isForPrograms = (text: string): boolean =>
	(!/[a-z] [a-zA-Z{]/.test(text) && !/^\S+$/.test(text)) || /^[./]|\.\.[./]|\.\.\.|\n/.test(text);
/** What is not read by people who use the program. `standing`: an exact text that may stay, and why. */
const notSpoken = /^(?:simulator\/(?!scenarios)|templates\/|tuning\/|graphql|github\/queries\/documents)/;
const standing: ReadonlySet<string> = new Set([
	// The id of a key binding that users' habits and the palette know.
	'beside',
	// `a reviewer` or `one of 3 reviewers`: two sentences, no plural.
	'reviewers',
]);

const findings = (text: string): readonly string[] =>
	standing.has(text)
		? []
		: banned
				.filter(([old]) => old.test(text))
				.map(([old, instead]) => `“${old.exec(text)![0]}” in “${text.slice(0, 100)}”: say “${instead}”`);

test('nothing that the program can say has an old word in it', () => {
	const found = filesIn('../source', /\.tsx?$/)
		.filter(name => !notSpoken.test(name) && !name.includes('generated') && !name.endsWith('.d.ts'))
		.flatMap(name =>
			literalsIn(readFileSync(at(`../source/${name}`), 'utf8'))
				.filter(({text}) => !isForPrograms(text))
				.flatMap(({text, line}) => findings(text).map(finding => `source/${name}:${line}: ${finding}`)),
		);
	assert.deepEqual(found, []);
});

test('no screen that was found good has an old word in it', () => {
	const found = filesIn('screens', /\.txt$/).flatMap(name =>
		readFileSync(at(`screens/${name}`), 'utf8')
			.split('\n')
			.flatMap(line => findings(line.trim()).map(finding => `${name}: ${finding}`)),
	);
	assert.deepEqual(found, []);
});

test('an old word is found where it comes back, and the new ones are not taken for old', () => {
	for (const text of [
		'the gate is shut for {}: {}',
		'the newest whose gate is open',
		'being asked',
		'{} over {}',
		'usual {}',
		'informs; production waits for it',
		'level with {}',
		'GLASS BROKEN: E2E',
		'roll back if it is ill',
		'refuses the connection.; nothing was changed',
	]) {
		assert.notDeepEqual(findings(text), [], text);
	}
	for (const text of [
		'blocked (3/11)',
		'median {}, budget {}',
		'up to date with {}',
		'BREAK-GLASS: bypasses {}.',
		'synced 3s ago',
		'reload',
		'GitHub is being asked right now',
	])
		assert.deepEqual(findings(text), [], text);
});

test('literals are found in templates, in their holes and behind comments and expressions', () => {
	const source =
		"const a = `one ${b ? 'two' : \"three\"} four`; // 'not this'\n/* `nor this` */ const c = /['\"/]'/.test(d) ? 'five\\'s' : e / f;\nimport {g} from './g.ts';\n";
	assert.deepEqual(
		literalsIn(source)
			.map(({text, line}) => `${line} ${text}`)
			.sort(),
		['1 one {} four', '1 three', '1 two', "2 five's"],
	);
});

test('numbers and their nouns agree', () => {
	fc.assert(
		fc.property(fc.nat(5_000_000), fc.constantFrom('minute', 'commit', 'job'), (count, noun) => {
			const text = plural(count, noun);
			assert.equal(text.endsWith('s'), count !== 1);
			assert.equal(Number(text.split(' ')[0]!.replaceAll(',', '')), count);
		}),
	);
	assert.equal(plural(2, 'is', 'are'), '2 are');
});

test('no plural is put together by hand', () => {
	const byHand = /=== 1 \? (?:'s?' : 's?'|'(?:1|one|a) [a-z]+' : `)/;
	const found = filesIn('../source', /\.tsx?$/)
		.filter(name => !notSpoken.test(name))
		.flatMap(name =>
			readFileSync(at(`../source/${name}`), 'utf8')
				.split('\n')
				.flatMap((line, index) =>
					byHand.test(line) && !standing.has(/[a-z ]+(?= === 1)/.exec(line)?.[0].trim() ?? '')
						? [`source/${name}:${index + 1}: ${line.trim().slice(0, 120)}`]
						: [],
				),
		);
	assert.deepEqual(found, []);
});

test('what is put together has one mark between its parts and one at its end, however the parts end', () => {
	const part = fc
		.tuple(fc.stringMatching(/^[a-z ]{0,12}$/), fc.constantFrom('', '.', '..', '. ', ';', '.;', ','))
		.map(([text, end]) => text + end);
	fc.assert(
		fc.property(fc.array(part, {maxLength: 4}), parts => {
			const text = sentence(clauses(...parts));
			assert.doesNotMatch(text, /[.;,]\s*[.;]/);
			assert.equal(text.split('; ').length, Math.max(1, parts.filter(each => /[a-z]/.test(each)).length));
		}),
	);
	assert.equal(
		sentence(clauses('Refused: it refuses the connection.', 'nothing was changed.')),
		'Refused: it refuses the connection; nothing was changed.',
	);
});
