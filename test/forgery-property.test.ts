/**
Over true histories in which something is red, missing or about another release, nothing that somebody with write access posts opens the
gate; and with the true evidence it opens, whatever is posted about other commits. The check itself is checked: each way to break the rule
in the code is found by it.
*/
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {correlate} from '../source/core/snapshot/correlate.ts';
import {decideGate} from '../source/core/gate/gate.ts';
import {findsEach, type Mutation} from './helpers/broken-core.ts';
import {attack, checkAttack, checkHonest, honest} from './helpers/forgery-property.ts';
import type {Core} from './helpers/work-property.ts';
import {runs} from './helpers/fuzz.ts';

const core: Core = {correlate, decideGate};

test('property: no forgery opens the gate where something true is missing', t => {
	const reasons = new Map<string, number>();
	fc.assert(
		fc.property(attack, each => {
			for (const reason of checkAttack(core, each)
				.split('; ')
				.map(text => text.split(':')[0]!))
				reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
		}),
		runs(4000, 31),
	);
	t.diagnostic(JSON.stringify(Object.fromEntries(reasons)));
	for (const id of ['fast-green', 'staged', 'e2e-green', 'smoke-green'])
		assert.ok((reasons.get(id) ?? 0) > 200, `${id} rarely had to hold`);
});

test('property: the true evidence opens it, and mostly so whatever is forged about another commit', t => {
	let [open, all] = [0, 0];
	fc.assert(
		fc.property(honest, each => {
			all++;
			if (checkHonest(core, each)) open++;
		}),
		runs(2000, 32),
	);
	t.diagnostic(`${open} of ${all} were open`);
	assert.ok(open > all / 3, 'too few were open for that to mean something');
});

/** Each is one way to get the rule wrong. */
const mutations: readonly Mutation[] = [
	[
		'evidence/trust.ts',
		"new Set(['push', 'merge_group', 'release'])",
		"new Set(['push', 'merge_group', 'release', 'workflow_dispatch'])",
	],
	[
		'evidence/trust.ts',
		"new Set(['push', 'merge_group', 'release'])",
		"new Set(['push', 'merge_group', 'release', 'issue_comment', 'issues'])",
	],
	[
		'evidence/trust.ts',
		"'schedule', 'repository_dispatch'])",
		"'schedule', 'repository_dispatch', 'pull_request_review', 'issue_comment'])",
	],
	['evidence/trust.ts', '(?<![^\\s()[\\]{}])[0-9a-f]{40}(?![^\\s()[\\]{}])', '(?<![^\\s()[\\]{}])[0-9a-f]{40}'],
	['evidence/trust.ts', '(?<![^\\s()[\\]{}])[0-9a-f]{40}(?![^\\s()[\\]{}])', '[0-9a-f]{40}(?![^\\s()[\\]{}])'],
	['evidence/trust.ts', "run.event === 'repository_dispatch' ? jobNames(run) : ", ''],
	['evidence/trust.ts', 'if (!eventsThatName.has(run.event)) return null;', ''],
	['evidence/trust.ts', 'words.length === all.length && ', ''],
	['evidence/trust.ts', 'new Set(words).size === 1 ?', 'words.length > 0 ?'],
	[
		'evidence/trust.ts',
		'if (isFromFork === true) return no(',
		'if (isFromFork === true) return null; if (false) return no(',
	],
	['evidence/trust.ts', 'isFromFork === false ? null :', 'isFromFork !== true ? null :'],
	['evidence/trust.ts', 'if (foreign !== null) return foreign;', ''],
	['evidence/trust.ts', '(from === -1 || at <= from)', 'true'],
	['evidence/trust.ts', "trunk.includes(sha) ? sha : (production.sha ?? '')", 'sha'],
	['evidence/trust.ts', 'return at !== -1 && (from', 'return (from'],
	[
		'evidence/trust.ts',
		'|| defaultTrunk.includes(run.headSha) || refs.production.sha === run.headSha) return trusted',
		'|| true) return trusted',
	],
	['evidence/trust.ts', 'if (own !== null && heads.includes(own)) return trusted;', 'return trusted;'],
	['evidence/trust.ts', 'if (isOnOurs(sha, around)) return trusted;', 'return trusted;'],
	['evidence/trust.ts', 'if (!eventsOfDeployments.has(run.event)) return no(', 'if (false) return no('],
	['evidence/trust.ts', 'return isByApp ? ofOwnWorkflow(sha, around)', 'return true ? ofOwnWorkflow(sha, around)'],
	[
		'evidence/trust.ts',
		"return no('only a status or a deployment says",
		"return {trusted: true} as Trust; no('only a status or a deployment says",
	],
	[
		'evidence/trust.ts',
		'if (run.headSha === sha) return byPlace',
		'if (run.headSha === sha) return trusted; if (run.headSha === sha) return byPlace',
	],
	[
		'evidence/trust.ts',
		'namedSha(run) === sha) return ofOurWorkflow(run, sha, around)',
		'namedSha(run) === sha) return trusted',
	],
	['evidence/subjects.ts', 'if (!first?.run) return first ?? null;', 'return first ?? null;'],
	['evidence/subjects.ts', 'return subject && withoutClaimed(subject, commit, tier, context);', 'return subject;'],
	['evidence/subjects.ts', 'trust: run && trustOf(run, commit.sha, context)', 'trust: {trusted: true}'],
	['evidence/subjects.ts', 'trust: trustOf(run, commit.sha, context)} : null', 'trust: {trusted: true}} : null'],
	['evidence/recorded.ts', 'deployment.createdAt <= endOf(run) + toleranceMs', 'true'],
	['evidence/recorded.ts', '|| workflowFile(run.workflowPath) !== settings.tiers.deploy.workflow', ''],
	['evidence/recorded.ts', 'return isThen && ', 'return true || isThen && '],
	['pipeline/staging.ts', '&& (deployment.sha !== sha || deployment.isRecord)', ''],
	['pipeline/staging.ts', 'if (other) return {otherSha: other.sha};', ''],
	['pipeline/staging.ts', 'if (live.sha !== sha) return', 'if (false) return'],
	[
		'gate/tiers.ts',
		"return isAsked ? unknown('Deployment: only a commit status",
		"return false ? unknown('Deployment: only a commit status",
	],
	['gate/tiers.ts', "case 'passed': return tier.isOwnWord ?", "case 'passed': return true ?"],
	['evidence/tier.ts', 'isOwnWord: trust?.trusted === true', 'isOwnWord: trust?.trusted !== false'],
];

test('the check finds each way to break the rule', async t => {
	await findsEach(
		t,
		mutations,
		broken =>
			fc.check(
				fc.property(attack, each => {
					checkAttack(broken, each);
				}),
				{numRuns: 4000, seed: 34, endOnFailure: true},
			).failed,
	);
});
