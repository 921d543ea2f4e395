/** Stopping and continuing as the shell does it with Ctrl-Z and `fg`. */

/** Stops this process and its group with the signal's usual effect, past our own listeners. */
export const stop = (signal: 'SIGTSTP') => {
	const listeners = process.listeners(signal);
	process.removeAllListeners(signal);
	try {
		// 0 is our process group: `npm start` must stop with us, or the shell would never get the terminal back.
		// SIGTSTP, not SIGSTOP: the kernel ignores it where no shell could continue us.
		process.kill(0, signal);
	} catch {
		// No such signal here (Windows).
	}
	for (const listener of listeners) {
		process.on(signal, listener);
	}
};

/** Resolves when we run again, or soon if we were never stopped. */
export const continued = () =>
	new Promise<void>(resolve => {
		const done = () => {
			clearTimeout(timer);
			process.off('SIGCONT', done);
			resolve();
		};
		const timer = setTimeout(done, 50);
		process.once('SIGCONT', done);
	});
