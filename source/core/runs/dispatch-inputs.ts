/** Inputs of a workflow that is started by hand: what it declares, what is filled in, and what GitHub would refuse. Pure. */
export type DispatchInput = {
	name: string;
	description: string;
	type: 'string' | 'number' | 'boolean' | 'choice' | 'environment';
	/** Of a choice. */
	options: readonly string[];
	/** As GitHub fills it in: text, also of numbers and booleans. */
	default: string | null;
	isRequired: boolean;
};

/** GitHub takes no more. */
export const inputsAtMost = 25;
/** GitHub takes no more characters, all inputs together. */
export const inputsLimit = 65_535;
/** The commit's, by the contract that generated workflows keep to. */
export const commitInput = 'sha';

/** What stands in the form before anything is typed. A workflow that nothing is known about gets the commit alone. */
export const beginningInputs = (inputs: readonly DispatchInput[] | null, sha: string): Record<string, string> => {
	if (inputs === null) return {[commitInput]: sha};
	return Object.fromEntries(
		inputs.map(({name, type, options, default: usual}) => [
			name,
			name === commitInput
				? sha
				: (usual ?? (type === 'boolean' ? 'false' : type === 'choice' ? (options[0] ?? '') : '')),
		]),
	);
};

/** What is sent: what was left empty is GitHub's to fill in. */
export const sentInputs = (values: Readonly<Record<string, string>>): Record<string, string> =>
	Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));

const ofOne = ({name, type, options, isRequired, default: usual}: DispatchInput, value: string): string | null => {
	if (value === '') return isRequired && usual === null ? `${name} has to be given` : null;
	if (type === 'boolean' && value !== 'true' && value !== 'false') return `${name} is true or false, not "${value}"`;
	if (type === 'number' && !Number.isFinite(Number(value))) return `${name} is a number, not "${value}"`;
	return type === 'choice' && !options.includes(value)
		? `${name} is one of ${options.join(', ')}, not "${value}"`
		: null;
};

/** Why GitHub would refuse these, or why they would start something else than is meant; null: they are right, as far as is known. */
export const inputsProblem = (
	inputs: readonly DispatchInput[] | null,
	values: Readonly<Record<string, string>>,
	sha: string,
): string | null => {
	const names = Object.keys(values);
	if (names.length > inputsAtMost) return `GitHub takes at most ${inputsAtMost} inputs, not ${names.length}`;
	if (Object.values(values).join('').length > inputsLimit)
		return `GitHub takes at most ${inputsLimit} characters of inputs`;
	if (inputs !== null) {
		const declared = new Set(inputs.map(({name}) => name));
		if (!declared.has(commitInput))
			return `this workflow takes no input "${commitInput}": it cannot be told which commit is meant`;
		const foreign = names.find(name => !declared.has(name));
		if (foreign !== undefined) return `this workflow has no input "${foreign}"; it has ${[...declared].join(', ')}`;
		const wrong = inputs.map(input => ofOne(input, values[input.name] ?? '')).find(problem => problem !== null);
		if (wrong !== undefined) return wrong;
	}
	return values[commitInput] === sha ? null : `${commitInput} is not the commit that is meant`;
};
