/**
Every regular expression of the source takes time by the length of the text, and no more: a text of others decides nothing about how long
that is. Looked for with scslre, which finds what can be matched in more ways than one, and what is searched for again from every place.
*/
import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {parseSync, Visitor} from 'oxc-parser';
import {analyse} from 'scslre';

type Expression = {place: string; source: string; flags: string};

const root = fileURLToPath(new URL('../source', import.meta.url));
const files = readdirSync(root, {recursive: true, encoding: 'utf8'})
	.filter(name => /\.tsx?$/.test(name) && !name.startsWith('templates'))
	.toSorted();

/** Literals, and what `RegExp` is made of; a part that is put in stands for a word. */
const expressionsIn = (place: string, text: string): Expression[] => {
	const found: Expression[] = [];
	new Visitor({
		Literal(node) {
			if ('regex' in node) found.push({place, source: node.regex.pattern, flags: node.regex.flags});
		},
		NewExpression({callee, arguments: [pattern, flags]}) {
			if (callee.type !== 'Identifier' || callee.name !== 'RegExp') return;
			const given = flags?.type === 'Literal' && typeof flags.value === 'string' ? flags.value : '';
			const isRaw = pattern?.type === 'TaggedTemplateExpression';
			const quasi = isRaw ? pattern.quasi : pattern?.type === 'TemplateLiteral' ? pattern : null;
			if (quasi !== null)
				found.push({
					place,
					source: quasi.quasis.map(({value}) => (isRaw ? value.raw : (value.cooked ?? ''))).join('9'),
					flags: given,
				});
			else if (pattern?.type === 'Literal' && typeof pattern.value === 'string')
				found.push({place, source: pattern.value, flags: given});
		},
	}).visit(parseSync(place, text).program);
	return found;
};

const slow = ({place, source, flags}: Expression): string[] => [
	...new Set(
		analyse({source, flags}, {reportTypes: {Move: true, Self: true, Trade: true}}).reports.map(
			({type, exponential}) =>
				`${place} ${exponential ? 'exponential' : 'quadratic'} (${type}) /${source}/${flags}`,
		),
	),
];

test('the check finds what is slow', () => {
	assert.deepEqual(
		expressionsIn(
			'a.ts',
			'const a = /a+$/; new RegExp(`^${a}*x`, "g"); new RegExp(String.raw`\\s+$`); new RegExp("b*");',
		).map(({source, flags}) => `/${source}/${flags}`),
		['/a+$/', '/^9*x/g', '/\\s+$/', '/b*/'],
	);
	assert.deepEqual(
		['a+$', '^(a+)*b$', '^a*a*b$', '(?<!a)a+$', '^a*b'].map(source =>
			slow({place: '', source, flags: ''}).map(found => found.trim().split(' ', 1)[0]),
		),
		[['quadratic'], ['exponential'], ['quadratic'], [], []],
	);
});

test('every regular expression of the source is linear', () => {
	const all = files.flatMap(file => expressionsIn(file, readFileSync(join(root, file), 'utf8')));
	assert.ok(all.length > 600, `${all.length}`);
	assert.deepEqual(all.flatMap(slow), []);
});
