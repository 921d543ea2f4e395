/** Dialogs about GitHub's runs for ears: sentences that say the same. */
import {effectsOf} from '../../core/runs/effects.ts';
import {costText, wishText} from '../../core/runs/runs.ts';
import {sentence} from '../../core/text/sanitise.ts';
import type {RunDialog} from '../../state/model/run-dialog.ts';
import {inputAt} from '../../state/runs/run-form.ts';
import {surroundingsOf} from '../../state/questions/run-select.ts';
import {jobsMeant, repeatText} from '../../state/view/run-words.ts';
import type {State} from '../../state/model/state.ts';

export const runSentences = (dialog: RunDialog, state: State): readonly string[] => {
	switch (dialog.name) {
		case 'rerun': {
			const {which, debug} = dialog.rows[dialog.row]!;
			return [
				`Re-run ${dialog.about.title}: which jobs? ${dialog.rows.length} choices.`,
				`Chosen: ${repeatText(which)}${debug ? ', with debug logging' : ''}. ${sentence(costText(jobsMeant(state, dialog.seen.runId, which)))}`,
			];
		}
		case 'start-run': {
			const at = inputAt(dialog);
			return [
				`Start ${dialog.about.title}. ${dialog.isReading ? 'Reading its inputs.' : dialog.inputs === null ? 'Its inputs are not known: only the commit is given.' : `${dialog.inputs.length} inputs.`}`,
				`Field: ${at === null ? `branch, ${dialog.ref}` : `${at.name}, ${dialog.values[at.name] === '' ? 'empty' : dialog.values[at.name]}`}.`,
			];
		}
		case 'run-act': {
			const {effects, warnings} = effectsOf(dialog.wish, surroundingsOf(state, dialog.about));
			return [
				`${sentence(wishText(dialog.wish))} Commit ${dialog.about.sha.slice(0, 7)}.`,
				...effects.map(sentence),
				...warnings.map(text => `Warning: ${sentence(text)}`),
				dialog.phase === 'starting'
					? 'Being done.'
					: dialog.phrase === null
						? 'y does it.'
						: `Type ${dialog.phrase}, then Enter. Typed: ${dialog.typed === '' ? 'nothing' : dialog.typed}.`,
			];
		}
	}
};
