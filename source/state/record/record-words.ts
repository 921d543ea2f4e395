/** What was asked for by hand, in words, for the record. An effect that is nobody's wish says nothing. */
import type {Told} from '../../core/history/record.ts';
import type {Effect} from '../model/messages.ts';

type Asked = Extract<Told, {kind: 'asked'}>;

export const tellEffect = (effect: Effect, by: string | null): Asked | null => {
	const asked = (what: string, environment: string | null, sha: string | null, text: string): Asked => ({
		kind: 'asked',
		serial: 'generation' in effect ? effect.generation : 0,
		what,
		environment,
		sha,
		by,
		text,
	});
	switch (effect.type) {
		case 'start-operation': {
			const {kind, environment, to, sha} = effect.plan;
			return asked(
				kind,
				environment,
				sha,
				`${kind} of ${environment}${to === null ? '' : ` to ${to.release}`} confirmed`,
			);
		}
		case 'stop-operation':
			return asked(
				'stop',
				null,
				null,
				`${effect.operation} to be stopped${effect.thenRollBack ? ' and rolled back' : ''}`,
			);
		case 'lock':
			return asked('lock', effect.environment, null, `${effect.environment} to be locked: ${effect.reason}`);
		case 'unlock':
			return asked(
				'unlock',
				effect.environment,
				null,
				effect.breaking === null
					? `${effect.environment} to be unlocked`
					: `the lock ${effect.breaking.id} of ${effect.environment} to be broken: ${effect.breaking.reason}`,
			);
		case 'unpin':
			return asked('unpin', effect.environment, null, `${effect.environment} to be unpinned: ${effect.reason}`);
		case 'sign-off':
			return asked(
				'sign-off',
				null,
				effect.sha,
				`sign-off ${effect.name} for ${effect.sha.slice(0, 7)} ${effect.given ? 'given' : 'taken back'}${effect.note === null ? '' : `: ${effect.note}`}`,
			);
		case 'review':
			return asked(
				'review',
				effect.environment,
				null,
				`run ${effect.runId} ${effect.decision === 'approve' ? 'approved' : 'rejected'} for ${effect.environment}${effect.comment === '' ? '' : `: ${effect.comment}`}`,
			);
		default:
			return null;
	}
};
