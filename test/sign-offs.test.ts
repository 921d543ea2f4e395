import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {signOffContext, signOffsIn, signOffVerdict as verdictOf} from '../source/core/gate/sign-offs.ts';
import type {StatusFact} from '../source/core/github/facts.ts';
import {start, status} from './helpers/facts.ts';

const signed = (name: string, creator: string | null, more = {}) => ({
	...status('', {creator, ...more}),
	context: signOffContext(name),
});

const anybody = (names: readonly string[]) => names.map(name => ({name, by: [] as string[]}));
const signOffVerdict = (statuses: readonly StatusFact[] | null, names: readonly string[], differentPeople: boolean) =>
	verdictOf(statuses, anybody(names), differentPeople);

test("who signed for what is what GitHub says of the status's creator", () => {
	assert.deepEqual(
		signOffsIn([
			signed('qa', 'mira', {description: 'tried on staging'}),
			signed('stakeholder', null),
			signed('changelog', 'github-actions'),
			signed('design', 'some-app[bot]'),
			status('e2e-staging'),
		]),
		[{name: 'qa', by: 'mira', at: start, note: 'tried on staging'}],
	);
});

test('the newest word counts: a sign-off can be withdrawn, and given again', () => {
	const withdrawn = signed('qa', 'mira', {state: 'FAILURE', createdAt: start + 1000});
	assert.equal(signOffVerdict([signed('qa', 'mira'), withdrawn], ['qa'], false).met, false);
	assert.equal(
		signOffVerdict(
			[signed('qa', 'lena', {createdAt: start + 2000}), withdrawn, signed('qa', 'mira')],
			['qa'],
			false,
		).met,
		true,
	);
});

test('what is missing is named, with the way out', () => {
	assert.deepEqual(signOffVerdict([signed('qa', 'mira')], ['qa', 'stakeholder', 'changelog'], false), {
		met: false,
		because: 'sign-off missing: stakeholder, changelog',
		next: 'deployctl sign-off stakeholder gives it.',
		proofs: [{by: 'mira', at: start, text: 'qa'}],
	});
	assert.equal(signOffVerdict([], [], true).met, true);
	assert.equal(signOffVerdict(null, ['qa'], true).met, 'unknown');
});

test('only who may give a sign-off gives it; what was taken back says by whom', () => {
	const rules = [{name: 'qa', by: ['Lena', 'yuki']}];
	assert.deepEqual(
		[verdictOf([signed('qa', 'mira')], rules, false).because, verdictOf([signed('qa', 'lena')], rules, false).met],
		['sign-off missing: qa (mira may not give it)', true],
	);
	assert.match(verdictOf([signed('qa', 'mira')], rules, false).next ?? '', /Lena or yuki can give it/);
	assert.equal(
		signOffVerdict([signed('qa', 'mira', {state: 'FAILURE', description: 'the toolbar is broken'})], ['qa'], false)
			.because,
		'sign-off missing: qa (taken back by mira: the toolbar is broken)',
	);
});

test('where different people are asked for, nobody signs alone for two', () => {
	const alone = [signed('qa', 'mira'), signed('stakeholder', 'mira')];
	assert.equal(signOffVerdict(alone, ['qa', 'stakeholder'], false).met, true);
	assert.equal(signOffVerdict(alone, ['qa', 'stakeholder'], true).met, false);
	assert.equal(
		signOffVerdict([signed('qa', 'mira'), signed('stakeholder', 'lena')], ['qa', 'stakeholder'], true).met,
		true,
	);
});

test('property: with different people, as many people as sign-offs', () => {
	const names = ['qa', 'stakeholder', 'changelog'];
	fc.assert(
		fc.property(fc.array(fc.constantFrom('ann', 'bob', 'cid', null), {minLength: 3, maxLength: 3}), people => {
			const statuses = names.flatMap((name, index) =>
				people[index] === null ? [] : [signed(name, people[index]!)],
			);
			const isMet = signOffVerdict(statuses, names, true).met === true;
			assert.equal(isMet, new Set(people).size === 3 && !people.includes(null));
		}),
	);
});
