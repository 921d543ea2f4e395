/** Continuous integration, as the sandbox has it: what a simulated workflow has deployed, the real scripts bring to the real environment. */
import type {Clock} from '../world.ts';

/** A deployment that a workflow ended well. `run` is its id. */
export type Deployed = {run: number; environment: string; sha: string};

export type Workflows = {
	/** Everything that was deployed until now, oldest first. Rejects when the simulator is gone. */
	deployed(): Promise<readonly Deployed[]>;
	/** Calls `scripts/deploy.sh`; resolves with its exit code. */
	deploy(wanted: Deployed, signal: AbortSignal): Promise<number>;
	/** What the environments begin with: was deployed before. */
	known: readonly Deployed[];
	wall: Clock;
};

const busy = 11;
const lookEveryMs = 500;
const tryAgainAfterMs = 1000;

/** In one environment one after the other; of several that wait only the newest is deployed. Ends with the signal. */
const follower = ({deploy, wall}: Workflows, signal: AbortSignal) => {
	let next: Deployed | null = null;
	let isAtWork = false;
	const work = async () => {
		if (isAtWork) return;
		isAtWork = true;
		while (next !== null && !signal.aborted) {
			const wanted: Deployed = next;
			const code = await deploy(wanted, signal);
			// Somebody else deploys just now, perhaps the operator: the workflow waits for its turn, as its concurrency group would.
			if (code === busy) await wall.after(tryAgainAfterMs, signal);
			else if (next === wanted) next = null;
		}
		isAtWork = false;
	};
	return (wanted: Deployed): Promise<void> => {
		next = wanted;
		return work();
	};
};

/** Resolves when the signal aborts and the last script has ended; never rejects. */
export const followWorkflows = async (workflows: Workflows, signal: AbortSignal): Promise<void> => {
	const known = new Set(workflows.known.map(({run}) => run));
	const followers = new Map<string, ReturnType<typeof follower>>();
	const atWork = new Set<Promise<void>>();
	try {
		while (!signal.aborted) {
			for (const one of await workflows.deployed()) {
				if (known.has(one.run)) continue;
				known.add(one.run);
				const follow = followers.get(one.environment) ?? follower(workflows, signal);
				followers.set(one.environment, follow);
				const work = follow(one)
					.catch(() => {})
					.finally(() => atWork.delete(work));
				atWork.add(work);
			}
			await workflows.wall.after(lookEveryMs, signal);
		}
	} catch {
		// Aborted, or the simulator is gone: nothing more will be deployed.
	}
	await Promise.all(atWork);
};
