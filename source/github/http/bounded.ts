/** Puts in as the newest, and forgets the oldest beyond `atMost`: sessions last for days. */
export function remember<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, atMost: number): Value {
	map.delete(key);
	map.set(key, value);
	const [oldest] = map.keys();
	if (map.size > atMost && oldest !== undefined) {
		map.delete(oldest);
	}

	return value;
}
