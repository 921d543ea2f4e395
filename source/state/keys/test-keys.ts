/** The part of the table of keys that is about single tests. */
import type {Job} from '../../core/pipeline/pipeline.ts';
import {isMoving} from '../../core/pipeline/words.ts';
import {both, type Gate, hasCommit, open, shut} from '../questions/key-gate.ts';
import {selectedCandidate, tierInView} from '../questions/select.ts';
import type {State} from '../model/state.ts';
import {jobsNote} from '../view/jobs-note.ts';
import {chosenFailure, failureAddress, failuresInView, tierWithTests} from '../tests/test-select.ts';
import type {Binding} from './binding.ts';

const hasFailure = (state: State): Gate => (failuresInView(state).length > 0 ? open : shut('no failure is known here'));
const hasSeveral = (state: State): Gate =>
	failuresInView(state).length > 1
		? open
		: shut(failuresInView(state).length === 1 ? 'it is the only failure' : 'no failure is known here');
const hasJob = (state: State): Gate =>
	chosenFailure(state)?.jobId == null ? shut('GitHub shows no job for it', 'o opens the page of the run.') : open;
const hasPage = (state: State): Gate => (failureAddress(state) ? open : shut('there is no page to open here'));
/** On the board only where there are tests to see: its footer is short. While E2E runs or is red it is what one wants next, whichever tier the cursor is at. */
const isWorthwhile = (state: State): boolean => {
	if (state.view.place.name !== 'board') return true;
	const e2e = selectedCandidate(state)?.tiers.e2e;
	return (
		e2e !== undefined &&
		e2e.status !== 'none' &&
		(tierInView(state)?.name === 'e2e' || isMoving(e2e.status) || e2e.status === 'failed')
	);
};
/** What `v` opens: the failure's job where one is chosen, else the first whose log is there, else the first. */
const jobMeant = (state: State): Job | null => {
	const jobs = tierInView(state)?.jobs ?? [];
	return (
		jobs.find(({id}) => id === chosenFailure(state)?.jobId) ??
		jobs.find(({status}) => status === 'failed' || status === 'passed') ??
		jobs[0] ??
		null
	);
};
/** In one of three words. */
const whyNoJob = (state: State): string => {
	const tier = tierInView(state);
	return (tier && jobsNote(state, tier)?.text) ?? 'there is no job here';
};
const hasLog = (state: State): Gate => (jobMeant(state) ? open : shut(whyNoJob(state)));

export const testKeys: readonly Binding[] = [
	{
		modes: ['board', 'tier', 'job'],
		keys: ['t'],
		label: 'tests',
		help: 'Tests of E2E: shards, what fails, and whether that is new',
		group: 'Look',
		footer: 1.05,
		footerWhen: isWorthwhile,
		inPalette: true,
		gate: hasCommit,
		message: state => ({
			type: 'go',
			place: {
				name: 'tests',
				tier: tierWithTests(state),
				from: state.view.place.name === 'board' ? 'board' : 'tier',
			},
		}),
	},
	{
		modes: ['tests'],
		keys: ['enter'],
		label: 'log',
		help: "Open the log of the failure's job at its first error",
		group: 'Look',
		footer: 1,
		footerWhen: state => hasFailure(state).open,
		gate: both(hasFailure, hasJob),
		message: state => ({type: 'open-log', jobId: chosenFailure(state)!.jobId!, at: 'first-error'}),
	},
	{
		modes: ['tests'],
		keys: ['v'],
		label: 'log',
		help: "View a job's log: of the failure, else of the first job that has ended",
		group: 'Look',
		footer: 1,
		footerWhen: state => !hasFailure(state).open && hasLog(state).open,
		gate: hasLog,
		message: state => ({
			type: 'open-log',
			jobId: jobMeant(state)!.id,
			at: jobMeant(state)!.status === 'failed' ? 'first-error' : 'end',
		}),
	},
	{
		modes: ['tests'],
		keys: ['n'],
		label: 'next failure',
		help: 'Next failure, round and round',
		group: 'Look',
		footer: 1.15,
		footerWhen: state => hasSeveral(state).open,
		gate: hasSeveral,
		message: {type: 'step-failure', by: 1},
	},
	{
		modes: ['tests'],
		keys: ['N'],
		label: 'previous failure',
		help: 'Previous failure, round and round',
		group: 'Look',
		gate: hasSeveral,
		message: {type: 'step-failure', by: -1},
	},
	{
		modes: ['tests'],
		keys: ['o'],
		label: 'open page',
		help: "Open the failing test's line, else its job, in the browser",
		group: 'Use',
		footer: 7,
		gate: hasPage,
		message: {type: 'open-failure'},
	},
	{
		modes: ['tests'],
		keys: ['y'],
		label: 'copy failure',
		help: 'Copy the failure: location, title and message',
		group: 'Use',
		footer: 8,
		footerWhen: state => hasFailure(state).open,
		gate: hasFailure,
		message: {type: 'copy-failure'},
	},
];
