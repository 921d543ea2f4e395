/** What a condition rests on, for whoever wants to look it up: run and attempt, who said so, how long ago. */
import {age} from '../../../core/text/duration.ts';
import type {Condition, Proof} from '../../../core/pipeline/pipeline.ts';
import {cut, type Line, span} from '../../lines/text.ts';
import type {Look} from '../../lines/theme.ts';

/** More than these are counted. */
const proofsShown = 4;

/** What the reason beside it says already is left out. */
const partsOf = ({runId, attempt, by, sha, at, text}: Proof, because: string, now: number): readonly string[] => [
	...(text === undefined || because.includes(text) ? [] : [text]),
	...(by === undefined ? [] : [`by ${by}`]),
	...(runId === undefined || because.includes(String(runId)) ? [] : [`run ${runId}`]),
	...(attempt == null || because.includes(`attempt ${attempt}`) ? [] : [`attempt ${attempt}`]),
	...(sha === undefined || because.includes(sha.slice(0, 7)) ? [] : [`commit ${sha.slice(0, 7)}`]),
	...(at == null ? [] : [`${age(now - at)} ago`]),
];

/** `now` is GitHub's time. */
export const proofLines = (
	{proofs = [], because}: Condition,
	indent: string,
	width: number,
	now: number,
	look: Look,
): readonly Line[] => {
	const texts = proofs
		.map(proof => partsOf(proof, because, now).join(` ${look.glyphs.separator} `))
		.filter(text => text !== '' && text !== 'attempt 1');
	const shown =
		texts.length > proofsShown
			? [...texts.slice(0, proofsShown - 1), `and ${texts.length - proofsShown + 1} more`]
			: texts;
	return shown.map((text): Line => [span(indent), span(cut(text, width, look.glyphs.ellipsis), 'quiet')]);
};
