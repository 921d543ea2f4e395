import {styledCharsFromTokens, tokenize} from './ansi-tokenize.ts';
import {isSimpleCode} from './simple-text.ts';
import {memo} from './memo.ts';

export type StyledCharacter = ReturnType<typeof styledCharsFromTokens>[number];

/** \p{Default_Ignorable_Code_Point}: characters that take no cell, as Ink leaves them out. */
const invisible = /^\p{Default_Ignorable_Code_Point}+$/u;

const isVisible = ({value}: StyledCharacter) =>
	(value.length === 1 && (isSimpleCode(value.charCodeAt(0)) || value === '\n')) || !invisible.test(value);

/** Shared between frames: nobody may change what this returns. */
export const styledCharacters = memo(
	(line: string): readonly StyledCharacter[] =>
		styledCharsFromTokens(tokenize(line)).filter(character => isVisible(character)),
	1024,
);

/** Stands in for a wide character that is only half visible; keeps its styles. */
export const blankCell = (cell: StyledCharacter): StyledCharacter => ({...cell, value: ' ', fullWidth: false});
