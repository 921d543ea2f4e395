import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {deployIds, evidenceFor} from '../source/core/gate/production-evidence.ts';
import {type Condition, conditionIds} from '../source/core/pipeline/pipeline.ts';

const sha = '3f2a9c1'.padEnd(40, '0');
const gateOf = (met: (id: string) => Condition['met']) => {
	const conditions = conditionIds.map((id): Condition => ({
		id,
		met: met(id),
		because: `${id} says so`,
		next: `mend ${id}`,
	}));
	return {open: conditions.every(condition => condition.met === true), conditions};
};

test('a commit is proven by its own evidence, outside of freezes and signed, whatever else the moment is like', () => {
	const evidence = evidenceFor(
		sha,
		gateOf(id => (deployIds.some(each => each === id) ? true : 'unknown')),
	);
	assert.equal(evidence.proven, true);
	assert.deepEqual(evidence.proven && evidence.conditions.map(({id}) => id), deployIds);
});

test('what is known to be red is named before what is unknown', () => {
	const evidence = evidenceFor(
		sha,
		gateOf(id => (id === 'e2e-green' ? false : 'unknown')),
	);
	assert.deepEqual(evidence, {
		proven: false,
		because: '3f2a9c1 is not proven: e2e-green says so',
		next: 'mend e2e-green',
	});
});

test('no commit, no conditions: no evidence', () => {
	assert.equal(evidenceFor(sha, null).proven, false);
	assert.equal(evidenceFor(sha, {open: true, conditions: []}).proven, false);
});

test('property: proven if and only if all of them are met', () => {
	fc.assert(
		fc.property(
			fc.array(fc.constantFrom<Condition['met']>(true, false, 'unknown'), {minLength: 11, maxLength: 11}),
			answers => {
				const gate = gateOf(id => answers[conditionIds.findIndex(each => each === id)]!);
				assert.equal(
					evidenceFor(sha, gate).proven,
					gate.conditions.filter(({id}) => deployIds.includes(id)).every(({met}) => met === true),
				);
			},
		),
	);
});
