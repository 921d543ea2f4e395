/** The real surroundings of a supervisor: GitHub with the token of its own environment, probes, the outbox, the masked log. */
import {foldRecords, nothingFolded} from '../../core/operations/journal-fold.ts';
import {maskText, secretsFrom} from '../../core/text/mask.ts';
import type {Operation} from '../../core/operations/operation.ts';
import {realClock} from '../../edges/clock.ts';
import {createDeliver, itemsFor} from '../outbox/deliver.ts';
import {createJournal} from '../journal/journal.ts';
import {createJournalReader} from '../journal/journal-reader.ts';
import {observe} from '../readings/observe.ts';
import {flushOutbox, queueItems} from '../outbox/outbox.ts';
import {statePaths} from '../files/paths.ts';
import {gitHubFor, proofFor, remoteLocksOf} from './remote.ts';
import type {OperationRequest} from '../request/request.ts';
import {sealLog} from '../script/seal.ts';
import type {Surroundings} from './surroundings.ts';

const now = () => realClock.now();

/** What others are to know goes into the outbox together with what the journal knows about it. */
const queueAbout = async (
	what: 'started' | 'finished',
	operation: Operation,
	{settings, repository, gitHubHost, state}: OperationRequest,
): Promise<void> => {
	const paths = statePaths(state, gitHubHost, repository);
	const {records} = await createJournalReader(paths.journal).read();
	const pins = [...foldRecords(nothingFolded, records).pins.values()].filter(pin => pin.operation === operation.id);
	const items = itemsFor(what, operation, {
		settings,
		repository,
		gitHubHost,
		journalHead: records.at(-1)?.hash ?? null,
		pins,
		hasGitHub: true,
	});
	await queueItems(paths.outbox, items, {now, journal: createJournal(paths, now)});
};

/** `env`: the supervisor's own; the values of its secret variables are masked. */
export const surroundingsFor = (
	request: OperationRequest,
	env: Readonly<Record<string, string | undefined>>,
	say: (text: string) => void,
): Surroundings => {
	const {settings, repository, state, gitHubHost} = request;
	const paths = statePaths(state, gitHubHost, repository);
	const secrets = secretsFrom(env);
	const mask = (text: string) => maskText(text, secrets);
	const gitHub = gitHubFor(request, env);
	const deliver = createDeliver({gitHub, settings, repository, env, clock: realClock, mask});
	return {
		openJournal: createJournal,
		clock: realClock,
		env,
		observe: (environment, signal) => observe(environment, {clock: realClock}, signal),
		proveAgain: proofFor(request, env),
		remoteLocks: remoteLocksOf(gitHub),
		mask,
		seal: async (raw, sealed) => {
			const log = await sealLog({raw, sealed, secrets});
			if (!log.ok) throw new Error(log.because);
			return log;
		},
		announce: queueAbout,
		deliver: async signal => {
			await flushOutbox(paths.outbox, deliver, {now, signal, journal: createJournal(paths, now)});
		},
		say: text => say(mask(text)),
	};
};
