/** Whether a value from outside has the shape that we think it has. */

export type Shape = (value: unknown) => boolean;

export const text: Shape = value => typeof value === 'string';
export const number: Shape = value => typeof value === 'number' && Number.isFinite(value);
export const yesNo: Shape = value => typeof value === 'boolean';
export const anything: Shape = () => true;
export const orNull =
	(shape: Shape): Shape =>
	value =>
		value === null || shape(value);
/** For what older versions did not write. */
export const orAbsent =
	(shape: Shape): Shape =>
	value =>
		value === undefined || shape(value);
export const oneOf =
	(...values: readonly unknown[]): Shape =>
	value =>
		values.includes(value);
export const either =
	(...shapes: readonly Shape[]): Shape =>
	value =>
		shapes.some(shape => shape(value));
export const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
export const list =
	(shape: Shape): Shape =>
	value =>
		Array.isArray(value) && value.every(item => shape(item));
export const byName =
	(shape: Shape): Shape =>
	value =>
		isObject(value) && Object.values(value).every(item => shape(item));
/** Keys beyond these are somebody else's. */
export const object =
	(shapes: Readonly<Record<string, Shape>>): Shape =>
	value =>
		isObject(value) && Object.entries(shapes).every(([key, shape]) => shape(value[key]));
/** Shaped like an example: the same kinds at the same keys. The first item of a list stands for all; an empty one and null say nothing. */
export const like = (example: unknown): Shape => {
	if (example === null) return anything;
	if (Array.isArray(example)) return example.length === 0 ? list(anything) : list(like(example[0]));
	if (isObject(example))
		return object(Object.fromEntries(Object.entries(example).map(([key, value]) => [key, like(value)])));
	return value => typeof value === typeof example;
};
