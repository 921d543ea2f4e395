/**
One of many who want an environment: `racer.ts STATE CHECKOUT`. On `round N` it begins an operation with the product's own code, up to the moment
before the script, and says `won` or `refused CODE`. The winner marks its presence with an exclusively created file until `finish`.
*/
import {closeSync, openSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import type {Plan} from '../../source/core/plan/plan.ts';
import {defaultSettings} from '../../source/core/settings/settings.ts';
import {realClock} from '../../source/edges/clock.ts';
import {begin} from '../../source/operations/supervisor/begin.ts';
import type {Ready} from '../../source/operations/supervisor/begin.ts';
import {finish} from '../../source/operations/supervisor/conclude.ts';
import {createJournal} from '../../source/operations/journal/journal.ts';
import {takeMutex} from '../../source/operations/files/mutex.ts';
import type {Mutex} from '../../source/operations/files/mutex.ts';
import {operationPaths, statePaths} from '../../source/operations/files/paths.ts';
import {planHash} from '../../source/operations/request/plan-hash.ts';
import {readRefusal, writeRequest} from '../../source/operations/request/request.ts';
import {supervise} from '../../source/operations/supervisor/supervise.ts';
import {openSupervision} from '../../source/operations/supervisor/supervision.ts';
import type {Supervision} from '../../source/operations/supervisor/supervision.ts';
import type {Surroundings} from '../../source/operations/supervisor/surroundings.ts';
import {patienceMs} from './patience.ts';

const [state = '', checkout = ''] = process.argv.slice(2);
const paths = statePaths(state, 'github.com', 'acme/app');
const witness = join(checkout, 'witness');
const around: Surroundings = {
	openJournal: createJournal,
	clock: realClock,
	env: {},
	observe: () => Promise.reject(new Error('nothing to observe')),
	proveAgain: async () => null,
	remoteLocks: null,
	mask: text => text,
	seal: () => Promise.reject(new Error('nothing to seal')),
	announce: async () => {},
	deliver: async () => {},
	say: () => {},
};

const planOf = (round: string): Plan => ({
	id: `race-${round}-${process.pid}`,
	kind: 'deploy',
	environment: 'staging',
	from: null,
	to: {release: 'r', sha: null},
	sha: null,
	scriptKind: 'plain',
	command: ['true'],
	directory: checkout,
	coming: null,
	going: null,
	migration: 'unknown',
	usualSeconds: null,
	p95Seconds: null,
	timeoutSeconds: 1,
	graceSeconds: 1,
	lock: {state: 'free'},
	observation: {environment: 'staging', readAt: 0, instances: []},
	warnings: [],
	blocked: null,
	phrase: null,
	offers: [],
	stopping: null,
	insists: false,
	promotion: null,
	hash: '',
});
const confirmed = (plan: Plan): Plan => ({...plan, hash: planHash(plan)});

let current: {supervision: Supervision; ready: Ready; mutex: Mutex} | null = null;

const race = async (round: string): Promise<string> => {
	const plan = confirmed(planOf(round));
	const files = operationPaths(paths, plan.id);
	writeRequest(files, {
		plan,
		operator: String(process.pid),
		host: 'here',
		repository: 'acme/app',
		gitHubHost: 'github.com',
		isExplicit: false,
		settings: defaultSettings,
		confirmation: {phrase: null},
		state,
	});
	const mutex = await takeMutex(files.supervisorMutex, patienceMs);
	const supervision = openSupervision(files.directory, around, other => supervise(other, {isResume: true}, around));
	const ready = await begin(supervision);
	if (ready === null) {
		mutex!.release();
		return `refused ${readRefusal(files)?.exitCode}`;
	}
	// Throws when somebody else is here too: the race is lost for everybody then.
	closeSync(openSync(witness, 'wx'));
	current = {supervision, ready, mutex: mutex!};
	return 'won';
};

const end = async (): Promise<string> => {
	const {supervision, ready, mutex} = current!;
	rmSync(witness);
	await finish(supervision, ready.locks, {
		outcome: 'failed',
		exitCode: 1,
		because: 'only a race',
		next: null,
		live: null,
		marks: [],
	});
	mutex.release();
	current = null;
	return 'finished';
};

console.log('ready');
for await (const line of createInterface({input: process.stdin})) {
	const [word, round = ''] = line.split(' ');
	console.log(word === 'round' ? await race(round) : await end());
}
