/** The real surroundings of a supervisor: GitHub with the token of its own environment, probes, the outbox, the masked log. */
import {maskText, secretsFrom} from '../core/mask.ts';
import {realClock} from '../edges/clock.ts';
import {createJournal} from './journal.ts';
import {remoteLocksFor} from './remote.ts';
import type {OperationRequest} from './request.ts';
import type {Surroundings} from './surroundings.ts';

export const surroundingsFor = (request: OperationRequest, env: Readonly<Record<string, string | undefined>>, say: (text: string) => void): Surroundings => {
	const secrets = secretsFrom(env);
	return {
		openJournal: createJournal,
		clock: realClock,
		env,
		observe: async environment => ({environment: environment.name, readAt: realClock.now(), instances: []}),
		remoteLocks: remoteLocksFor(request, env),
		mask: text => maskText(text, secrets),
		seal: async () => {
			throw new Error('not yet');
		},
		announce: async () => {},
		deliver: async () => {},
		say,
	};
};
