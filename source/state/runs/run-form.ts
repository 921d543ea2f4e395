/** The form of a start by hand: branch and inputs. */
import {beginningInputs, type DispatchInput, inputsProblem, sentInputs} from '../../core/runs/dispatch-inputs.ts';
import type {TierName} from '../../core/pipeline/pipeline.ts';
import type {RunWish} from '../../core/runs/runs.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import type {Message, Next} from '../model/messages.ts';
import {type StartDialog, formNames, type RunAbout} from '../model/run-dialog.ts';
import {runOfTier} from '../questions/run-select.ts';
import type {State} from '../model/state.ts';
import {changeDialog, numbered, showDialog} from '../dialogs/update-dialog.ts';

const textLimit = 200;
const noted = (state: State, note: string): Next => [changeDialog(state, {note}), []];

const readInputs = (state: State, {workflow, ref}: StartDialog): Next => {
	const next = changeDialog(numbered(state), {isReading: true, readRef: ref});
	return [next, [{type: 'read-inputs', generation: next.operations.serial, workflow, ref}]];
};

export const openForm = (state: State, about: RunAbout, tier: TierName): Next => {
	const dialog: StartDialog = {
		name: 'start-run',
		about,
		tier,
		workflow: state.settings.tiers[tier].workflow,
		runBefore: runOfTier(state, about),
		ref: state.settings.branches.staging,
		readRef: null,
		isReading: true,
		inputs: null,
		because: null,
		values: beginningInputs(null, about.sha),
		field: 0,
	};
	return readInputs(showDialog(state, dialog), dialog);
};

/** The answer: what was filled in stays where the input is still there. */
export const readInputsAgain = (state: State, {generation, result}: Extract<Message, {type: 'inputs-read'}>): Next => {
	const {dialog} = state;
	if (dialog?.name !== 'start-run' || dialog.generation !== generation) return [state, []];
	const beginning = beginningInputs(result.inputs, dialog.about.sha);
	const known = dialog.inputs === null ? {} : dialog.values;
	const values = Object.fromEntries(Object.entries(beginning).map(([name, value]) => [name, known[name] ?? value]));
	return [
		changeDialog(state, {
			isReading: false,
			inputs: result.inputs,
			because: result.because,
			values,
			field: Math.min(dialog.field, Object.keys(values).length),
		}),
		[],
	];
};

/** The input that the cursor is at; null: the branch. */
export const inputAt = (dialog: StartDialog): {name: string; input: DispatchInput | null} | null => {
	const name = formNames(dialog)[dialog.field - 1];
	return name === undefined ? null : {name, input: dialog.inputs?.find(one => one.name === name) ?? null};
};

const valuesOf = (input: DispatchInput | null): readonly string[] =>
	input?.type === 'boolean' ? ['false', 'true'] : input?.type === 'choice' ? input.options : [];

const filled = (state: State, dialog: StartDialog, change: (text: string) => string): Next => {
	const at = inputAt(dialog);
	if (at === null) return [changeDialog(state, {ref: change(dialog.ref).slice(0, textLimit), note: null}), []];
	return [
		changeDialog(state, {
			values: {...dialog.values, [at.name]: change(dialog.values[at.name] ?? '').slice(0, textLimit)},
			note: null,
		}),
		[],
	];
};

const stepped = (state: State, dialog: StartDialog, by: number): Next => {
	const values = valuesOf(inputAt(dialog)?.input ?? null);
	if (values.length === 0) return noted(state, 'This is typed, not chosen.');
	return filled(state, dialog, value => values[(values.indexOf(value) + by + values.length) % values.length]!);
};

const write = (state: State, dialog: StartDialog, text: string): Next => {
	const isChosen = valuesOf(inputAt(dialog)?.input ?? null).length > 0;
	if (isChosen)
		return text === ' ' ? stepped(state, dialog, 1) : noted(state, 'This is chosen with the arrows, not typed.');
	return filled(state, dialog, value => value + text.replaceAll(/[^\P{C}]/gu, ''));
};

type FormMessage = Extract<Message, {type: 'move' | 'write' | 'erase' | 'pasted' | 'change-value'}>;

export const fillIn = (state: State, dialog: StartDialog, message: FormMessage): Next => {
	switch (message.type) {
		case 'move': {
			const count = formNames(dialog).length + 1;
			const moved = changeDialog(state, {
				field: (dialog.field + Math.sign(message.by) + count) % count,
				note: null,
			});
			// Another branch may have other inputs.
			return dialog.field === 0 && dialog.ref !== dialog.readRef ? readInputs(moved, dialog) : [moved, []];
		}
		case 'write':
		case 'pasted':
			return write(state, dialog, message.text);
		case 'erase':
			return valuesOf(inputAt(dialog)?.input ?? null).length > 0
				? [state, []]
				: filled(state, dialog, value => (message.what === 'all' ? '' : [...value].slice(0, -1).join('')));
		case 'change-value':
			return stepped(state, dialog, message.by);
	}
};

export const goOnFromForm = (
	state: State,
	dialog: StartDialog,
	openAct: (state: State, about: RunAbout, wish: RunWish) => Next,
): Next => {
	const {about, workflow, inputs, values} = dialog;
	const ref = dialog.ref.trim();
	if (ref === '') return noted(state, 'Name the branch whose workflow is started.');
	if (dialog.ref !== dialog.readRef) {
		const [next, effects] = readInputs(state, dialog);
		return [changeDialog(next, {note: 'Reading the inputs of that branch; continue then.'}), effects];
	}
	if (dialog.isReading) return noted(state, 'Reading the inputs; try again then.');
	const sent = sentInputs(values);
	const problem = inputsProblem(inputs, sent, about.sha);
	return problem === null
		? openAct(state, about, {kind: 'start', title: about.title, workflow, ref, sha: about.sha, inputs: sent})
		: noted(state, `GitHub would refuse it: ${sanitise(problem, 200)}.`);
};
