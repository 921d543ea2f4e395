/** Navigation's part of update: where the operator is, and what is chosen there. Always by id, never by row. */
import {short} from '../core/gate/gate.ts';
import type {Candidate} from '../core/pipeline/pipeline.ts';
import {hastened, withOlder} from './polling/hasten.ts';
import {gateOf, helpRows, messageOf, paletteBindings} from './keys/keys.ts';
import type {Message, Next} from './model/messages.ts';
import {chosenOperation, operationsOf} from './questions/operation-select.ts';
import {
	activeCandidate,
	addressInView,
	jobInView,
	modeOf,
	selectedCandidate,
	selectedIndex,
	shownTiers,
	siteOf,
	tierInView,
} from './questions/select.ts';
import type {State, View} from './model/state.ts';
import {refused, toast} from './view/toast.ts';
import {attachTo} from './dialogs/update-dialog.ts';
import {searchJobLog} from './logs/update-job-log.ts';
import {searchLog} from './operations/update-log.ts';
import {listRows, windowAround} from './view/window.ts';

type ViewMessage = Extract<
	Message,
	{
		type:
			| 'move'
			| 'jump'
			| 'page'
			| 'choose-tier'
			| 'step-tier'
			| 'step-job'
			| 'enter'
			| 'go'
			| 'back'
			| 'follow-active'
			| 'show'
			| 'dismiss'
			| 'accept'
			| 'write'
			| 'erase'
			| 'search-next'
			| 'open-page'
			| 'open-site'
			| 'copy-address'
			| 'copy-sha';
	}
>;

type Update = (state: State, message: Message) => Next;

const clamp = (value: number, length: number) => Math.max(0, Math.min(length - 1, value));
const view = (state: State, change: Partial<View>): Next => [{...state, view: {...state.view, ...change}}, []];

/** A commit by choice; a detail that is open goes along. */
const chosen = ({view: {place}}: State, sha: string | null): Partial<View> => ({
	selectedSha: sha,
	detailSha: place.name === 'board' ? null : sha,
});

/** Into a detail: it belongs to the commit that it is opened on, without choosing that. */
const into = (state: State, place: State['view']['place'], change: Partial<View>): Next =>
	view(state, {
		place,
		cursor: 0,
		top: 0,
		...(state.view.place.name === 'board' && {detailSha: selectedCandidate(state)?.sha ?? null}),
		...change,
	});

/** Rows of the list in view. */
const lengthOf = (state: State): number => {
	switch (modeOf(state)) {
		case 'board':
			return state.snapshot?.candidates.length ?? 0;
		case 'tier':
			return tierInView(state)?.jobs.length ?? 0;
		case 'job': {
			const job = jobInView(state);
			return (job?.steps?.length ?? 0) + (job?.annotations?.length ?? 0);
		}
		case 'gate':
			return selectedCandidate(state)?.gate.conditions.length ?? 0;
		case 'events':
			return state.events.length;
		case 'operations':
			return operationsOf(state).length;
		// Help has no cursor: it scrolls by its first row, until the last one is seen.
		case 'help':
			return Math.max(1, helpRows().length - listRows(state) + 1);
		case 'palette':
			return paletteBindings(state.view.overlay?.name === 'palette' ? state.view.overlay.query : '').length;
		default:
			return 0;
	}
};

const positionOf = (state: State): number => {
	const {overlay, cursor} = state.view;
	switch (modeOf(state)) {
		case 'board':
			return selectedIndex(state);
		case 'tier': {
			const job = jobInView(state);
			return tierInView(state)?.jobs.findIndex(({id}) => id === job?.id) ?? 0;
		}
		case 'operations':
			return Math.max(
				0,
				operationsOf(state).findIndex(({id}) => id === chosenOperation(state)?.id),
			);
		case 'help':
			return overlay?.name === 'help' ? overlay.cursor : 0;
		case 'palette':
			return overlay?.name === 'palette' ? overlay.index : 0;
		default:
			return cursor;
	}
};

