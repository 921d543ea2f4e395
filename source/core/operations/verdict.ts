/**
How an operation ended: what the script said, together with what the environment says. Pure. Only what is shown counts as done,
only what is known to be untouched counts as failed, and everything else needs somebody to look.
*/
import {compareInstances, incomparable, nameOf, tellInstances} from '../releases/instances.ts';
import type {Comparison, Expected} from '../releases/instances.ts';
import type {InstanceReading} from '../releases/observation.ts';
import {listed} from '../releases/words.ts';
import type {OperationKind, Outcome, ScriptKind} from './operation.ts';
import type {EndLine} from './protocol.ts';
import {clauses} from '../text/sanitise.ts';
import {claimOf} from './script-claim.ts';
import type {Claim, ScriptEnd} from './script-claim.ts';
import type {ReleaseRef} from '../releases/release-ref.ts';

export type VerdictQuestion = {
	kind: OperationKind;
	environment: string;
	scriptKind: ScriptKind;
	end: ScriptEnd;
	/** The script's last line, of contract scripts. */
	endLine: EndLine | null;
	/** null: it was not asked. */
	before: readonly InstanceReading[] | null;
	after: readonly InstanceReading[] | null;
	expects: Expected;
	target: ReleaseRef | null;
	from: ReleaseRef | null;
	stop: {by: string; thenRollBack: boolean} | null;
	timedOut: boolean;
	/** Processes had to be killed. */
	wasKilled: boolean;
};

export type Mark = {type: 'marked-bad' | 'pinned'; release: ReleaseRef; because: string};

export type Verdict = {
	outcome: Outcome;
	/** deployctl's (errors.ts). */
	exitCode: number;
	because: string;
	next: string | null;
	/** The release that is live now; null: not known. */
	live: string | null;
	marks: readonly Mark[];
};

type Case = VerdictQuestion & {
	seen: Comparison;
	claim: Claim;
	/** What is meant: the target, or where there was none the release that the script reached. */ goal: ReleaseRef | null;
};

const needsHuman = 7;
const reported = ({after}: Case) => [
	...new Set((after ?? []).flatMap(({version}) => (version === null ? [] : [version]))),
];

const interrupted = (asked: Case, because: string, next: string): Verdict => {
	const versions = reported(asked);
	const isKnown = versions.length === 1 && incomparable(asked.after, [asked.goal, asked.from]).length === 0;
	return {
		outcome: 'interrupted',
		exitCode: needsHuman,
		because,
		next,
		live: isKnown ? versions[0]! : null,
		marks: [],
	};
};

const look = ({environment}: Case) => `look at the log and at ${environment}, then roll back, deploy again or leave it`;
const verify = ({environment}: Case) =>
	`verify the state of ${environment}: what it runs, and whether a switch was left half way`;

/** Who or what ended it before its time. */
const ended = ({stop, timedOut, wasKilled, claim}: Case): string => {
	const how = wasKilled ? 'had to be killed' : claim.words;
	if (stop !== null) return `stopped by ${stop.by}; the script ${how}`;
	return timedOut ? `timed out; the script ${how}` : `the script ${how}`;
};
const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1);

const mixed = (asked: Case): Verdict =>
	interrupted(
		asked,
		`MIXED: ${tellInstances(asked.after)} (${ended(asked)})`,
		`retry the rest, choose an older release or go forward; nothing is retried blindly`,
	);

const rollbackMarks = ({kind, from, goal, environment}: Case): Mark[] => {
	if (kind !== 'rollback' || from === null || goal === null || from.release === goal.release) return [];
	const because = `${environment} was rolled back from it to ${nameOf(goal)}`;
	return [
		{type: 'marked-bad', release: from, because},
		{type: 'pinned', release: from, because},
	];
};

const succeeded = (asked: Case, ground: string): Verdict => {
	const {kind, environment, endLine, goal} = asked;
	const name = goal === null ? 'it' : nameOf(goal);
	const done =
		endLine?.result === 'already-live'
			? `${name} is already live on ${environment}`
			: kind === 'rollback'
				? `${environment} is back on ${name}`
				: `${name} is live on ${environment}`;
	return {
		outcome: 'succeeded',
		exitCode: 0,
		because: `${done}${ground}`,
		next: null,
		live: goal?.release ?? null,
		marks: rollbackMarks(asked),
	};
};

/** After a time-out nobody may believe that nothing happened. */
const failed = (asked: Case, because: string, next: string, exitCode: number): Verdict =>
	asked.timedOut
		? interrupted(asked, because, verify(asked))
		: {outcome: 'failed', exitCode, because, next, live: asked.from?.release ?? null, marks: []};

