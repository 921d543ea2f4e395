/** Words that screen and sentences share about operations. */
import {nameOf} from '../../core/releases/instances.ts';
import type {Operation, OperationStep} from '../../core/operations/operation.ts';

const nouns = {deploy: 'Deployment', rollback: 'Rollback', promote: 'Promotion'} as const;

/** `Deployment of 9b1c2d3 to production`. */
export const titleOf = ({
	kind,
	to,
	sha,
	environment,
}: Pick<Operation, 'kind' | 'to' | 'sha' | 'environment'>): string => {
	const what = to ? nameOf(to) : sha?.slice(0, 7);
	return kind === 'rollback'
		? `${nouns[kind]} of ${environment}${what ? ` to ${what}` : ''}`
		: `${nouns[kind]}${what ? ` of ${what}` : ''} to ${environment}`;
};

/** In a dialog that cannot be opened yet. */
export const awaitedText =
	'reading local history … It opens as soon as that is there; until then no key does anything. Esc closes it.';

/** What a promotion's running step `approval` waits for, as its note tells it: `run=123 environment=production approvable=yes`. */
export const approvalOf = ({
	name,
	status,
	note,
}: OperationStep): {runId: number; environment: string; canApprove: boolean | null} | null => {
	if (name !== 'approval' || status !== 'running' || note === null) return null;
	const runId = Number(/\brun=(\d{1,16})\b/.exec(note)?.[1] ?? Number.NaN);
	const environment = /\benvironment=(\S+)/.exec(note)?.[1];
	const approvable = /\bapprovable=(yes|no)\b/.exec(note)?.[1];
	return Number.isSafeInteger(runId) && environment !== undefined
		? {runId, environment, canApprove: approvable === undefined ? null : approvable === 'yes'}
		: null;
};

/** The latest word about a step, for people. */
export const noteOf = (step: OperationStep): string | null => {
	const approval = approvalOf(step);
	if (approval === null) return step.note;
	return `run ${approval.runId} waits for ${approval.environment}: ${approval.canApprove === false ? 'others have to approve' : 'press V to approve'}`;
};
