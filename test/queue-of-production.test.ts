/** A production deployment that waits is cancelled by none that comes after it, where the server knows how. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Inspection} from '../source/init/model.ts';
import {inspect} from '../source/init/inspect/inspect.ts';
import {defaultAnswers, propose} from '../source/init/propose/propose.ts';
import {layOut, noMapping, samples} from './helpers/sample-repositories.ts';
import {byActionlint, byGitHub, readWorkflow} from './helpers/workflow-linters.ts';

test('production keeps its queue on github.com and its kin; an Enterprise Server is not asked for what it may not know', async t => {
	const inspection = await inspect(layOut(t, samples['node npm']));
	const textFor = (host: string) => {
		const there: Inspection = {...inspection, remote: {host, owner: 'acme', name: 'shop'}};
		return propose(there, defaultAnswers(there), noMapping).files.find(({path}) =>
			path.endsWith('deploy-production.yml'),
		)!.content;
	};
	const concurrencyOn = (host: string) => readWorkflow(textFor(host)).concurrency;
	const always = {group: 'deploy-production', 'cancel-in-progress': false};
	assert.deepEqual(
		[concurrencyOn('github.com'), concurrencyOn('acme.ghe.com'), concurrencyOn('github.acme.example')],
		[{...always, queue: 'max'}, {...always, queue: 'max'}, always],
	);
	assert.doesNotMatch(textFor('github.acme.example'), /keep their places/);
	const text = textFor('github.com');
	assert.deepEqual([...(await byActionlint('a.yml', text)), ...(await byGitHub('a.yml', text))], []);
	assert.notDeepEqual(
		await byActionlint('a.yml', text.replace('queue: max', 'ques: max')),
		[],
		'only this one key is excused',
	);
});