const goTo = (state: State, position: number): Next => {
	const length = lengthOf(state);
	const at = clamp(position, length);
	const {overlay} = state.view;
	const top = windowAround(length, at, listRows(state), state.view.top).start;
	switch (modeOf(state)) {
		case 'board':
			return view(state, {
				...chosen(state, state.snapshot?.candidates[at]?.sha ?? null),
				selectedJobId: null,
				top,
			});
		case 'tier':
			return view(state, {selectedJobId: tierInView(state)?.jobs[at]?.id ?? null, top});
		case 'operations':
			return view(state, {operationId: operationsOf(state)[at]?.id ?? null, top});
		case 'help':
			return view(state, {overlay: {name: 'help', cursor: at}});
		case 'palette':
			return overlay?.name === 'palette' ? view(state, {overlay: {...overlay, index: at}}) : [state, []];
		default:
			return view(state, {cursor: at, top});
	}
};

/** Along the list; who goes on at its end wants to see what comes after it. */
const scrollTo = (state: State, position: number): Next =>
	modeOf(state) === 'board' && position >= lengthOf(state) ? withOlder(goTo(state, position)) : goTo(state, position);

const jump = (state: State, to: 'first' | 'last'): Next => {
	const last = lengthOf(state) - 1;
	return scrollTo(state, to === 'first' ? 0 : positionOf(state) === last ? last + 1 : last);
};

const stepTier = (state: State, by: -1 | 1): Next => {
	const tiers = shownTiers(state);
	const at = tiers.findIndex(tier => tier.name === tierInView(state)?.name);
	const tier = tiers[(at + by + tiers.length) % tiers.length]?.name ?? 'fast';
	return view(state, {
		tier,
		selectedJobId: null,
		top: 0,
		...(state.view.place.name === 'tier' && {place: {name: 'tier', tier}}),
	});
};

const stepJob = (state: State, by: -1 | 1): Next => {
	const tier = tierInView(state);
	const job = jobInView(state);
	if (!tier || !job || state.view.place.name !== 'job') return [state, []];
	const at = clamp(tier.jobs.findIndex(({id}) => id === job.id) + by, tier.jobs.length);
	const next = tier.jobs[at]!;
	return hastened(
		view(state, {place: {...state.view.place, jobId: next.id}, selectedJobId: next.id, cursor: 0, top: 0}),
	);
};

const enter = (state: State): Next => {
	if (state.view.place.name === 'operations') {
		const operation = chosenOperation(state);
		return operation ? [attachTo(state, operation.id), []] : [state, []];
	}
	const tier = tierInView(state);
	if (!tier) return [state, []];
	if (state.view.place.name === 'board') return into(state, {name: 'tier', tier: tier.name}, {selectedJobId: null});
	const job = jobInView(state);
	return job ? hastened(into(state, {name: 'job', tier: tier.name, jobId: job.id}, {})) : [state, []];
};

const back = (state: State): Next => {
	const {place} = state.view;
	if (place.name === 'job-log')
		return view(state, {
			place: place.from,
			cursor: 0,
			top: 0,
			...(place.from.name === 'board' && {detailSha: null}),
		});
	if (place.name === 'operation' && place.from === 'operations')
		return view(state, {place: {name: 'operations'}, cursor: 0, top: 0});
	return view(state, {
		...(place.name === 'job' || (place.name === 'tests' && place.from === 'tier')
			? {place: {name: 'tier', tier: place.tier}}
			: {place: {name: 'board'}, detailSha: null}),
		cursor: 0,
		top: 0,
	});
};

const isHit = ({sha, message, author}: Candidate, query: string) =>
	[sha, message, author].some(text => text.toLowerCase().includes(query.toLowerCase()));

const search = (state: State, query: string, direction: -1 | 1, includeCurrent: boolean): Next => {
	const candidates = state.snapshot?.candidates ?? [];
	const from = selectedIndex(state);
	const order = candidates.map(
		(_, step) =>
			candidates[
				(from + direction * (step + (includeCurrent ? 0 : 1)) + candidates.length * 2) % candidates.length
			]!,
	);
	const hit = order.find(candidate => isHit(candidate, query));
	const [next] = view(state, {query, overlay: null, ...(hit && chosen(state, hit.sha))});
	return [hit ? next : toast(next, `No commit has "${query}" in its message, author or SHA.`, 'warn'), []];
};

