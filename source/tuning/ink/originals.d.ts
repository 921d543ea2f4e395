/** The replaced modules, as .ci/tuning-plugin.ts resolves them. */
declare module 'original:string-width' {
	export default function stringWidth(
		text: string,
		options?: {ambiguousIsNarrow?: boolean; countAnsiEscapeCodes?: boolean},
	): number;
}
declare module 'original:widest-line' {
	export default function widestLine(text: string): number;
}
declare module 'original:sanitize-ansi' {
	export default function sanitizeAnsi(text: string): string;
}
declare module 'original:ansi-tokenize' {
	export type AnsiCode = {type: 'ansi'; code: string; endCode: string};
	export type Character = {type: 'char'; value: string; fullWidth: boolean};
	export type Token = AnsiCode | Character | {type: 'control'; code: string};
	export type StyledCharacter = Character & {styles: AnsiCode[]};
	export const tokenize: (text: string, endCharacter?: number) => Token[];
	export const styledCharsFromTokens: (tokens: Token[]) => StyledCharacter[];
	export const styledCharsToString: (characters: StyledCharacter[]) => string;
	export const ansiCodesToString: (codes: AnsiCode[]) => string;
	export const diffAnsiCodes: (from: AnsiCode[], to: AnsiCode[]) => AnsiCode[];
	export const reduceAnsiCodes: (codes: AnsiCode[]) => AnsiCode[];
	export const reduceAnsiCodesIncremental: (codes: AnsiCode[], newCodes: AnsiCode[]) => AnsiCode[];
	export const undoAnsiCodes: (codes: AnsiCode[]) => AnsiCode[];
}
declare module 'original:ansi-codes' {
	export const getEndCode: (code: string) => string;
}
declare module 'original:yoga-glue' {
	type Imports = Record<string, Record<string, (...values: never[]) => unknown>>;
	export type Library = {instantiateWasm: (imports: Imports, ready: (instance: unknown) => void) => unknown};
	export default function loadYoga(library: Library): Promise<unknown>;
	export const wasmBase64: string;
}
declare module 'original:yoga-assembly' {
	import type {Library} from 'original:yoga-glue';
	export default function wrapAssembly(library: Library): unknown;
}
declare module 'original:yoga-enums' {}
