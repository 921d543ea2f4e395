/** String literals of TypeScript source: everything that a program could say is in one of them. */

/** A literal's text, each `${…}` of a template as `{}`, and the line on which it begins, counted from 1. */
export type Literal = {text: string; line: number};

/** After these a slash begins a regular expression, not a division. */
const beforeExpression = /(?:^|[(,=:[!&|?{};+\-*%<>~^\n]|\b(?:return|typeof|case|of|in))\s*$/;

/** From the slash on, to behind its flags. */
const endOfExpression = (source: string, from: number): number => {
	let at = from + 1;
	for (let inClass = 0; at < source.length && source[at] !== '\n' && (inClass > 0 || source[at] !== '/'); at++) {
		if (source[at] === '\\') at++;
		else if (source[at] === '[') inClass++;
		else if (source[at] === ']') inClass = Math.max(0, inClass - 1);
	}
	while (/[a-z]/.test(source[at + 1] ?? '')) at++;
	return at + 1;
};

const unescaped = (text: string): string =>
	text.replaceAll(/\\(u\{[^}]*\}|u.{4}|x..|.)/gs, (_, what: string) =>
		what === 'n' ? '\n' : what.length > 1 ? '?' : what,
	);

/**
All literals from `from` on, to the end or to the brace that closes a template's hole.
@returns where it stopped
*/
const scan = (source: string, from: number, found: Literal[], isHole: boolean): number => {
	const lineAt = (at: number) => source.slice(0, at).split('\n').length;
	let depth = 0;
	let at = from;
	while (at < source.length) {
		const two = source.slice(at, at + 2);
		const [one] = two;
		if (two === '//') at = (source.indexOf('\n', at) + source.length) % source.length || source.length;
		else if (two === '/*') at = source.indexOf('*/', at) + 2;
		else if (one === '/' && beforeExpression.test(source.slice(Math.max(0, at - 40), at)))
			at = endOfExpression(source, at);
		else if (one === "'" || one === '"') {
			const match = /(['"])((?:\\.|(?!\1).)*)\1/sy;
			match.lastIndex = at;
			const text = match.exec(source)?.[2] ?? '';
			found.push({text: unescaped(text), line: lineAt(at)});
			at += text.length + 2;
		} else if (one === '`') at = template(source, at, found, lineAt(at));
		else if (one === '}' && isHole && depth === 0) return at;
		else {
			depth += one === '{' ? 1 : one === '}' ? -1 : 0;
			at++;
		}
	}
	return at;
};

const template = (source: string, from: number, found: Literal[], line: number): number => {
	let text = '';
	let at = from + 1;
	while (at < source.length && source[at] !== '`') {
		if (source[at] === '\\') {
			text += source.slice(at, at + 2);
			at += 2;
		} else if (source.startsWith('${', at)) {
			text += '{}';
			at = scan(source, at + 2, found, true) + 1;
		} else {
			text += source[at];
			at++;
		}
	}
	found.push({text: unescaped(text), line});
	return at + 1;
};

/** Everything in quotes, but for what is imported from where. */
export const literalsIn = (source: string): readonly Literal[] => {
	const found: Literal[] = [];
	scan(
		source.replaceAll(
			/^(?:import|export)\b[^;{}'"]*(?:\{[^}]*\})?[^;'"]*\bfrom '[^']*';|^import '[^']*';/gm,
			statement => statement.replaceAll(/[^\n]/g, ' '),
		),
		0,
		found,
		false,
	);
	return found.sort((one, other) => one.line - other.line);
};
