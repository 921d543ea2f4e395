/**
 * Ink draws inside the `resize` event, before React has heard of the new size: a frame of the old width in a terminal of
 * the new one. Here its listeners are called a turn of the event loop later, when the state has changed and React has drawn.
 */
type Listener = () => void;
type Subscribe = (name: string | symbol, listener: Listener) => NodeJS.WriteStream;

const names: ReadonlySet<string | symbol> = new Set(['on', 'addListener', 'off', 'removeListener']);

export const isSubscription = (name: string | symbol) => names.has(name);

export const createLateResize = (
	terminal: NodeJS.WriteStream,
	{atOnce, afterwards}: {atOnce: Listener; afterwards: Listener},
) => {
	const listeners = new Set<Listener>();
	let isUnderWay = false;
	const onResize = () => {
		atOnce();
		if (isUnderWay) {
			return;
		}
		isUnderWay = true;
		setImmediate(() => {
			isUnderWay = false;
			for (const listener of listeners) {
				listener();
			}
			afterwards();
		});
	};
	terminal.on('resize', onResize);
	return {
		/** Stands in for the terminal's method of this name. */
		subscription:
			(name: string | symbol, stream: NodeJS.WriteStream): Subscribe =>
			(event, listener) => {
				if (event !== 'resize') {
					(Reflect.get(terminal, name) as Subscribe).call(terminal, event, listener);
				} else if (name === 'on' || name === 'addListener') {
					listeners.add(listener);
				} else {
					listeners.delete(listener);
				}
				return stream;
			},
		stop() {
			terminal.off('resize', onResize);
		},
	};
};
