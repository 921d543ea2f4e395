/** Real workflows of eight public repositories: mapped as somebody who has read them would, or refused with the reason. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {mapWorkflows} from '../source/init/map/map.ts';
import {foreignRepositories, foreignWorkflows} from './helpers/foreign.ts';

type Expected = {
	staging: string;
	/** `tier workflow [jobs]` */
	tiers: readonly string[];
	/** What the reason of a workflow that is no tier has to say. */
	refused: Readonly<Record<string, RegExp>>;
	/** What has to be said about a tier. */
	advice?: Readonly<Record<string, readonly RegExp[]>>;
};

const notForCommits = /for pull requests, never for commits of/;

// Written by hand after reading the files.
const expected: ReadonlyArray<readonly [string, Expected]> = [
	[
		'cli-cli',
		{
			staging: 'trunk',
			tiers: ['fast go.yml'],
			// Releases binaries into an environment that is an input.
			refused: {
				'deployment.yml': /whoever starts it chooses which/,
				'lint.yml': /none of the tiers/,
				'triage.yml': /pull_request_target/,
				'issueauto.yml': /started by issues/,
			},
			advice: {fast: [/^lint\.yml checks the same commits/]},
		},
	],
	[
		'docker-compose',
		{
			staging: 'main',
			tiers: [],
			// E2E is in both, once together with the unit tests in one job.
			refused: {
				'ci.yml':
					/ci\.yml and merge\.yml could each be E2E.*Fast tests \(.*test.*\) share it with other jobs \(.*e2e.*\)/,
				'merge.yml': /could each be E2E/,
			},
		},
	],
	[
		'etcd-io-etcd',
		{
			staging: 'main',
			tiers: ['fast tests.yaml', 'e2e e2e.yaml'],
			refused: {
				'tests-template.yaml': /only as a part of the workflows that call it/,
				'static-analysis.yaml': /none of the tiers/,
				'gh-workflow-approve.yaml': /DANGER: pull_request_target/,
			},
			advice: {
				fast: [/functional\.yaml.*grpcproxy\.yaml.*static-analysis\.yaml/],
				e2e: [/not after the deployment/, /staging-report/],
			},
		},
	],
	[
		'getsentry-sentry-python',
		{
			staging: 'master',
			tiers: [],
			// Eleven workflows that are all unit tests: none of them is the fast tests alone.
			refused: {
				'test-integrations-common.yml': /test-integrations-ai\.yml.* and \d+ more could each be fast tests/,
				'test-integrations-web-frameworks-2.yml': /could each be fast tests/,
				'ci.yml': /none of the tiers/,
			},
		},
	],
	[
		'jupyter-notebook',
		{
			staging: 'main',
			tiers: ['e2e selenium.yml'],
			refused: {
				'python.yml': /could each be fast tests/,
				'python-nbconvert.yml': /could each be fast tests/,
				'js.yml': /does not say of which kind/,
			},
		},
	],
	[
		'jupyterlab-jupyterlab',
		{
			staging: 'main',
			tiers: ['e2e galata.yml'],
			refused: {
				'linuxtests.yml': /its pushes are not those of main/,
				'galata-update.yml': /started by issue_comment/,
				'reject-staging-changes.yml': notForCommits,
				'enforce-label.yml': /pull_request_target/,
			},
		},
	],
	[
		'jupyterlab-jupyterlab',
		{
			staging: '4.0.x',
			tiers: ['fast linuxtests.yml'],
			refused: {
				'galata.yml': /looks like E2E, but its pushes are not those of 4\.0\.x/,
				'linuxjs-tests.yml': /ci_script\.sh” does not say of which kind/,
			},
			advice: {fast: [/linuxjs-tests\.yml, macostests\.yml, windowstests\.yml check the same commits/]},
		},
	],
	[
		'miniflux-v2',
		{
			staging: 'main',
			tiers: [],
			refused: {
				'tests.yml': /looks like fast tests, but it runs for pull requests, never for commits of main/,
				'linters.yml': /none of the tiers/,
				'docker.yml': /its pushes are not those of main/,
			},
		},
	],
	[
		'prometheus-prometheus',
		{
			staging: 'main',
			tiers: ['fast ci.yml'],
			refused: {
				'buf-lint.yml': notForCommits,
				'fuzzing.yml': /only as a part/,
				'repo_sync.yml': /started by schedule/,
			},
		},
	],
];

for (const [name, {staging, tiers, refused, advice = {}}] of expected) {
	test(`${name} with ${staging}`, () => {
		const workflows = foreignWorkflows(name);
		const mapping = mapWorkflows(workflows, {staging, production: 'release'});
		assert.deepEqual(
			mapping.tiers.map(({tier, workflow, jobs}) =>
				[tier, workflow, jobs].filter(part => part !== null).join(' '),
			),
			tiers,
		);
		for (const [workflow, reason] of Object.entries(refused))
			assert.match(
				mapping.unmapped.find(one => one.workflow === workflow)?.because ?? '(mapped)',
				reason,
				workflow,
			);
		for (const [tier, sentences] of Object.entries(advice))
			for (const sentence of sentences)
				assert.ok(
					mapping.tiers.find(one => one.tier === tier)?.advice.some(one => sentence.test(one)),
					`${tier}: ${sentence}`,
				);
		// Nothing is passed over in silence, and nothing is told twice.
		const told = [...new Set([...mapping.tiers, ...mapping.unmapped].map(({workflow}) => workflow))].sort();
		assert.deepEqual(
			told,
			workflows.map(({file}) => file),
		);
		assert.equal(new Set(mapping.unmapped.map(({workflow}) => workflow)).size, mapping.unmapped.length);
		assert.ok([...mapping.tiers, ...mapping.unmapped].every(({because}) => because.length > 10));
	});
}

test('every folder of foreign workflows is tried', () => {
	assert.deepEqual([...new Set(expected.map(([name]) => name))].sort(), foreignRepositories());
});
