/** Inputs of workflows that are started by hand: read from their files, filled in, and refused before GitHub does. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {
	beginningInputs,
	type DispatchInput,
	inputsAtMost,
	inputsProblem,
	sentInputs,
} from '../source/core/runs/dispatch-inputs.ts';
import {parseInputs} from '../source/github/runs/workflow-inputs.ts';
import {workflowText} from '../source/simulator/model/workflow-text.ts';
import {e2eStaging, standardWorkflows} from '../source/simulator/model/workflows.ts';
import {runs} from './helpers/fuzz.ts';

const sha = '1a2b3c4d'.repeat(5);
const e2e = `
name: E2E staging
on:
  workflow_dispatch:
    inputs:
      sha:
        description: "Commit to test \\e[31m"
        required: true
      suite:
        type: choice
        options: [all, smoke, 3]
        default: smoke
      trace: {type: boolean, default: true, required: false}
      retries: {type: number, default: 2}
      colour: {type: rainbow}
jobs: {}
`;

test('names, types, choices and defaults are read; descriptions are safe to show', async () => {
	const input = (name: string, more: Partial<DispatchInput> = {}): DispatchInput => ({
		name,
		description: '',
		type: 'string',
		options: [],
		default: null,
		isRequired: false,
		...more,
	});
	assert.deepEqual(await parseInputs(e2e), [
		input('sha', {description: 'Commit to test', isRequired: true}),
		input('suite', {type: 'choice', options: ['all', 'smoke', '3'], default: 'smoke'}),
		input('trace', {type: 'boolean', default: 'true'}),
		input('retries', {type: 'number', default: '2'}),
		input('colour'),
	]);
});

test('defaults and options cannot write on the terminal', async () => {
	const [input] =
		(await parseInputs(
			'on: {workflow_dispatch: {inputs: {suite: {type: choice, default: "a\\e[2Jb\\nc", options: ["x\\e]52;c;aGk=\\ay", ok]}}}}',
		)) ?? [];
	assert.deepEqual([input!.default, input!.options], ['ab c', ['xy', 'ok']]);
});

test('workflows without inputs have none; what cannot be started by hand, or understood, is unknown', async () => {
	for (const text of [
		'on: workflow_dispatch',
		'on: [push, workflow_dispatch]',
		'on:\n  workflow_dispatch:\n',
		'on: {workflow_dispatch: {inputs: }}',
	])
		assert.deepEqual(await parseInputs(text), [], text);
	const tooMany = `on: {workflow_dispatch: {inputs: {${Array.from({length: inputsAtMost + 1}, (_, index) => `i${index}: {}`).join(', ')}}}}`;
	for (const text of [
		'on: push',
		'on: {push: {}}',
		'',
		'[',
		'a: &a [*a]',
		'- 1',
		'on: {workflow_dispatch: {inputs: [sha]}}',
		'on: {workflow_dispatch: {inputs: {"a b": {}}}}',
		tooMany,
		`# ${'x'.repeat(600_000)}\non: workflow_dispatch`,
	])
		assert.equal(await parseInputs(text), null, text.slice(0, 60));
});

test('whatever the text is, nothing is thrown', () =>
	fc.assert(
		fc.asyncProperty(fc.string({unit: 'grapheme', maxLength: 200}), async text => {
			const inputs = await parseInputs(`on:\n  workflow_dispatch:\n    inputs:\n      ${text}`);
			assert.ok(inputs === null || Array.isArray(inputs));
		}),
		runs(200),
	));

test('the form begins with the commit and the defaults; what is left empty is not sent', async () => {
	const inputs = await parseInputs(e2e);
	const values = beginningInputs(inputs, sha);
	assert.deepEqual(values, {sha, suite: 'smoke', trace: 'true', retries: '2', colour: ''});
	assert.deepEqual(sentInputs(values), {sha, suite: 'smoke', trace: 'true', retries: '2'});
	assert.equal(inputsProblem(inputs, values, sha), null);
	assert.deepEqual(beginningInputs(null, sha), {sha});
	assert.equal(inputsProblem(null, {sha}, sha), null);
});

test('what GitHub would refuse, and what would test something else, is said before it is sent', async () => {
	const inputs = await parseInputs(e2e);
	const values = beginningInputs(inputs, sha);
	for (const [change, because] of [
		[{sha: '9'.repeat(40)}, /not the commit that is meant/],
		[{sha: ''}, /sha has to be given/],
		[{suite: 'none'}, /one of all, smoke, 3/],
		[{trace: 'yes'}, /true or false/],
		[{retries: 'two'}, /is a number/],
		[{browser: 'firefox'}, /no input "browser"; it has sha/],
		[{colour: 'x'.repeat(66_000)}, /65535 characters/],
	] as const)
		assert.match(inputsProblem(inputs, {...values, ...change}, sha) ?? '', because);
	assert.match(inputsProblem([], {}, sha) ?? '', /cannot be told which commit/);
	assert.match(
		inputsProblem(null, Object.fromEntries(Array.from({length: 26}, (_, index) => [`i${index}`, ''])), sha) ?? '',
		/at most 25/,
	);
});

test('a workflow of the simulator declares in its file what it takes', async () => {
	for (const definition of standardWorkflows.filter(({on, inputs}) => on.dispatch && inputs)) {
		const read = await parseInputs(workflowText(definition, standardWorkflows));
		assert.deepEqual(
			read?.map(({name}) => name),
			Object.keys(definition.inputs!),
			definition.file,
		);
	}
	const e2e = await parseInputs(workflowText(e2eStaging, standardWorkflows));
	assert.deepEqual(e2e?.find(({name}) => name === 'suite')?.options, ['all', 'smoke', 'critical']);
});
