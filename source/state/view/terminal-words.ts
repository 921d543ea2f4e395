/** What a terminal is told beside the picture: the title of its window or tab, and how far along what runs is. Pure. */
import {shardTotals} from '../../core/evidence/shards.ts';
import {safeText} from '../../core/text/safe-text.ts';
import type {TerminalWords} from '../../core/text/terminal-words.ts';
import {conditionOf, runningOperations} from '../questions/operation-select.ts';
import {titleOf} from './operation-words.ts';
import {activeCandidate, isStale} from '../questions/select.ts';
import type {State} from '../model/state.ts';

/** A tab shows no more than that. UTF-16 units. */
const titleLimit = 80;
/** What takes longer than usual is not done before it is. */
const most = 0.95;

const ofOperation = (state: State): TerminalWords['progress'] => {
	const [running] = runningOperations(state);
	if (running === undefined) return null;
	const {usualSeconds, startedAt} = running;
	return {
		share:
			usualSeconds === null || usualSeconds <= 0
				? null
				: Math.min(most, Math.max(0, (state.wallNow - startedAt) / (usualSeconds * 1000))),
	};
};

/** Of the release that is under way. Old knowledge is no progress. */
const ofTests = (state: State): TerminalWords['progress'] => {
	const tier = isStale(state) ? undefined : activeCandidate(state.snapshot?.candidates ?? [], state.now)?.tiers.e2e;
	if (tier?.status !== 'running') return null;
	const totals = shardTotals(tier.shards);
	return {
		share:
			totals === null || totals.total <= 0 || totals.published < totals.shards
				? null
				: Math.min(most, totals.done / totals.total),
	};
};

const happening = (state: State, tests: TerminalWords['progress']): string => {
	const [running] = runningOperations(state);
	if (running !== undefined) return `${titleOf(running)} is running`;
	const wrong = state.settings.environments.find(({name}) =>
		['unhealthy', 'mixed'].includes(conditionOf(state, name)),
	);
	if (wrong !== undefined) return `${wrong.name} is ${conditionOf(state, wrong.name)}`;
	if (tests === null) return 'deployctl';
	return tests.share === null ? 'E2E is running' : `E2E ${Math.floor(tests.share * 100)}%`;
};

/** Names in it come from outside: masked and tidied, so that none of them ends the sequence that it stands in. */
export const terminalWords = (state: State): TerminalWords => {
	const tests = ofTests(state);
	const [, name = state.repository] = state.repository.split('/');
	return {title: safeText(`${name}: ${happening(state, tests)}`, titleLimit), progress: ofOperation(state) ?? tests};
};
