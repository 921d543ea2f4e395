/** What counts can prove. Pure arithmetic. */

/**
 * Wilson's interval for a share, one-sided at the confidence of z at either end: it is surely above the first and surely
 * below the second. Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
 * @returns shares from 0 to 1; all of it without samples
 */
export function interval(
	{count, n}: {readonly count: number; readonly n: number},
	z: number,
): readonly [number, number] {
	if (n === 0) return [0, 1];
	const share = count / n;
	const z2 = z * z;
	const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
	const spread = (z * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
	return [Math.max(0, centre - spread), Math.min(1, centre + spread)];
}
