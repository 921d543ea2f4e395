/** The World's runs over the simulator, without a journal: what was wished is remembered, and can be answered by the test instead. */
import type {InputsRead, RunDone, RunRefusal, Runs, RunWish} from '../../source/core/runs/runs.ts';
import {gitHubEdge} from '../../source/github/edge.ts';
import {isFinal} from '../../source/core/pipeline/words.ts';
import type {Simulator} from '../../source/simulator/server.ts';
import type {Clock} from '../../source/world.ts';

export const steeredRuns = (
	simulator: Simulator,
	{repository, token, clock}: {repository: string; token: string; clock: Clock},
	underWay: Set<Promise<unknown>>,
) => {
	const {runs, promotions} = gitHubEdge({
		access: {host: 'github.com', apiUrl: simulator.restUrl, graphqlUrl: simulator.graphqlUrl, token},
		repository,
		clock,
	});
	const wishes: RunWish[] = [];
	let inputs: InputsRead | null = null;
	let answer: RunDone | RunRefusal | null = null;
	let gate: Promise<void> = Promise.resolve();
	const following = async <Value>(work: Promise<Value>): Promise<Value> => {
		underWay.add(work);
		try {
			return await work;
		} finally {
			underWay.delete(work);
		}
	};
	const world: Runs = {
		act: async wish => {
			wishes.push(wish);
			await gate;
			if (answer !== null) return answer;
			const acted = await following(runs.act(wish));
			return acted.ok
				? acted
				: {
						ok: false,
						because: acted.because,
						next: acted.next,
						exitCode: acted.kind === 'refused' ? 3 : acted.kind === 'not-permitted' ? 4 : 5,
					};
		},
		inputs: async wanted => {
			if (inputs !== null) return inputs;
			const read = await following(runs.inputs(wanted));
			return read.ok ? {inputs: read.inputs, because: read.because} : {inputs: null, because: read.because};
		},
		run: async id => {
			const read = await following(promotions.run(id));
			return read.ok
				? {ok: true, run: read.run && {...read.run, isOver: isFinal(read.run.status)}}
				: {ok: false, because: read.because, next: read.next, exitCode: 5};
		},
	};
	return {
		world,
		wishes,
		/** What GitHub's file of the workflow would say. */
		declares(read: InputsRead) {
			inputs = read;
		},
		/** GitHub is not asked: this is what came of it. */
		answers(to: RunDone | RunRefusal | null) {
			answer = to;
		},
		/** Answers come only when this has resolved. */
		holds(until: Promise<void>) {
			gate = until;
		},
	};
};

export type SteeredRuns = ReturnType<typeof steeredRuns>;