const accept = (state: State, update: Update): Next => {
	const {overlay} = state.view;
	if (overlay?.name === 'search' && state.view.place.name === 'operation')
		return searchLog({...state, view: {...state.view, overlay: null}}, overlay.query);
	if (overlay?.name === 'search' && state.view.place.name === 'job-log')
		return searchJobLog({...state, view: {...state.view, overlay: null}}, overlay.query);
	// What is searched is still being read: what was typed stays.
	if (overlay?.name === 'search' && overlay.query !== '' && state.snapshot === null) return [state, []];
	if (overlay?.name === 'search')
		return overlay.query === '' ? view(state, {overlay: null, query: ''}) : search(state, overlay.query, 1, true);
	if (overlay?.name !== 'palette') return [state, []];
	const binding = paletteBindings(overlay.query)[overlay.index];
	const [closed] = view(state, {overlay: null});
	if (!binding) return [toast(closed, `No command matches "${overlay.query}".`, 'warn'), []];
	const gate = gateOf(binding, closed);
	return gate.open ? update(closed, messageOf(binding, closed)) : [refused(closed, binding.label, gate), []];
};

const edit = (state: State, change: (query: string) => string): Next => {
	const {overlay} = state.view;
	if (overlay?.name === 'search') return view(state, {overlay: {...overlay, query: change(overlay.query)}});
	if (overlay?.name === 'palette')
		return view(state, {overlay: {...overlay, query: change(overlay.query), index: 0}});
	return [state, []];
};

const show = (state: State, overlay: 'help' | 'palette' | 'search'): Next => {
	switch (overlay) {
		case 'help':
			return view(state, {overlay: {name: 'help', cursor: 0}});
		case 'palette':
			return view(state, {overlay: {name: 'palette', query: '', index: 0}});
		case 'search':
			return view(state, {overlay: {name: 'search', query: ''}});
	}
};

const address = (state: State, effect: 'open' | 'copy'): Next => {
	const found = addressInView(state);
	if (!found) return [state, []];
	return effect === 'open'
		? [toast(state, `Opening ${found.what}`), [{type: 'open', url: found.url}]]
		: [state, [{type: 'copy', text: found.url}]];
};

const site = (state: State, name: string): Next => {
	const url = siteOf(state, name);
	return url ? [toast(state, `Opening ${name}`), [{type: 'open', url}]] : [state, []];
};

/** What ended before this program began is no news any more. */
export const withoutNews = (state: State): State =>
	state.operations.meanwhile.length === 0 ? state : {...state, operations: {...state.operations, meanwhile: []}};

const textLimit = 100;

/** `update` is the whole of it, for what the palette chooses. */
export const updateView = (state: State, message: ViewMessage, update: Update): Next => {
	switch (message.type) {
		case 'move':
			return scrollTo(state, positionOf(state) + message.by);
		case 'jump':
			return jump(state, message.to);
		case 'page':
			return scrollTo(
				state,
				positionOf(state) + message.direction * Math.max(1, Math.floor(listRows(state) * message.share)),
			);
		case 'choose-tier':
			return view(state, {
				tier: message.tier,
				selectedJobId: null,
				top: 0,
				...(state.view.place.name === 'tier' && {place: {name: 'tier', tier: message.tier}}),
			});
		case 'step-tier':
			return stepTier(state, message.by);
		case 'step-job':
			return stepJob(state, message.by);
		case 'enter':
			return enter(state);
		case 'go':
			return into(
				state,
				message.place,
				message.place.name === 'events'
					? {cursor: Math.max(0, state.events.length - 1), top: state.events.length}
					: {},
			);
		case 'back':
			return back(state);
		case 'follow-active': {
			const active = activeCandidate(state.snapshot?.candidates ?? [], state.now);
			const [next] = view(state, {...chosen(state, active?.sha ?? null), selectedSha: null, top: 0});
			return [toast(next, `Following the active release, ${active ? short(active.sha) : 'none yet'}`), []];
		}
		case 'show':
			return show(state, message.overlay);
		case 'dismiss':
			return view(state, {overlay: null});
		case 'accept':
			return accept(state, update);
		case 'write':
			return edit(state, query => (query + message.text.replaceAll(/[^\P{C}]/gu, '')).slice(0, textLimit));
		// Without a line to type in, what stands is the last search.
		case 'erase':
			return state.view.overlay === null
				? view(withoutNews(state), {query: ''})
				: edit(state, query => (message.what === 'all' ? '' : [...query].slice(0, -1).join('')));
		case 'search-next':
			return search(state, state.view.query, message.direction, false);
		case 'open-page':
			return address(state, 'open');
		case 'copy-address':
			return address(state, 'copy');
		case 'copy-sha': {
			const candidate = selectedCandidate(state);
			return candidate ? [state, [{type: 'copy', text: candidate.sha}]] : [state, []];
		}
		case 'open-site':
			return site(state, message.environment);
	}
};
