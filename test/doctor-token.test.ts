/** What the doctor says of a token follows from the table of what each command asks of it. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {needsOfUses, uses, type UseName} from '../source/github/token-needs.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {checkToken} from '../source/doctor/checks/token.ts';
import {readGitHub} from '../source/doctor/readings/github.ts';
import {healthy, probeOf} from './helpers/doctor.ts';
import {simulated} from './helpers/simulated.ts';

const all = needsOfUses(Object.keys(uses) as UseName[]);
const found = async (token: string) => {
	const github = await readGitHub(probeOf(simulated('quiet'), token), defaultSettings);
	return checkToken({...(await healthy()), github}).find(({id}) => id === 'token.scopes')!;
};
const fineGranted = async (without: string) =>
	found(
		`sim_fine-grained:${Object.entries(all)
			.filter(([name]) => name !== without)
			.map(([name, level]) => `${name}=${level}`)
			.join(',')}`,
	);

test('a token with all permissions has nothing to mend; what only the doctor itself would read is no fault', async () => {
	for (const without of ['nothing', 'secrets', 'repository_hooks', 'administration', 'environments'])
		assert.equal((await fineGranted(without)).severity, 'ok', without);
});

test('a permission that GitHub names when it refuses is named with the commands that it bars, worst first', async () => {
	for (const [without, words, commands] of [
		['contents', 'Contents: read', /status.*deploy.*lock.*promote/],
		['actions', 'Actions: read', /status.*logs.*promote/],
	] as const) {
		const {severity, what, why} = await fineGranted(without);
		assert.deepEqual([severity, what], ['error', `The token lacks ${words}`]);
		assert.match(why ?? '', commands);
	}
	const {what, why} = await found('sim_fine-grained:statuses=read');
	assert.equal(what, 'The token lacks Contents: read, Actions: read');
	assert.ok(why!.indexOf('Without Contents') < why!.indexOf('Without Actions'));
});

test('a classic token: the commands that its scopes do not reach are named', async () => {
	const said = async (scopes: readonly string[]) => {
		const readings = await healthy();
		const {repository, ...github} = readings.github!;
		assert.ok(repository.ok);
		return checkToken({
			...readings,
			github: {...github, repository: {ok: true, value: {...repository.value, scopes}}},
		}).find(({id}) => id === 'token.scopes')!;
	};
	assert.match((await said(['public_repo', 'workflow'])).why ?? '', /status, .*deploy, .*lock, .*doctor/);
	assert.doesNotMatch((await said(['repo:status', 'workflow'])).why ?? '', /report/);
	assert.equal((await said(['repo', 'workflow'])).severity, 'ok');
});
