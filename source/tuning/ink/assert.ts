/** The one function of node:assert that Ink's neighbours (signal-exit 3) call; the module itself takes 2 ms to load. */
export const equal = (actual: unknown, expected: unknown, message?: string) => {
	// oxlint-disable-next-line eqeqeq -- That is what assert.equal does.
	if (actual != expected) {
		throw new Error(message ?? 'assertion failed');
	}
};
