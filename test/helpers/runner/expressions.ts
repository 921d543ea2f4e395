/** GitHub's expressions, evaluated by GitHub's own library. */
import {data, Evaluator, Lexer, Parser} from '@actions/expressions';
import type {FunctionDefinition} from '@actions/expressions/funcs/info';
import {reviver} from '@actions/expressions/data/reviver';

/** `job`: how what came before in the job (or what it needs) has gone. */
export type Progress = 'success' | 'failure' | 'cancelled';
export type Contexts = Readonly<Record<string, unknown>>;

const statusFunction = (name: string, answer: boolean): FunctionDefinition => ({
	name,
	minArgs: 0,
	maxArgs: 9,
	call: () => new data.BooleanData(answer),
});
const statusFunctions = (progress: Progress): readonly FunctionDefinition[] => [
	statusFunction('success', progress === 'success'),
	statusFunction('failure', progress === 'failure'),
	statusFunction('cancelled', progress === 'cancelled'),
	statusFunction('always', true),
	{name: 'hashFiles', minArgs: 1, maxArgs: 99, call: () => new data.StringData('0'.repeat(64))},
];

const dictionary = (contexts: Contexts) =>
	JSON.parse(JSON.stringify(contexts), reviver as (key: string, value: unknown) => unknown) as data.Dictionary;

const evaluate = (expression: string, contexts: Contexts, progress: Progress): data.ExpressionData => {
	const functions = statusFunctions(progress);
	const parsed = new Parser(new Lexer(expression).lex().tokens, Object.keys(contexts), [...functions]).parse();
	return new Evaluator(
		parsed,
		dictionary(contexts),
		new Map(functions.map(each => [each.name.toLowerCase(), each])),
	).evaluate();
};

/** A text with `${{ … }}` in it. */
export const fill = (text: unknown, contexts: Contexts, progress: Progress = 'success'): string =>
	String(text ?? '').replaceAll(/\$\{\{([\s\S]*?)\}\}/g, (_, expression: string) =>
		evaluate(expression, contexts, progress).coerceString(),
	);

const isTrue = (value: data.ExpressionData): boolean => {
	const text = value.coerceString();
	return !(text === '' || text === 'false' || text === '0' || (value as {kind?: number}).kind === data.Kind.Null);
};

/** An `if`: without a status function, success of what came before is asked for, too. */
export const holds = (condition: unknown, contexts: Contexts, progress: Progress): boolean => {
	const text =
		condition === undefined || condition === null
			? ''
			: String(condition)
					.replace(/^\s*\$\{\{([\s\S]*)\}\}\s*$/, '$1')
					.trim();
	const asks = /\b(?:success|failure|cancelled|always)\s*\(/i.test(text);
	return (asks || progress === 'success') && (text === '' || isTrue(evaluate(text, contexts, progress)));
};
