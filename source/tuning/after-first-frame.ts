import {flushCompileCache} from 'node:module';

let isDone = false;

/**
 * To be called once the first frame is on the screen (any later call does nothing). Writes the compiled code to the
 * cache that the launcher opened, so that the next start finds it even if this process is killed; a moment later, because
 * writing takes a few milliseconds that a key press should not wait for.
 */
export const afterFirstFrame = (delayMs = 500) => {
	if (isDone) {
		return;
	}
	isDone = true;
	setTimeout(() => {
		flushCompileCache?.();
	}, delayMs).unref();
};
