/** Questions to the state about promotions: what waits for an approval, who has signed off, where the branches stand. */
import type {Condition} from '../../core/pipeline/pipeline.ts';
import type {SignOffRule} from '../../core/settings/settings.ts';
import type {Given} from '../model/dialog.ts';
import {isRunning, operationInView, runningOperations} from '../questions/operation-select.ts';
import {approvalOf} from '../view/operation-words.ts';
import {selectedCandidate, shownTiers, tierInView} from '../questions/select.ts';
import type {State} from '../model/state.ts';

/** A run that GitHub holds back until somebody has approved. `waitingSince` is by GitHub's clock. `canApprove` null: not known, GitHub itself will say. */
export type Held = {runId: number; environment: string; waitingSince: number | null; canApprove: boolean | null};

/** Every run that waits, as far as it was read. */
const heldRuns = ({facts}: State): readonly Held[] =>
	(facts?.runs ?? []).flatMap(({id, waits}) =>
		waits.map(({environment, waitingSince, canApprove}): Held => ({
			runId: id,
			environment,
			waitingSince,
			canApprove,
		})),
	);

/** What a promotion that runs says that it waits for. */
const heldByOperation = (state: State): readonly Held[] => {
	const inView = operationInView(state);
	const operations = inView ? [inView].filter(isRunning) : runningOperations(state);
	return operations
		.flatMap(({steps}) => steps)
		.flatMap((step): readonly Held[] => {
			const approval = approvalOf(step);
			if (approval === null) return [];
			const {runId, environment, canApprove} = approval;
			return [
				heldRuns(state).find(held => held.runId === runId && held.environment === environment) ?? {
					runId,
					environment,
					waitingSince: step.startedAt + state.now - state.wallNow,
					canApprove,
				},
			];
		});
};

/** Which one a key means: in the view of an operation its own; else that of the tier in view, of another tier of the commit, of production. */
export const heldMeant = (state: State): Held | null => {
	const ofOperations = heldByOperation(state);
	if (state.view.place.name === 'operation') return ofOperations[0] ?? null;
	const inView = tierInView(state);
	const tiers = [...(inView ? [inView] : []), ...(state.view.place.name === 'tier' ? [] : shownTiers(state))];
	const ofTiers = tiers.flatMap(({runId, waits}) =>
		runId === null
			? []
			: waits.map(({environment, waitingSince, canApprove}): Held => ({
					runId,
					environment,
					waitingSince,
					canApprove,
				})),
	);
	const ofProduction = heldRuns(state).filter(({environment}) => environment === 'production');
	const found = [...ofTiers, ...ofOperations, ...ofProduction];
	return found.find(({canApprove}) => canApprove !== false) ?? found[0] ?? null;
};

/** Whether that run still waits for all that is known; null: nothing is known of it. */
export const isStillHeld = (state: State, runId: number, environment: string): boolean | null => {
	if (heldByOperation(state).some(held => held.runId === runId && held.environment === environment)) return true;
	const run = state.facts?.runs.find(({id}) => id === runId);
	return run === undefined ? null : run.waits.some(wait => wait.environment === environment);
};

export type SignOffRow = {name: string; by: readonly string[]; given: Given | null};

/** Each that the settings ask for, with who has given it, as the condition's proofs tell. */
export const signOffRows = (rules: readonly SignOffRule[], conditions: readonly Condition[]): readonly SignOffRow[] => {
	const proofs = conditions.find(({id}) => id === 'sign-offs')?.proofs ?? [];
	return rules.map(({name, by}) => {
		const proof = proofs.find(({text}) => text === name) ?? proofs.find(({text}) => text?.startsWith(`${name}:`));
		return {name, by, given: proof === undefined ? null : {by: proof.by ?? null, at: proof.at ?? null}};
	});
};

/** What the dialog's plan, else the selected commit wants to be signed for. */
export const signOffsMeant = (state: State): {sha: string; rows: readonly SignOffRow[]} | null => {
	const {
		dialog,
		settings: {promotion},
	} = state;
	if (dialog?.name === 'plan' && dialog.plan?.promotion && dialog.plan.sha !== null) {
		const {hotfix, conditions} = dialog.plan.promotion;
		return {
			sha: dialog.plan.sha,
			rows: signOffRows(hotfix === null ? promotion.signOffs : promotion.hotfix.signOffs, conditions),
		};
	}
	const candidate = selectedCandidate(state);
	return candidate && {sha: candidate.sha, rows: signOffRows(promotion.signOffs, candidate.gate.conditions)};
};

/** Who may approve for an environment, in a few words. */
export const reviewersText = ({facts}: State, environment: string): string => {
	const reviewers = environment === 'production' ? (facts?.productionRules?.reviewers ?? []) : [];
	return reviewers.length === 0
		? `only the reviewers of ${environment} on GitHub may approve it`
		: `only ${reviewers.slice(0, 3).join(', ')}${reviewers.length > 3 ? ' and others' : ''} may approve ${environment}`;
};
