/**
 * How often a property is tried. A run of the suite is the same each time; `FUZZ=25` takes 25 times as many, other ones
 * each time, and a failure prints the seed.
 */
export const fuzz = Number(process.env['FUZZ'] ?? 0) || 0;

/** The parameters of a property, for fast-check. */
export function runs(count: number, seed = 1): {numRuns: number; seed?: number} {
	return fuzz === 0 ? {numRuns: count, seed} : {numRuns: Math.round(count * fuzz)};
}
