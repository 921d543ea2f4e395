/** Verdicts behind hundreds of words of shards are found over REST, too, and pages are not read twice. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {postStatus} from '../source/simulator/simulation/acts.ts';
import {actionsBot} from '../source/simulator/model/model.ts';
import {bench, read, tokens} from './helpers/reader.ts';

test('the newest status of each context, wherever in the list it is; later only what is new', async t => {
	const made = await bench(t);
	const {simulation} = made.simulator;
	const sha = simulation.state.refs.get('refs/heads/develop')!;
	const post = (context: string, description: string) =>
		simulation.act(engine =>
			postStatus(engine.state, {
				sha,
				context,
				state: 'pending',
				description,
				targetUrl: null,
				creator: actionsBot,
			}),
		);
	post('deployctl/old', 'first');
	for (let index = 0; index < 450; index += 1) post(`deployctl/e2e-staging/${1 + (index % 4)}-of-4`, `${index}/450`);
	const github = made.reader(tokens.noSuites);
	const words = async () =>
		new Map(
			(await read(github)).facts
				.commits!.find(commit => commit.sha === sha)!
				.statuses.map(({context, description}) => [context, description]),
		);
	const first = await words();
	assert.deepEqual([first.get('deployctl/old'), first.get('deployctl/e2e-staging/2-of-4')], ['first', '449/450']);
	post('deployctl/e2e-staging/1-of-4', '450/450');
	const {result, byKind} = await made.counted(words);
	assert.deepEqual([result.get('deployctl/old'), result.get('deployctl/e2e-staging/1-of-4')], ['first', '450/450']);
	assert.equal(byKind[`GET /repos/acme/auto-author/commits/${sha}/statuses`], 1);
	// A gap between what is read and what was known: a word within it may have overtaken the old one.
	post('deployctl/old', 'overtaken');
	for (let index = 0; index < 2100; index += 1)
		post(`deployctl/e2e-staging/${1 + (index % 4)}-of-4`, `${index}/2100`);
	assert.notEqual((await words()).get('deployctl/old'), 'first');
});
