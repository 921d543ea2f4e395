/**
Which commit a version names. Only what certainly names another commit contradicts; what names none, more than one, or a work tree that was
changed is unknown. One place decides it, for deployments, rollbacks, promotions, drift and doctor.
*/
import type {ReleaseRef} from './release-ref.ts';

export type Likeness = 'same' | 'different' | 'unknown';

type Words = {
	commit: string;
	/** It can be nothing but a commit. A number, or a word of letters alone, may be one: then it can confirm, but not contradict. */
	isCertain: boolean;
	/** Numbers beside it, one of which could be the commit all the same. */
	numbers: readonly string[];
};

const longestVersion = 200;
const hex = /^[0-9a-f]{7,40}$/;
/** Not built from a commit alone: git describe, Go, setuptools_scm. */
const changed = /(?:^|[^a-z])(?:dirty|modified|uncommitted|unclean)(?:[^a-z]|$)|\+g?[0-9a-f]{7,40}\.d\d{8}(?:\D|$)/;
/** Digits of something else: a UUID, the content of an image. */
const foreign =
	/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?:sha(?:224|256|384|512)|md5)[:-][0-9a-f]+/g;
const date = /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{2}|\d{4}|\d{6}|\d{9})?$/;
const isNumber = (word: string) => /^\d{1,39}$/.test(word);
/** Abbreviations are short; a longer word that is no whole SHA is rather a hash of something. */
const isSurely = (word: string) => word.length === 40 || (word.length <= 16 && /\d/.test(word) && /[a-f]/.test(word));
const isBeginning = (one: string, other: string) => one.startsWith(other) || other.startsWith(one);

/** null: no commit, or more than one. */
const wordsIn = (version: string): Words | null => {
	const text = version.trim().toLowerCase();
	if (text.length > longestVersion || changed.test(text)) return null;
	// A letter g stands before the commit in what `git describe` says.
	const words = text
		.replaceAll(foreign, ' ? ')
		.split(/[^a-z0-9]+/)
		.map(word => (/^g[0-9a-f]{7,40}$/.test(word) ? word.slice(1) : word))
		.filter(word => hex.test(word) && !date.test(word));
	const numbers = words.filter(isNumber);
	const others = words.filter(word => !isNumber(word)).toSorted((one, other) => other.length - one.length);
	const [commit] = others.length > 0 ? others : numbers;
	if (commit === undefined || (others.length > 0 ? others : numbers).some(word => !isBeginning(word, commit)))
		return null;
	return {commit, isCertain: isSurely(commit), numbers: others.length > 0 ? numbers : []};
};

/** The commit, or its beginning (7 digits at least), in lower case; null: the version names none for certain. */
export const commitIn = (version: string): string | null => {
	const words = wordsIn(version);
	return words?.isCertain === true ? words.commit : null;
};

const wantedOf = ({release, sha}: ReleaseRef): string | null => {
	const wanted = sha?.toLowerCase() ?? null;
	return wanted === null ? (wordsIn(release)?.commit ?? null) : hex.test(wanted) ? wanted : null;
};

/** Whether what an environment reports is this release: its id, or its commit in any usual form. */
export const compareVersion = (reported: string, ref: ReleaseRef): Likeness => {
	if (reported.trim().toLowerCase() === ref.release.toLowerCase()) return 'same';
	const [words, wanted] = [wordsIn(reported), wantedOf(ref)];
	if (words === null || wanted === null) return 'unknown';
	if (isBeginning(words.commit, wanted)) return 'same';
	return words.isCertain && !words.numbers.some(word => isBeginning(word, wanted)) ? 'different' : 'unknown';
};

/** Two reports of which neither is known to be a release: the same text says nothing, two releases may call themselves the same. */
export const compareReports = (one: string, other: string): Likeness => {
	const [first, second] = [wordsIn(one), wordsIn(other)];
	if (first === null || second === null) return 'unknown';
	if (isBeginning(first.commit, second.commit)) return 'same';
	return first.isCertain && second.isCertain ? 'different' : 'unknown';
};

/** Both name no commit, and they are not even the same text. */
export const areOtherTexts = (one: string, other: string): boolean =>
	wordsIn(one) === null && wordsIn(other) === null && one.trim().toLowerCase() !== other.trim().toLowerCase();
