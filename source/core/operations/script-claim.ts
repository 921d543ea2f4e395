/** What a script says of its own end: its exit code in the contract's terms. */
import type {ScriptKind} from './operation.ts';
import type {EndLine} from './protocol.ts';

export type ScriptEnd =
	| {how: 'exited'; code: number}
	| {how: 'signalled'; signal: string}
	/** It is gone and nobody saw how: its watchers were killed with it. */
	| {how: 'died'}
	/** It was certainly never run. `exitCode` is deployctl's. */
	| {how: 'never-started'; because: string; next: string; exitCode: number};

export type Claim = {
	/** `landed`: of our own promoter: the commit was let go, and production is not (yet) what it should be. */
	says: 'done' | 'untouched' | 'returned' | 'broken' | 'away' | 'landed' | 'silence';
	/** The script's exit code; null: none is known. */
	code: number | null;
	/** deployctl's exit code, should the claim hold. */
	exitCode: number;
	/** Goes after "the script". */
	words: string;
	next: string;
	/** It ended itself, with a code of its own choice. */
	isOwnEnd: boolean;
};

/** The contract's table. Codes that are not in it mean nothing: 1 is a script that died, 255 an ssh that knows no better. */
const contract: Readonly<Record<number, Pick<Claim, 'says' | 'exitCode' | 'words' | 'next'>>> = {
	0: {says: 'done', exitCode: 0, words: 'ended with 0', next: ''},
	2: {
		says: 'untouched',
		exitCode: 2,
		words: 'refused its arguments or configuration (exit 2)',
		next: 'correct what the log names',
	},
	10: {
		says: 'untouched',
		exitCode: 1,
		words: 'gave up before the switch (exit 10)',
		next: 'look at the log, then try again',
	},
	11: {
		says: 'untouched',
		exitCode: 6,
		words: 'found the host busy with another run (exit 11)',
		next: 'wait for the other run, then try again',
	},
	12: {
		says: 'untouched',
		exitCode: 1,
		words: 'was cancelled before the switch (exit 12)',
		next: 'start it again when you want it',
	},
	20: {says: 'returned', exitCode: 1, words: 'returned to the release before (exit 20)', next: ''},
	30: {says: 'broken', exitCode: 7, words: 'could not return to a working release (exit 30)', next: ''},
	31: {says: 'landed', exitCode: 7, words: 'let the commit go, but production does not run it (exit 31)', next: ''},
	32: {says: 'landed', exitCode: 7, words: 'does not know whether the commit was let go (exit 32)', next: ''},
	33: {says: 'landed', exitCode: 7, words: 'saw production turn unhealthy (exit 33)', next: ''},
	34: {says: 'landed', exitCode: 7, words: 'was stopped before the release had proven itself (exit 34)', next: ''},
	40: {says: 'away', exitCode: 7, words: 'lost its host (exit 40)', next: ''},
};

/** What was given up before anything changed, and why, in deployctl's codes: refused is what must not be done as things are. */
const refusals: Readonly<Record<string, number>> = {
	refused: 3,
	'no-candidate': 3,
	'no-such-release': 3,
	'not-permitted': 4,
	unreachable: 5,
	locked: 6,
};

/** What is known of a database that nobody may move by guess stands in the script's last line: `… Next: …`. */
const aboutDatabase = ({text}: EndLine): Pick<Claim, 'says' | 'exitCode' | 'words' | 'next'> => {
	const [words = '', next = 'look at the database before anything else'] = (
		text ?? 'it does not say where it stands'
	).split(' Next: ');
	return {...contract[30]!, words: `left the database to an operator (exit 30): ${words.replace(/\.$/, '')}`, next};
};

const exitedWith = (code: number): Pick<Claim, 'says' | 'exitCode' | 'words' | 'next'> => {
	const words = code > 128 && code < 160 ? `was ended by signal ${code - 128} (exit ${code})` : `ended with ${code}`;
	return {says: 'silence', exitCode: 7, words, next: ''};
};

const claimOfCode = (scriptKind: ScriptKind, code: number, endLine: EndLine | null): Claim => {
	const isOwnEnd = code <= 128;
	if (scriptKind === 'plain') return {...(code === 0 ? contract[0]! : exitedWith(code)), code, isOwnEnd};
	if (endLine !== null && endLine.exit !== null && endLine.exit !== code) {
		return {
			says: 'silence',
			code,
			exitCode: 7,
			words: `ended with ${code} but said ${endLine.exit}`,
			next: '',
			isOwnEnd,
		};
	}
	const known =
		code === 30 && endLine?.cause === 'migration' ? aboutDatabase(endLine) : (contract[code] ?? exitedWith(code));
	return {
		...known,
		exitCode: code === 10 ? (refusals[endLine?.result ?? ''] ?? known.exitCode) : known.exitCode,
		code,
		isOwnEnd,
	};
};

export const claimOf = (scriptKind: ScriptKind, end: ScriptEnd, endLine: EndLine | null): Claim => {
	switch (end.how) {
		case 'never-started':
			return {
				says: 'untouched',
				code: null,
				exitCode: end.exitCode,
				words: `was not started: ${end.because}`,
				next: end.next,
				isOwnEnd: false,
			};
		case 'exited':
			return claimOfCode(scriptKind, end.code, endLine);
		case 'signalled':
			return {
				says: 'silence',
				code: null,
				exitCode: 7,
				words: `was ended by ${end.signal}`,
				next: '',
				isOwnEnd: false,
			};
		case 'died':
			// Its last line is written when everything is done: it stands for the exit code that nobody saw.
			return scriptKind === 'contract' && endLine?.exit !== null && endLine !== null
				? claimOfCode(scriptKind, endLine.exit, endLine)
				: {
						says: 'silence',
						code: null,
						exitCode: 7,
						words: 'is gone, and nobody saw how it ended',
						next: '',
						isOwnEnd: false,
					};
	}
};
