/** Numbers with their nouns: the one place that knows about plurals. */

/** `1 minute`, `2 minutes`, `0 minutes`; `many` where an `s` does not make it: `plural(2, 'file differs', 'files differ')`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
	`${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
