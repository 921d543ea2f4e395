/** What people want of runs over the API, as inconvenient as GitHub is: nothing happens at once, and not everything may be wanted. */
import {jitter} from '../model/identity.ts';
import {type Engine, isActive, type Run, type WorkflowDefinition} from '../model/model.ts';
import {cancelRun, mayRerun, rerun} from './runs.ts';
import type {Person} from '../model/person.ts';

const monthMs = 30 * 86_400_000;
/** The new attempt shows so much later than the answer. */
const attemptAfterMs = 2000;
const inputsAtMost = 25;

export type Repeated = 'asked' | 'running' | 'too-old' | 'disabled' | 'nothing';

/** GitHub answers first and makes the attempt afterwards; until then the run looks as it did, and cannot be asked again. */
export function askRerun(engine: Engine, run: Run, actor: Person, which: 'all' | 'failed' | {job: string}): Repeated {
	const {state} = engine;
	if (run.status !== 'completed' || run.isRepeating) {
		return 'running';
	}

	if (state.now - run.createdAt > monthMs) {
		return 'too-old';
	}

	if (!isActive(run.workflow)) {
		return 'disabled';
	}

	if (!mayRerun(run, which)) {
		return 'nothing';
	}

	run.isRepeating = true;
	engine.at(state.now + attemptAfterMs, () => {
		run.isRepeating = false;
		rerun(engine, run, actor, which);
	});
	return 'asked';
}

/** Accepted at once, done some seconds later; a workflow that does not listen is stopped by force alone. False: it has ended. */
export function askCancel(engine: Engine, run: Run, isForced: boolean): boolean {
	if (run.status === 'completed') {
		return false;
	}

	const {state} = engine;
	if (isForced || !run.workflow.definition.ignoresCancel) {
		const attempt = run.attempts.length;
		engine.at(state.now + (isForced ? 1000 : jitter(5, `${run.id} ${attempt} cancel`) * 1000), () => {
			if (run.attempts.length === attempt) {
				cancelRun(engine, run);
			}
		});
	}

	return true;
}

/** GitHub's own words against inputs; null: it takes them. */
export function inputsRefused({inputs: declared}: WorkflowDefinition, given: unknown): string | null {
	const inputs = typeof given === 'object' && given !== null ? (given as Readonly<Record<string, string>>) : {};
	const names = Object.keys(inputs);
	if (names.length > inputsAtMost) {
		return `you may only define up to ${inputsAtMost} \`inputs\` for a \`workflow_dispatch\` event`;
	}

	if (!declared) {
		return null;
	}

	const foreign = names.filter(name => !Object.hasOwn(declared, name));
	if (foreign.length > 0) {
		return `Unexpected inputs provided: ${JSON.stringify(foreign)}`;
	}

	const missing = Object.entries(declared).find(
		([name, input]) => input.required === true && input.default === undefined && (inputs[name] ?? '') === '',
	);
	if (missing) {
		return `Required input '${missing[0]}' not provided`;
	}

	const wrong = Object.entries(declared).find(
		([name, {options}]) => options !== undefined && inputs[name] !== undefined && !options.includes(inputs[name]),
	);
	return wrong
		? `Provided value '${inputs[wrong[0]]}' for input '${wrong[0]}' not in the list of allowed values`
		: null;
}
