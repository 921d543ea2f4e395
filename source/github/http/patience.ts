/** Waiting for bytes that may never come. */
import type {Clock} from '../../world.ts';
import {Trouble} from '../failures/trouble.ts';

/** The disk is full, or one's share of it. */
export const noRoom = (error: unknown): boolean =>
	/ENOSPC|EDQUOT/.test((error as NodeJS.ErrnoException | null)?.code ?? '');

/** Whatever is awaited, but not for longer than the silence that we bear. @throws {Trouble} timeout, network @throws the signal's reason */
export const patience = (clock: Clock, silentMs: number) =>
	async function patiently<Value>(signal: AbortSignal, act: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
		signal.throwIfAborted();
		const stop = new AbortController();
		const done = new AbortController();
		const aborted = Promise.withResolvers<never>();
		const onAbort = () => {
			stop.abort(signal.reason);
			aborted.reject(signal.reason);
		};
		signal.addEventListener('abort', onAbort, {once: true});
		const late = clock.after(silentMs, done.signal).then(() => {
			const trouble = new Trouble({kind: 'timeout', afterMs: silentMs});
			stop.abort(trouble);
			throw trouble;
		});
		try {
			return await Promise.race([act(stop.signal), late, aborted.promise]);
		} catch (error) {
			signal.throwIfAborted();
			throw error instanceof Trouble || noRoom(error)
				? error
				: new Trouble({kind: 'network', error: stop.signal.aborted ? stop.signal.reason : error});
		} finally {
			late.catch(() => {
				/* Told by the race, or done before. */
			});
			done.abort();
			signal.removeEventListener('abort', onAbort);
		}
	};
