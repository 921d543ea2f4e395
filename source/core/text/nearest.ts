/** Suggestions for mistyped words: keys of `deployctl.yml`, commands, flags, tiers. Pure. */

/** Longer words are no typing mistakes; comparing them would only cost time (length × length). */
const longestWord = 64;

const normalised = (word: string) => word.toLowerCase().replace(/[-_\s.]/g, '');

/**
Edits between two words: insertions, deletions, replacements and swaps of neighbours count one each
("optimal string alignment"; plain Levenshtein counts the commonest typing mistake, a swap, twice).
*/
export const editDistance = (from: string, to: string): number => {
	let beforePrevious: number[] = [];
	let previous = Array.from({length: to.length + 1}, (_, index) => index);
	for (let row = 1; row <= from.length; row++) {
		const current = [row];
		for (let column = 1; column <= to.length; column++) {
			const same = from[row - 1] === to[column - 1];
			let edits = Math.min(
				previous[column]! + 1,
				current[column - 1]! + 1,
				previous[column - 1]! + (same ? 0 : 1),
			);
			if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
				edits = Math.min(edits, beforePrevious[column - 2]! + 1);
			}

			current.push(edits);
		}

		beforePrevious = previous;
		previous = current;
	}

	return previous[to.length]!;
};

/** One third of the longer word may be wrong; in words of one or two letters everything would resemble everything. */
const allowedEdits = (from: string, to: string) => Math.floor(Math.max(from.length, to.length) / 3);

const distanceOf = (word: string, candidate: string): number => {
	const to = normalised(candidate);
	const isBeginning = word.length > 1 && to.startsWith(word);
	const edits = editDistance(word, to);
	if (edits <= allowedEdits(word, to)) {
		return edits;
	}

	return isBeginning ? edits : Number.POSITIVE_INFINITY;
};

/**
The candidate that a mistyped word most likely meant; null when none is near. Case, hyphens and underscores do not count, so that
`alert-after` finds `alertAfter`; a beginning (`prod`) finds its whole word. Among equals the first candidate wins.
*/
export const nearest = (word: string, candidates: readonly string[]): string | null => {
	const from = normalised(word.slice(0, longestWord + 1));
	if (from.length === 0 || from.length > longestWord) {
		return null;
	}

	let best: string | null = null;
	let bestDistance = Number.POSITIVE_INFINITY;
	for (const candidate of candidates) {
		const distance = distanceOf(from, candidate);
		if (distance < bestDistance) {
			best = candidate;
			bestDistance = distance;
		}
	}

	return best;
};
