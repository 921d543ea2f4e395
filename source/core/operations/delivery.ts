/** What came of handing something over to the outside. */
export type Delivery =
	| {ok: true}
	/** `retryAt`: when we were asked to come again, wall time, milliseconds. `isFinal`: it will never be taken. */
	| {ok: false; because: string; retryAt: number | null; isFinal: boolean};
