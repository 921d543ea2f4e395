/** Who we are: the login on GitHub, and while nobody can say that, the name on this machine. */
import type {GitHubEdge} from '../github/edge.ts';
import type {Clock} from '../world.ts';

const loginMs = 3000;
/** Whoever acts while GitHub is out of reach waits for it once, not each time. */
const againAfterMs = 60_000;

export type OperatorName = {
	/** What is known without asking anybody; null: nothing yet. */
	known(): string | null;
	/** Asks, at most for some seconds. */
	ask(): Promise<string>;
	/** Asks; null: GitHub has not said, or this world has none. */
	login(): Promise<string | null>;
};

/** `gitHub` null: this world has none, and the name on this machine is all. */
export const createOperatorName = (
	gitHub: (() => Promise<Pick<GitHubEdge, 'operatorName'>>) | null,
	user: string,
	clock: Clock,
): OperatorName => {
	let login: string | null = gitHub === null ? user : null;
	let failedAt: number | null = null;
	let asking: Promise<void> | null = null;
	const askGitHub = async () => {
		login = await gitHub!()
			.then(edge => edge.operatorName(AbortSignal.timeout(loginMs)))
			.catch(() => null);
		failedAt = login === null ? clock.now() : null;
	};
	const asked = async () => {
		if (login === null && (failedAt === null || clock.now() - failedAt > againAfterMs))
			await (asking ??= askGitHub().finally(() => {
				asking = null;
			}));
	};
	return {
		known: () => login ?? (failedAt === null ? null : user),
		async ask() {
			await asked();
			return login ?? user;
		},
		async login() {
			await asked();
			return gitHub === null ? null : login;
		},
	};
};
