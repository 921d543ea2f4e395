/** A process of its own that empties an outbox: `flushing.ts STATE URL [STEP]`; with a step it kills itself at that call to the disk. */
import {createJournal} from '../../source/operations/journal/journal.ts';
import {flushOutbox} from '../../source/operations/outbox/outbox.ts';
import {statePaths} from '../../source/operations/files/paths.ts';
import {mortalDisk} from './mortal-disk.ts';
import {patienceMs} from './patience.ts';

const [state, url, step] = process.argv.slice(2);
const paths = statePaths(state!, 'github.com', 'acme/shop');
if (step !== undefined) {
	mortalDisk(() => {
		process.kill(process.pid, 'SIGKILL');
		throw new Error('killed');
	}).dieAt(Number(step));
}
const flushed = await flushOutbox(
	paths.outbox,
	async ({id}) => {
		await fetch(url!, {method: 'POST', headers: {'idempotency-key': id}});
		return {ok: true};
	},
	{
		now: () => Date.now(),
		signal: AbortSignal.timeout(patienceMs),
		journal: createJournal(paths, () => Date.now()),
		waitMs: patienceMs,
	},
);
console.log(JSON.stringify(flushed));
