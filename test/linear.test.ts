/** Text of others costs what its length says, however it is made. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {sentence} from '../source/core/text/sanitise.ts';
import {expressionsIn, withoutExpressions} from '../source/core/text/expressions.ts';
import {clean} from '../source/github/failures/values.ts';
import {originIn} from '../source/settings/checkout/origin.ts';
import type {Readings} from '../source/doctor/model/model.ts';
import {findings, healthy, withFile} from './helpers/doctor.ts';

/** Milliseconds of the processor, so that a busy machine counts less. */
const took = (work: () => unknown): number => {
	const before = process.cpuUsage();
	work();
	const {user, system} = process.cpuUsage(before);
	return (user + system) / 1000;
};

/** Sixteen times the text: what is linear takes sixteen times as long, what is quadratic 256 times. */
const isLinear = (name: string, work: (text: string) => unknown, pump: string, size = 20_000) => {
	const small = Math.max(
		10,
		took(() => work(pump.repeat(size / pump.length))),
	);
	const large = took(() => work(pump.repeat((16 * size) / pump.length)));
	assert.ok(
		large < small * 100,
		`${name} of ${JSON.stringify(pump)}: ${small.toFixed(0)} ms, and ${large.toFixed(0)} ms for sixteen times as much`,
	);
};

test('readers of single lines', () => {
	for (const pump of ['\t', ' ', '[\t', '. ', '.', '. x', '[ a', ']', '= ']) {
		isLinear('sentence', text => sentence(`${text}x`), pump);
		isLinear('originIn', text => originIn(`[${text}`), pump);
		isLinear('originIn', text => originIn(`[remote "origin"]\nurl = ${text}`), pump);
		isLinear('clean', text => clean(`${text}x`), pump);
	}
	assert.equal(sentence('All well. .\n'), 'All well.');
	assert.equal(
		originIn('[core]\n\tbare = false\n[ remote "origin" ]\n\turl =  git@github.com:acme/shop.git \n'),
		'git@github.com:acme/shop.git',
	);
});

test('expressions of workflows', () => {
	for (const pump of ['${{', '${{ a', '${', '{{', '}}', '${{}', '${{ } '])
		isLinear('expressions', expressionsIn, pump);
	assert.deepEqual(
		expressionsIn('a ${{ b }} ${{ c\n}}}} ${{ d').map(({inner}) => inner),
		[' b ', ' c\n'],
	);
	assert.equal(withoutExpressions('e2e (${{ matrix.shard }}, ${{ x }}) ${{', '*'), 'e2e (*, *) ${{');
});

/** Five megabytes together: of files that are as large as files may be, in the script of a step; shorter ones elsewhere. */
const pumps = [
	'${{',
	'${{ secrets',
	'${{ github.',
	'}} ',
	' ',
	'\t|| ',
	'|| true ',
	'npm run ',
	'npx playwright ',
	'vercel ',
	'deploy ',
	'--ignore ',
	' -k "not ',
	'inputs.sha ',
	'pytest ',
	'-- ',
	'kubectl ',
	'a.',
	'github.sha || ',
	'cap x ',
	'$GITHUB_SHA ',
	'gh workflow run ',
	'curl ',
];
const size = 220_000;
const areas = ['workflows', 'secrets', 'rules'] as const;

const workflowOf = (text: string, short: string): string =>
	JSON.stringify({
		name: 'CI',
		'run-name': short,
		on: {push: {branches: ['develop']}, workflow_dispatch: {inputs: {sha: {type: 'string'}}}},
		jobs: {
			test: {
				name: short,
				'runs-on': 'ubuntu-latest',
				if: short,
				environment: short,
				steps: [
					{name: short, run: text},
					{uses: 'actions/checkout@v4', with: {ref: short}},
				],
			},
		},
	});

/** Why it could not be read; null: it was. */
const fileReading = ({github}: Readings): string | null => {
	const read = github?.files['develop'];
	return read?.ok ? (read.value.find(({file}) => file === 'e2e-staging.yml')?.because ?? null) : 'none';
};

test('doctor on five megabytes of hostile workflows takes no longer than on plain ones', async () => {
	const base = await healthy();
	const examined = async (texts: readonly string[]) => {
		let total = 0;
		for (const text of texts) {
			const readings = await withFile(base, 'e2e-staging.yml', workflowOf(text, text.slice(0, 10_000)));
			assert.deepEqual(fileReading(readings), null);
			total += took(() => areas.map(area => findings(readings, area)));
		}
		return total;
	};
	const plain = await examined(pumps.map(() => 'echo plain words of a script\n'.repeat(size / 29)));
	for (const pump of pumps) {
		const hostile = await examined([pump.repeat(size / pump.length)]);
		assert.ok(
			hostile < 500 + plain,
			`${JSON.stringify(pump)}: ${hostile.toFixed(0)} ms; all of plain text: ${plain.toFixed(0)} ms`,
		);
	}
});
