/** What is made when it is first wanted, and once: it costs nothing at the start. After a failure the next one who wants it tries again. */
export const madeOnce = <Value>(make: () => Promise<Value>): (() => Promise<Value>) => {
	let made: Promise<Value> | undefined;
	return () =>
		(made ??= make().catch((error: unknown) => {
			made = undefined;
			throw error;
		}));
};
