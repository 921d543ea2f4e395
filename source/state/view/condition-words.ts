/** Words that screen, sentences and differences share about the conditions of the gate. */
import type {Answer, Condition, ConditionId} from '../../core/pipeline/pipeline.ts';

export const conditionTitles: Readonly<Record<ConditionId, string>> = {
	'fast-green': 'fast tests',
	staged: 'staged',
	'e2e-green': 'E2E',
	'smoke-green': 'smoke',
	'fast-forward': 'fast-forward',
	unlocked: 'unlocked',
	'not-frozen': 'not frozen',
	'not-pinned': 'not pinned',
	'production-healthy': 'healthy',
	'sign-offs': 'sign-offs',
	approvals: 'approvals',
	promoter: 'who promotes',
};

/** The answer for a commit, in sentences. */
export const answerWords: Readonly<Record<Answer, string>> = {
	'in-production': 'in production',
	mixed: 'on some instances of production only',
	pinned: 'pinned, blocked from redeploy',
	older: 'older than production',
	merged: "on production's branch, not deployed",
	ready: 'ready',
	blocked: 'blocked',
	waiting: 'waiting',
	checking: 'checking',
	unknown: 'unknown',
};

/** The reason without its subject, which stands beside it already: `passed, run 14541961385`. */
export const reasonOf = ({because}: Pick<Condition, 'because'>): string =>
	because
		.replace(/^(?:Fast tests|Deployment|E2E|Smoke|[a-z][a-z ]*(?=:)):? /, '')
		.replace(/ \((run [^()]*)\)$/, ', $1');

/** `3m05s`, `12h`, `1d04h`: what grows by itself says nothing new. */
const durations = /\b\d+(?:s|m(?:\d\ds)?|h(?:\d\dm)?|d(?:\d\dh)?)\b/g;

/** The same text for the same state of affairs, however long it has lasted. */
export const withoutAges = (text: string): string => text.replaceAll(durations, '');

/** What is known to be wrong comes before what nobody knows, and that before what is met. */
export const worstFirst = (conditions: readonly Condition[]): readonly Condition[] => {
	const rank = ({met}: Condition) => (met === false ? 0 : met === 'unknown' ? 1 : 2);
	return [...conditions].sort((one, other) => rank(one) - rank(other));
};

/** When the newest of what it rests on was so; null: nobody says. */
export const provenAt = ({proofs = []}: Condition): number | null => {
	const times = proofs.flatMap(({at}) => at ?? []);
	return times.length === 0 ? null : Math.max(...times);
};
