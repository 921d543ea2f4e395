/** The gate against the simulator's own record, over generated histories: never open without true evidence, always open with it. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import type {Condition} from '../source/core/pipeline/pipeline.ts';
import {type History, history, type Look, onRecordOnly, readFault, urgent} from './helpers/gate-model-arbitraries.ts';
import {gateModel, type Looked} from './helpers/gate-model.ts';
import type {Part, Recorded} from './helpers/gate-model-record.ts';
import {runs} from './helpers/fuzz.ts';

type Seen = {
	looks: number;
	promotable: number;
	open: number;
	offRecord: number;
	awayAndBack: number;
	refused: number;
	nearMisses: Partial<Record<Part, number>>;
};
const nothingSeen = (): Seen => ({
	looks: 0,
	promotable: 0,
	open: 0,
	offRecord: 0,
	awayAndBack: 0,
	refused: 0,
	nearMisses: {},
});

const isWhole = ({missing}: Recorded) => missing.length === 0;

const assertSentence = (text: string, what: string) =>
	assert.match(text, /^\S(?:(?! {2})[^\n\r\t])*[^\s.,;:]$/, `${what}: "${text}"`);
const assertAdvice = (text: string) =>
	assert.match(text, /^\S(?:(?! {2})[^\n\r\t])*[^\s.,;:]\.$/, `way out: "${text}"`);

/** One sentence each, and a way out wherever there is one to tell. */
const assertWords = (conditions: readonly Condition[]) => {
	for (const {id, met, because, next} of conditions) {
		assertSentence(because, id);
		if (next !== undefined) assertAdvice(next);
		assert.ok(met !== true || next === undefined, `${id} is met and yet tells what to do`);
	}
};

const unmet = (conditions: readonly Condition[]) => conditions.filter(({met}) => met !== true);

const assertRight = ({judged, shown}: Looked, look: Look, seen: Seen) => {
	seen.looks++;
	if (!judged.ok) {
		assertSentence(judged.because.replace(/\.$/, ''), 'refusal');
		assertAdvice(judged.next);
		assert.ok(look.fault !== null, `refused although everything could be read: ${judged.because}`);
		seen.refused++;
		return;
	}
	const {gate, sha} = judged.candidate;
	const records = shown(sha);
	assertWords(gate.conditions);
	assert.equal(gate.open, unmet(gate.conditions).length === 0);
	const [first] = records;
	if (records.every(({missing}) => missing.length === 1))
		seen.nearMisses[first!.missing[0]!] = (seen.nearMisses[first!.missing[0]!] ?? 0) + 1;
	if (gate.open) {
		seen.open++;
		// Where answers are of different instants, each part was there in one of them.
		const never = first!.missing.filter(part => records.every(({missing}) => missing.includes(part)));
		if (never.length > 0) {
			assert.ok(
				records.some(({isTold}) => isTold),
				`open, but without ${never.join(', ')}`,
			);
			seen.awayAndBack++;
		}
	}
	if (records.every(record => isWhole(record) && !record.isBorderline)) {
		if (records.every(({isOnRecord}) => isOnRecord)) {
			seen.promotable++;
			if (look.fault === null)
				assert.deepEqual(
					unmet(gate.conditions).map(({id, because}) => `${id}: ${because}`),
					[],
					'shut, although all evidence is there and on record',
				);
		} else {
			seen.offRecord++;
			if (look.fault === null)
				assert.deepEqual(
					unmet(gate.conditions).filter(({id}) => id !== 'staged'),
					[],
					'what staging ran is off record, and nothing else',
				);
		}
	}
};

const inHistory = async ({steps, looks, ...options}: History, seen: Seen, isSilent = false) => {
	const model = gateModel({...options, isSilent});
	let done = 0;
	for (const [index, look] of looks.entries()) {
		const until = Math.ceil((steps.length * (index + 1)) / looks.length);
		for (; done < until; done++) model.step(steps[done]!);
		assertRight(await model.look(look), look, seen);
	}
};

type Kind = {
	name: string;
	histories: fc.Arbitrary<History>;
	runs: number;
	isSilent?: boolean;
	/** So many different things are lacked alone, at least. */ nearMisses: number;
};
const kinds: readonly Kind[] = [
	{
		name: 'open exactly with true evidence, whatever happens to a pipeline',
		histories: history(),
		runs: 165,
		nearMisses: 6,
	},
	{
		name: 'answers that are late or torn never open it',
		histories: history({faults: readFault}),
		runs: 45,
		nearMisses: 3,
	},
	{
		name: 'the same over REST alone',
		histories: history({
			faults: fc.option(readFault, {freq: 1}),
			tokens: ['sim_fine-grained', 'sim_fine-grained-no-suites'],
		}),
		runs: 30,
		nearMisses: 3,
	},
	{
		name: 'the same where nobody asks staging',
		histories: history({weights: onRecordOnly, faults: fc.option(readFault, {freq: 1})}),
		runs: 45,
		isSilent: true,
		nearMisses: 3,
	},
	{
		name: 'a hotfix: only the green head of its branch, on top of production',
		histories: history({weights: urgent, hotfix: true}),
		runs: 35,
		nearMisses: 3,
	},
];

for (const {name, histories, runs: count, isSilent = false, nearMisses} of kinds) {
	test(name, async t => {
		const seen = nothingSeen();
		await fc.assert(
			fc.asyncProperty(histories, async one => inHistory(one, seen, isSilent)),
			runs(count, 20_261_123),
		);
		t.diagnostic(JSON.stringify(seen));
		// Neither of the two directions may have been about nothing.
		const near = Object.values(seen.nearMisses);
		assert.ok(seen.promotable >= seen.looks / 8, 'few commits could be promoted');
		assert.ok(
			near.reduce((sum, count) => sum + count, 0) >= seen.looks / 10 && near.length >= nearMisses,
			'few lacked one thing only',
		);
	});
}
