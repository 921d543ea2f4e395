/** A list of numbers that only grows: eight bytes each, where an array of JavaScript would take several times as much. */
export type Growing = {
	push(value: number): void;
	/** Only of an index below the length. */
	at(index: number): number;
	length(): number;
	/** Index of the first value that is greater, else the length; values rise. */
	firstAfter(value: number): number;
};

export const growing = (...first: readonly number[]): Growing => {
	let values = new Float64Array(64);
	let length = first.length;
	values.set(first);
	return {
		push(value) {
			if (length === values.length) {
				const larger = new Float64Array(length * 2);
				larger.set(values);
				values = larger;
			}
			values[length++] = value;
		},
		at: index => values[index]!,
		length: () => length,
		firstAfter(value) {
			let low = 0;
			for (let high = length; low < high;) {
				const middle = (low + high) >> 1;
				if (values[middle]! <= value) low = middle + 1;
				else high = middle;
			}
			return low;
		},
	};
};
