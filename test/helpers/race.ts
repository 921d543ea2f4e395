/** Many processes race for one environment, round after round; the referee is an exclusively created file. */
import {spawn} from 'node:child_process';
import type {ChildProcessByStdio} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import type {Readable, Writable} from 'node:stream';
import {createStage} from './supervised.ts';

export type RaceResult = {
	rounds: number;
	racers: number;
	/** Rounds with exactly one winner. */ single: number;
	/** Rounds whose winner was killed instead of finishing. */ deaths: number;
	/** What losers were told. */ answers: Readonly<Record<string, number>>;
	operations: number;
	outcomes: number;
	milliseconds: number;
};

type Racer = {child: ChildProcessByStdio<Writable, Readable, null>; answer(): Promise<string>; say(text: string): void};

const loader = new URL('register.js', import.meta.url).pathname;
const entry = new URL('racer.ts', import.meta.url).pathname;

const startRacer = (state: string, checkout: string): Racer => {
	const child = spawn(process.execPath, ['--import', loader, entry, state, checkout], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
	return {
		child,
		say: text => void child.stdin.write(`${text}\n`),
		answer: async () => {
			const {value, done} = (await lines.next()) as {value?: string; done?: boolean};
			return done ? 'gone' : value!;
		},
	};
};

/** Every `deathEvery`-th winner is killed with SIGKILL, so that the next round begins with settling what it left. */
export const runRace = async ({
	rounds,
	racers: count,
	deathEvery,
}: {
	rounds: number;
	racers: number;
	deathEvery: number;
}): Promise<RaceResult> => {
	// In memory, where that is to be had: it is about who wins, not about how fast a disk syncs.
	const state = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'race-'));
	const it = createStage(state);
	const racers = Array.from({length: count}, () => startRacer(it.state, it.checkout));
	const answers: Record<string, number> = {};
	let [single, deaths] = [0, 0];
	try {
		await Promise.all(racers.map(racer => racer.answer()));
		const startedAt = performance.now();
		for (let round = 1; round <= rounds; round++) {
			for (const racer of racers) racer.say(`round ${round}`);
			const said = await Promise.all(racers.map(racer => racer.answer()));
			for (const answer of said) answers[answer] = (answers[answer] ?? 0) + 1;
			const winners = racers.filter((_, index) => said[index] === 'won');
			if (winners.length === 1) single++;
			for (const winner of winners) {
				if (round % deathEvery === 0 && round < rounds) {
					deaths++;
					winner.child.kill('SIGKILL');
					await once(winner.child, 'exit');
					rmSync(join(it.checkout, 'witness'), {force: true});
					const next = startRacer(it.state, it.checkout);
					racers[racers.indexOf(winner)] = next;
					await next.answer();
				} else {
					winner.say('finish');
					await winner.answer();
				}
			}
		}
		const types = (await it.records()).map(({type}) => type);
		return {
			rounds,
			racers: count,
			single,
			deaths,
			answers,
			operations: types.filter(type => type === 'requested').length,
			outcomes: types.filter(type => type === 'finished').length,
			milliseconds: performance.now() - startedAt,
		};
	} finally {
		for (const {child} of racers) child.kill('SIGKILL');
		await it.close();
		rmSync(state, {recursive: true, force: true});
	}
};
