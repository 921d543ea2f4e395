/** What becomes of pull requests when branches move, and who approves them. */
import {isAncestor} from '../model/git.ts';
import type {Engine, State} from '../model/model.ts';
import type {PullRequest} from '../model/pull-model.ts';
import {ruleOf} from './rules.ts';

/** GitHub needs that long to say again whether it can be merged, milliseconds. */
const thinksForMs = 2000;

export function touchPull(state: State, pull: PullRequest): void {
	pull.updatedAt = state.now;
	pull.knownAt = state.now + thinksForMs;
}

/** Nobody approves his own work. */
export function approvePull(state: State, number: number, login: string): boolean {
	const pull = state.pulls.find(one => one.number === number);
	if (!pull || pull.state !== 'OPEN' || pull.author.login === login || pull.approvals.includes(login)) {
		return false;
	}
	pull.approvals.push(login);
	touchPull(state, pull);
	return true;
}

/** Where the scenario says so, others look at the head that the pull request has now, and approve it. */
export function expectApprovals(engine: Engine, pull: PullRequest): void {
	const {state} = engine;
	const wanted = ruleOf(state, pull.base)?.pullRequest;
	const head = pull.headSha;
	if (wanted?.approveAfterSeconds === undefined) {
		return;
	}
	engine.at(state.now + wanted.approveAfterSeconds * 1000, () => {
		const others = [...state.people.values()].filter(
			({login, bot}) => login !== null && !bot && login !== pull.author.login && !pull.approvals.includes(login),
		);
		for (const {login} of pull.headSha === head
			? others.slice(0, Math.max(0, wanted.approvals - pull.approvals.length))
			: []) {
			approvePull(state, pull.number, login!);
		}
	});
}

/** Out of the queue without having been merged: what was to be tested is no more. */
export function leaveQueue(pull: PullRequest): void {
	if (pull.entry) {
		pull.entry.state = 'UNMERGEABLE';
		pull.entry = null;
	}
}

export function closePull(state: State, pull: PullRequest): void {
	pull.state = 'CLOSED';
	pull.closedAt = state.now;
	leaveQueue(pull);
	touchPull(state, pull);
}

function moveHead(engine: Engine, pull: PullRequest, sha: string): void {
	pull.headSha = sha;
	pull.approvals = [];
	leaveQueue(pull);
	touchPull(engine.state, pull);
	expectApprovals(engine, pull);
}

/** @param sha where the ref is now; null: it is gone */
export function followRef(engine: Engine, name: string, sha: string | null): void {
	const {state} = engine;
	for (const pull of state.pulls.filter(one => one.state === 'OPEN')) {
		if (name === `refs/heads/${pull.head}`) {
			if (sha === null) {
				closePull(state, pull);
			} else {
				moveHead(engine, pull, sha);
			}
		} else if (name === `refs/heads/${pull.base}`) {
			touchPull(state, pull);
			// Its commits came to the base in another way: for GitHub it is merged.
			if (sha !== null && isAncestor(state, pull.headSha, sha)) {
				Object.assign(pull, {
					state: 'MERGED',
					mergedAt: state.now,
					closedAt: state.now,
					mergeSha: pull.headSha,
					entry: null,
				} satisfies Partial<PullRequest>);
			}
		}
	}
}
