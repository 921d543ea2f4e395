/** Whether a confirmed plan may still be carried out: asked again right before the script starts, by whoever starts it. */
import {statSync} from 'node:fs';
import {resolve} from 'node:path';
import type {Folded} from '../../core/operations/journal-fold.ts';
import {isSameVersion, overall} from '../../core/releases/observation.ts';
import type {Observation} from '../../core/releases/observation.ts';
import {exitCodes} from '../../errors.ts';
import type {Refusal} from '../../world.ts';
import {planHash} from './plan-hash.ts';
import type {OperationRequest} from './request.ts';
import {kindOfFile} from '../checkout/script-kind.ts';

export type No = Omit<Refusal, 'ok'>;

const again = 'look at the plan again';

/** A script that is not there is found out when it is started; here counts only what was mistaken for something else. */
const isSameKind = ({directory, command, scriptKind}: OperationRequest['plan']): boolean => {
	const path = resolve(directory, command[0] ?? '');
	const isFile = statSync(path, {throwIfNoEntry: false})?.isFile() === true;
	return !isFile || kindOfFile(path) === scriptKind;
};

/** What the request itself says, before anything is taken or written. */
export const whyNotAtAll = ({plan, settings, confirmation}: OperationRequest): No | null => {
	if (settings.readOnly)
		return {
			because: 'the settings say readOnly: nothing may be changed from here',
			next: 'remove readOnly from deployctl.yml if you are meant to act',
			exitCode: exitCodes.refused,
		};
	if (planHash(plan) !== plan.hash)
		return {because: 'the plan is not the one that was shown', next: again, exitCode: exitCodes.refused};
	if (plan.blocked !== null) return plan.blocked;
	if (plan.phrase !== null && confirmation.phrase !== plan.phrase)
		return {
			because: `the phrase was not confirmed: ${JSON.stringify(plan.phrase)} is asked for`,
			next: `type exactly: ${plan.phrase}`,
			exitCode: exitCodes.refused,
		};
	if (plan.kind !== 'rollback' && plan.to === null)
		return {because: 'the plan names no release', next: again, exitCode: exitCodes.usage};
	// Carried out by our own program, which is no script of the repository.
	if (plan.kind === 'promote')
		return plan.promotion === null || plan.command.length < 2
			? {because: 'the plan is not a whole promotion', next: again, exitCode: exitCodes.usage}
			: null;
	return isSameKind(plan)
		? null
		: {
				because: `the script is of another kind than in the plan: ${plan.scriptKind} was shown`,
				next: again,
				exitCode: exitCodes.refused,
			};
};

const isMarked = (marks: Folded['pins'], environment: string, plan: OperationRequest['plan']) =>
	[...marks.values()].find(
		mark =>
			mark.environment === environment &&
			plan.to !== null &&
			(mark.release === plan.to.release || (mark.sha !== null && mark.sha === plan.to.sha)),
	);

/** What the journal and the environment say now, with the locks in our hands. */
export const whyNotNow = ({plan}: OperationRequest, folded: Folded, before: Observation): No | null => {
	const pin = isMarked(folded.pins, plan.environment, plan);
	if (plan.kind !== 'rollback' && pin !== undefined)
		return {
			because: `this release is pinned out of ${plan.environment}: ${pin.because} (${pin.by})`,
			next: `clear the pin first, with a reason`,
			exitCode: exitCodes.refused,
		};
	const mark = isMarked(folded.bad, plan.environment, plan);
	if (plan.kind === 'rollback' && mark !== undefined && !plan.insists)
		return {
			because: `the target is marked bad: ${mark.because} (${mark.by})`,
			next: 'choose another one, or use --force',
			exitCode: exitCodes.refused,
		};
	// Stopping a deployment changes what is live: that is its purpose.
	if (plan.stopping !== null) return null;
	const [then, now] = [overall(plan.observation), overall(before)];
	if (
		then.version !== null &&
		now.version !== null &&
		!isSameVersion(now.version, {release: then.version, sha: then.version})
	) {
		return {
			because: `${plan.environment} runs ${now.version} now, and ran ${then.version} when the plan was made`,
			next: again,
			exitCode: exitCodes.refused,
		};
	}
	if (plan.kind !== 'rollback' && then.version !== null && now.version === null && !now.isMixed)
		return {
			because: `${plan.environment} does not say any more what it runs`,
			next: again,
			exitCode: exitCodes.refused,
		};
	return null;
};
