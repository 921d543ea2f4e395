/**
Links under what the screen says: SHAs, numbers of runs and pull requests, addresses. They are put into the picture when it is
finished, so that no pane has to know of them and no width depends on them. A SHA, a run and an address have to be known whole from
elsewhere: what was cut off on the screen, or stands in somebody's text, leads nowhere else. An address that goes on in the next row is linked
in each; the rows have no `id=` in common, as the painter of rows knows links without parameters alone: a pointer marks one row at a time.
*/
import type {Facts} from '../../core/github/facts.ts';
import {addressesIn} from '../../core/github/said.ts';
import {isPlainAddress, pagesOf} from '../../core/github/pages.ts';
import {operationsOf} from '../../state/questions/operation-select.ts';
import type {State} from '../../state/model/state.ts';
import type {Line, Span} from './text.ts';

/** By the text on the screen; null: two things are called so. */
type Targets = Map<string, string | null>;

const put = (targets: Targets, text: string, address: string | null): void => {
	if (address !== null) targets.set(text, targets.has(text) && targets.get(text) !== address ? null : address);
};

/** Pictures are drawn many times a second, facts are read every few. */
const runIds = new WeakMap<Facts, ReadonlySet<string>>();
const runIdsOf = (facts: Facts): ReadonlySet<string> => {
	const known = runIds.get(facts) ?? new Set(facts.runs.map(({id}) => String(id)));
	runIds.set(facts, known);
	return known;
};

const shasOf = (state: State): ReadonlyArray<string | null | undefined> => {
	const {snapshot, dialog} = state;
	const plan = dialog?.name === 'plan' ? dialog.plan : null;
	return [
		...(snapshot?.candidates ?? []).map(({sha}) => sha),
		snapshot?.branches.staging.sha,
		snapshot?.branches.production.sha,
		...(snapshot?.environments ?? []).flatMap(({sha, newestSha}) => [sha, newestSha]),
		...operationsOf(state).flatMap(({sha, from, to}) => [sha, from?.sha, to?.sha]),
		...[plan?.coming, plan?.going, plan?.promotion?.staying].flatMap(commits =>
			(commits ?? []).map(({sha}) => sha),
		),
	];
};

/** Where our own words may name an address. */
const textsOf = (state: State): ReadonlyArray<string | null | undefined> => [
	state.poll.failure?.next,
	state.toast?.text,
	...operationsOf(state).map(({next}) => next),
	...(state.dialog && 'refusal' in state.dialog ? [state.dialog.refusal?.next] : []),
];

type Found = {
	known: Targets;
	run: (id: string) => string | null;
	pull: (number: number) => string | null;
};

const targetsOf = (state: State): Found => {
	const known: Targets = new Map();
	const pages = state.snapshot === null ? null : pagesOf(state.snapshot);
	for (const sha of new Set(shasOf(state))) {
		if (pages === null || typeof sha !== 'string') continue;
		put(known, sha.slice(0, 7), pages.commit(sha));
		put(known, sha, pages.commit(sha));
	}
	for (const address of [
		...textsOf(state).flatMap(text => addressesIn(text ?? '')),
		...(state.snapshot?.environments ?? []).map(({url}) => url),
	])
		if (typeof address === 'string' && isPlainAddress(address)) put(known, address, address);
	const ids = state.facts === null ? new Set<string>() : runIdsOf(state.facts);
	return {
		known,
		run: id => (pages !== null && ids.has(id) ? pages.run(Number(id)) : null),
		pull: number => pages?.pull(number) ?? null,
	};
};

/** A SHA, short or whole; a run's number; a pull request of this repository, with nothing cut off; an address. */
const mentions = /\b[0-9a-f]{7}(?:[0-9a-f]{33})?\b|\b\d{5,16}\b|(?<![\w/#])#\d{1,7}(?![\w…~])|https?:\/\/[!-~]+/g;
const mayMention = /[0-9a-f]{7}|\d{5}|#\d|:\/\//;

const linkedSpan = (part: Span, {known, run, pull}: Found): readonly Span[] => {
	// A log is somebody else's text.
	if (part.style !== undefined || part.link !== undefined || !mayMention.test(part.text)) return [part];
	const parts: Span[] = [];
	let at = 0;
	for (const {0: found, index} of part.text.matchAll(mentions)) {
		const text = found.includes('://') ? (addressesIn(found)[0] ?? '') : found;
		const link = text.startsWith('#')
			? pull(Number(text.slice(1)))
			: known.has(text)
				? known.get(text)!
				: run(text);
		if (link === null) continue;
		parts.push({...part, text: part.text.slice(at, index)}, {...part, text, link});
		at = index + text.length;
	}
	return [...parts, {...part, text: part.text.slice(at)}].filter(({text}) => text !== '');
};

/** An address begins here that fills its span: `wrap` cuts longer ones so. */
const beginning = /^ *(https?:\/\/[!-~]+) *$/;
const isOpen = (part: Span): boolean => part.style === undefined && part.link === undefined;

/** Where the rest of an address stands in a row, whole or as far as the row goes; null: it does not. */
const restIn = (line: Line, rest: string): {index: number; text: string} | null => {
	for (const [index, part] of line.entries()) {
		const text = isOpen(part) ? (/^ *([!-~]+)/.exec(part.text)?.[1] ?? '') : '';
		const isWhole = text.startsWith(rest) && !/[\w/%#?&=-]/.test(text.charAt(rest.length));
		if (isWhole) return {index, text: rest};
		if (text.length > 1 && rest.startsWith(text) && part.text.trim() === text) return {index, text};
	}
	return null;
};

const withLink = (line: Line, index: number, text: string, link: string): Line =>
	line.flatMap((part, at) => {
		if (at !== index) return [part];
		const from = part.text.indexOf(text);
		return [
			{...part, text: part.text.slice(0, from)},
			{...part, text, link},
			{...part, text: part.text.slice(from + text.length)},
		].filter(({text: own}) => own !== '');
	});

/** Addresses that are known and go on in the rows below. */
const linkedOverRows = (lines: readonly Line[], {known}: Found): readonly Line[] => {
	const addresses = [...known.keys()].filter(text => text.includes('://'));
	const made = [...lines];
	for (const [row, line] of lines.entries()) {
		for (const part of line) {
			const head = isOpen(part) ? beginning.exec(part.text)?.[1] : undefined;
			const [address, ...others] =
				head === undefined ? [] : addresses.filter(one => one.length > head.length && one.startsWith(head));
			if (address === undefined || others.length > 0) continue;
			const rows = [{row, text: head!}];
			let rest = address.slice(head!.length);
			for (let next = row + 1; rest !== '' && next < lines.length; next++) {
				const found = restIn(made[next]!, rest);
				if (found === null) break;
				rows.push({row: next, text: found.text});
				rest = rest.slice(found.text.length);
			}
			if (rest !== '') continue;
			for (const each of rows) {
				const at = restIn(made[each.row]!, each.text);
				if (at !== null) made[each.row] = withLink(made[each.row]!, at.index, each.text, address);
			}
		}
	}
	return made;
};

/** The same picture, cell by cell. A replay and the demo lead nowhere, and logs are left as they are. */
export const linked = (lines: readonly Line[], state: State): readonly Line[] => {
	if (
		state.demo !== null ||
		state.replay !== null ||
		state.preferences.terminal === 'quiet' ||
		state.view.place.name === 'job-log'
	)
		return lines;
	const targets = targetsOf(state);
	return linkedOverRows(
		lines.map(line => line.flatMap(part => linkedSpan(part, targets))),
		targets,
	);
};