/** Nothing is configured that could be asked: only the script's word is there. */
const doneByWord = (asked: Case): Verdict => {
	if (asked.scriptKind === 'plain')
		return succeeded(
			asked,
			', as reported by the script alone: unverified, because neither version nor health addresses are configured',
		);
	return asked.endLine === null
		? interrupted(
				asked,
				`The script ended with 0 but never said how it ended, and ${asked.environment} cannot be asked`,
				verify(asked),
			)
		: succeeded(asked, ', as reported by the script, which validated it; no addresses are configured to ask');
};

/** It may be live, and it may not: a version that names no commit confirms nothing, and contradicts nothing. */
const unverified = (asked: Case, goal: ReleaseRef): Verdict => {
	const {environment, seen, from} = asked;
	const texts = incomparable(asked.after, [goal, from]);
	const why = texts.length === 0 ? 'it cannot be compared with that' : `no commit can be read in ${listed(texts)}`;
	const next = seen.isSick
		? `deployctl rollback ${environment}`
		: `let the version address of ${environment} name the commit, or set environments.${environment}.versionPath in deployctl.yml: deployctl doctor --only addresses shows what is read`;
	return interrupted(
		asked,
		`unverified: the script ended with 0, but whether ${environment} runs ${nameOf(goal)} cannot be told: ${tellInstances(asked.after)}, and ${why}`,
		next,
	);
};

/** The script says that it is done. */
const judgeDone = (asked: Case): Verdict => {
	const {seen, goal, environment, expects} = asked;
	if (!seen.isObservable) return doneByWord(asked);
	if (seen.reporting > 0 && !seen.isOnTarget) {
		const mismatch = `version mismatch: the script ended with 0, but instead of ${goal === null ? 'a known target' : nameOf(goal)} ${tellInstances(asked.after)}`;
		if (seen.isMixed) return mixed(asked);
		if (goal !== null && !seen.isElsewhere) return unverified(asked, goal);
		return seen.isUnchanged && asked.kind !== 'promote'
			? failed(asked, mismatch, 'look at the log: the script ended without putting the release live', 1)
			: interrupted(asked, mismatch, verify(asked));
	}
	if (seen.isSick)
		return interrupted(
			asked,
			`${goal === null ? 'The release' : nameOf(goal)} was put on ${environment}, which is unhealthy: ${tellInstances(asked.after)}`,
			`deployctl rollback ${environment}`,
		);
	if (!seen.isComplete)
		return interrupted(
			asked,
			`The script ended with 0, but ${environment} does not confirm it: ${tellInstances(asked.after)}`,
			verify(asked),
		);
	if (expects.versions === 0 && seen.reporting === 0)
		return succeeded(asked, ': healthy; its version is not verified, because no version address is configured');
	return succeeded(
		asked,
		expects.healths === 0
			? ': every instance reports it; its health is not verified, because no health address is configured'
			: ': every instance reports it and is healthy',
	);
};

/** What our own promoter says last: a sentence, and what to do next. */
const wordOf = (endLine: EndLine | null): {because: string; next: string | null} | null => {
	if (endLine?.text == null) return null;
	const [because = '', next] = endLine.text.split(' Next: ');
	return {because, next: next ?? null};
};

/** A promotion that went half of its way: production's branch, or production itself, has changed. Nobody but a human says how it goes on. */
const judgeLanded = (asked: Case): Verdict => {
	const {seen, endLine, stop, environment} = asked;
	if (seen.isMixed) return mixed(asked);
	const own = wordOf(endLine) ?? {because: capital(ended(asked)), next: null};
	return interrupted(
		asked,
		`${stop === null ? '' : `Stopped by ${stop.by}: `}${own.because.replace(/\.$/, '')}; ${tellInstances(asked.after)}`,
		own.next ?? `verify what ${environment} runs`,
	);
};

/** The script says that it changed nothing, or it never ran. */
const judgeUntouched = (asked: Case): Verdict => {
	const {seen, claim, environment, stop, endLine} = asked;
	const own = asked.kind === 'promote' ? wordOf(endLine) : null;
	if (seen.hasChanged || (seen.isMixed && !seen.isUnchanged))
		return seen.isMixed
			? mixed(asked)
			: interrupted(
					asked,
					`${capital(ended(asked))} and says that nothing changed, but ${tellInstances(asked.after)}`,
					verify(asked),
				);
	const why = endLine?.cause ? ` (${endLine.cause})` : '';
	const exitCode = stop !== null && claim.code === 12 ? 130 : claim.exitCode;
	if (own !== null)
		return failed(
			asked,
			stop === null ? own.because : `Stopped by ${stop.by}: ${own.because}`,
			own.next ?? claim.next,
			exitCode,
		);
	return failed(
		asked,
		clauses(
			`${capital(ended(asked))}${why}`,
			`nothing changed on ${environment}${seen.isSick ? `, which is unhealthy: ${tellInstances(asked.after)}` : ''}`,
		),
		claim.next,
		exitCode,
	);
};

