/** What GitHub said last about one thing, asked for again when it is wanted fresh, and never waited for longer than one can. */
import type {Clock} from '../../world.ts';

type Said = {ok: true};
type Unsaid = {ok: false; because: string};

/** `readAt`: wall time, milliseconds. null: not asked yet. */
export type Knowledge<Answer extends Said> = {readAt: number; answer: Answer | Unsaid} | null;

export type Asked<Answer extends Said> = {
	known(): Knowledge<Answer>;
	/** false: this world has no GitHub. */
	hasRemote: boolean;
	/**
	What is younger than `freshMs` is not asked for again. Never rejects. Whether there is an answer as of now, if only that it could not be
	asked; false: there was none within `atMostMs`, and what is known is older.
	*/
	refresh(options?: {freshMs?: number; atMostMs?: number}): Promise<boolean>;
};

const askMs = 8000;

export const createKnowledge = <Answer extends Said>(
	ask: ((signal: AbortSignal) => Promise<Answer | Unsaid>) | null,
	clock: Clock,
): Asked<Answer> => {
	let known: Knowledge<Answer> = null;
	let underWay: Promise<void> | null = null;

	/** false: time is up. */
	const within = async (waiting: Promise<unknown>, milliseconds: number): Promise<boolean> => {
		const over = new AbortController();
		try {
			return await Promise.race([
				waiting.then(() => true),
				clock.after(milliseconds, over.signal).then(
					() => false,
					() => false,
				),
			]);
		} finally {
			over.abort();
		}
	};

	const askNow = async (): Promise<void> => {
		const end = new AbortController();
		const asking = ask!(end.signal)
			.then(answer => {
				known = {readAt: clock.now(), answer: answer.ok ? answer : {ok: false, because: answer.because}};
			})
			.catch((error: unknown) => {
				known = {readAt: clock.now(), answer: {ok: false, because: (error as Error).message}};
			});
		if (await within(asking, askMs)) return;
		end.abort();
		known = {readAt: clock.now(), answer: {ok: false, because: 'GitHub does not answer'}};
	};

	return {
		known: () => known,
		hasRemote: ask !== null,
		async refresh({freshMs = 0, atMostMs = askMs} = {}) {
			if (ask === null || (known !== null && clock.now() - known.readAt < freshMs)) return true;
			underWay ??= askNow().finally(() => {
				underWay = null;
			});
			return within(underWay, atMostMs);
		},
	};
};