/** The script says that it went back to what was live before, and validated that. */
const judgeReturned = (asked: Case): Verdict => {
	const {seen, kind, environment, goal, from, endLine, stop} = asked;
	if (seen.isMixed) return mixed(asked);
	if (seen.isObservable && (seen.isSick || !seen.isComplete || (seen.reporting > 0 && !seen.isUnchanged))) {
		return interrupted(
			asked,
			`The script says that it returned to the release before, but ${environment} does not confirm it: ${tellInstances(asked.after)}`,
			verify(asked),
		);
	}
	const back = from === null ? 'the release before' : nameOf(from);
	const why = endLine?.cause ? ` (${endLine.cause})` : '';
	const because = `${stop === null ? (asked.timedOut ? 'Timed out' : `${goal === null ? 'The release' : nameOf(goal)} failed${why}`) : `Stopped by ${stop.by}`}; ${environment} is back on ${back}${seen.isObservable ? '' : ', as reported by the script'}`;
	// A rollback that returned has changed nothing: it is not what was wanted.
	if (kind === 'rollback') return failed(asked, because, 'look at the log, then choose another release', 1);
	const isBad =
		stop === null &&
		!asked.timedOut &&
		goal !== null &&
		endLine?.cause?.startsWith('health') === true &&
		goal.release !== from?.release;
	return {
		outcome: 'rolled-back',
		exitCode: 1,
		because,
		next: 'look at the log, then deploy a release with the cause removed',
		live: endLine?.live ?? from?.release ?? null,
		marks: isBad ? [{type: 'marked-bad', release: goal, because: `its health failed on ${environment}`}] : [],
	};
};

/** The script left something that is for a human: no release that works, or a database that it must not move by guess. */
const judgeBroken = (asked: Case): Verdict => {
	const {seen, claim} = asked;
	if (seen.isMixed) return mixed(asked);
	const why = asked.endLine?.cause === 'migration' ? '' : ': the way back failed too';
	return interrupted(
		asked,
		clauses(`${capital(ended(asked))}${why}`, tellInstances(asked.after)),
		claim.next === '' ? verify(asked) : claim.next,
	);
};

/** Nobody says how it ended: killed, died, or a script that knows no contract and did not end with 0. */
const judgeSilent = (asked: Case): Verdict => {
	const {seen, environment, goal, claim} = asked;
	if (seen.isMixed) return mixed(asked);
	const isSettled = seen.isComplete && !seen.isSick && seen.reporting > 0;
	if (isSettled && seen.isOnTarget)
		return interrupted(
			asked,
			`${capital(ended(asked))}, but every instance of ${environment} reports ${nameOf(goal!)}${asked.expects.healths > 0 ? ' and is healthy' : ''}: nothing is rolled back by itself`,
			look(asked),
		);
	const isOwnEnd =
		claim.isOwnEnd && asked.scriptKind === 'plain' && asked.stop === null && !asked.timedOut && !asked.wasKilled;
	if (isSettled && seen.isUnchanged && isOwnEnd)
		return failed(
			asked,
			`${capital(ended(asked))}; every instance of ${environment} reports what it did before`,
			'look at the log',
			1,
		);
	const state = seen.isObservable
		? tellInstances(asked.after)
		: `${environment} has no addresses to ask, so nobody can tell what changed`;
	return interrupted(asked, `${capital(ended(asked))}; ${state}`, verify(asked));
};

export const verdictOf = (question: VerdictQuestion): Verdict => {
	const claim = claimOf(question.scriptKind, question.end, question.endLine);
	const {endLine} = question;
	const goal =
		question.target ?? (claim.says === 'done' && endLine?.live ? {release: endLine.live, sha: null} : null);
	const asked: Case = {...question, claim, goal, seen: compareInstances({...question, target: goal})};
	switch (claim.says) {
		case 'done':
			return judgeDone(asked);
		case 'untouched':
			return judgeUntouched(asked);
		case 'returned':
			return judgeReturned(asked);
		case 'broken':
			return judgeBroken(asked);
		case 'landed':
			return judgeLanded(asked);
		case 'away':
			return interrupted(
				asked,
				`${capital(ended(asked))}: the contact to the host is lost, and the script may still run there`,
				`ask the host with: scripts/${question.kind === 'rollback' ? 'rollback' : 'deploy'}.sh --env ${question.environment} --status`,
			);
		case 'silence':
			return judgeSilent(asked);
	}
};
