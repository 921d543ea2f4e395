/**
Whether a run is evidence about a commit: whether only what the protected branches can produce could have produced it. Names of branches,
titles, statuses and deployments are words that everybody with write access can write; what a run is bound to here they cannot:
its repository, its event, and the commit that its workflow file was taken from, which has to lie on a branch of the pipeline's own.
*/
import type {Facts, RunFact} from '../github/facts.ts';
import {short} from '../pipeline/verdicts.ts';
import type {Settings} from '../settings/settings.ts';
import {withoutStagingWords} from '../pipeline/staging-words.ts';

/** `unknown`: what would say so was not read. `because` goes on from "it does not count: ". */
export type Trust = {trusted: true} | {trusted: false | 'unknown'; because: string; next: string};
type Doubt = Extract<Trust, {because: string}>;
export type Around = {
	facts: Pick<Facts, 'refs' | 'defaultBranch' | 'trunk' | 'defaultTrunk' | 'automation'>;
	settings: Pick<Settings, 'branches'>;
};

const trusted: Trust = {trusted: true};
const no = (because: string, next: string): Doubt => ({trusted: false, because, next});
const notKnown = (because: string, next = 'Ask again in a moment.'): Doubt => ({trusted: 'unknown', because, next});

/** Their runs are about the commit that they sit on: nobody gives them another one. */
const eventsOfThePlace = new Set(['push', 'merge_group', 'release']);
/** The same, but whoever raises them says which address is tested: an app does so by itself, a person as they like. */
const eventsOfDeployments = new Set(['deployment', 'deployment_status']);
/** Their runs are about the commit that they name. Of all others the title is a headline, an issue's, a comment's: anybody's words. */
const eventsThatName = new Set(['workflow_dispatch', 'workflow_run', 'schedule', 'repository_dispatch']);

const anySha = /(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])/gi;
const wholeWord = /(?<![^\s()[\]{}])[0-9a-f]{40}(?![^\s()[\]{}])/gi;
const shasIn = (texts: readonly string[], pattern: RegExp) =>
	texts.flatMap(text => text.match(pattern) ?? []).map(sha => sha.toLowerCase());

const jobNames = (run: RunFact): readonly string[] => (run.jobs ?? []).map(({name}) => withoutStagingWords(name));

/** Whether runs of its event say themselves which commit they are about. */
export const mayName = ({event}: Pick<RunFact, 'event'>): boolean => eventsThatName.has(event);
export const namesNothing = (title: string | null): boolean => shasIn([title ?? ''], anySha).length === 0;

/** Full SHAs anywhere in what it is called, also inside of other words: a run that mentions other commits only is not about this one. */
export const mentionedShas = (run: RunFact): ReadonlySet<string> =>
	new Set(eventsThatName.has(run.event) ? shasIn([run.title ?? '', ...jobNames(run)], anySha) : []);

/** The commit that it names: the only SHA in its words, and each time a word of its own (not `SHA#branch`, not `feature/SHA`). */
export const namedSha = (run: RunFact): string | null => {
	if (!eventsThatName.has(run.event)) return null;
	// The title of a `repository_dispatch` without `run-name` is whatever its sender called the event.
	const texts = run.event === 'repository_dispatch' ? jobNames(run) : [run.title ?? '', ...jobNames(run)];
	const [all, words] = [shasIn(texts, anySha), shasIn(texts, wholeWord)];
	return words.length === all.length && new Set(words).size === 1 ? words[0]! : null;
};

/** A run of a fork can be called anything by anybody, and its branch, too. */
const ofThisRepository = ({isFromFork}: RunFact): Doubt | null => {
	if (isFromFork === true)
		return no('its code comes from a fork', 'Only runs of this repository count: run it from the staging branch.');
	return isFromFork === false ? null : notKnown('GitHub did not name the repository of its code, or not in time');
};

/** Where on the history of a branch of ours: on the commit itself, or above it, where a pipeline that knows the commit can run. A hotfix begins at production. */
const isAtOrAbove = (
	head: string,
	sha: string,
	{
		facts: {
			trunk = [],
			refs: {production},
		},
	}: Around,
): boolean => {
	const at = trunk.indexOf(head);
	const from = trunk.indexOf(trunk.includes(sha) ? sha : (production.sha ?? ''));
	return at !== -1 && (from === -1 || at <= from);
};

const isOnOurs = (sha: string, {facts: {trunk = [], defaultTrunk = [], refs}}: Around): boolean =>
	trunk.includes(sha) || defaultTrunk.includes(sha) || refs.production.sha === sha;

const ofOurWorkflow = (run: RunFact, sha: string, around: Around): Trust => {
	const {
		facts,
		settings: {branches},
	} = around;
	const ours = [branches.staging, branches.production, facts.defaultBranch];
	const again = `Run it again from ${branches.staging}.`;
	if (run.branch === null || !ours.includes(run.branch))
		return no(
			`it ran on ${run.branch ?? 'a branch that GitHub does not name'}, which is none of the pipeline's branches`,
			again,
		);
	const {trunk, defaultTrunk = [], refs} = facts;
	if (
		isAtOrAbove(run.headSha, sha, around) ||
		defaultTrunk.includes(run.headSha) ||
		refs.production.sha === run.headSha
	)
		return trusted;
	if (trunk === undefined || trunk.length === 0)
		return notKnown(`the history of ${branches.staging} has not been read`);
	// A tag may be called like a branch. And a run that sits below the commit was made by a workflow of before it.
	return no(
		`it ran on ${short(run.headSha)}, which ${trunk.includes(run.headSha) ? `${branches.staging} was at before this commit` : `is not on the history of ${branches.staging}`}`,
		again,
	);
};

/** The commit's own workflow ran: one of a branch of ours, or one with the same files in `.github` as there. */
const ofOwnWorkflow = (sha: string, around: Around): Trust => {
	if (isOnOurs(sha, around)) return trusted;
	const {
		facts: {trunk = [], refs, automation = {}},
		settings: {branches},
	} = around;
	const heads = [trunk[0], refs.production.sha]
		.filter(head => typeof head === 'string')
		.map(head => automation[head]);
	const own = automation[sha];
	if (own === undefined || heads.every(head => head === undefined))
		return notKnown(
			`whether ${short(sha)} has the workflows of ${branches.staging} or ${branches.production} has not been read`,
		);
	if (own !== null && heads.includes(own)) return trusted;
	return no(
		`${short(sha)} has other workflows in .github than ${branches.staging} and ${branches.production}`,
		`Bring the change of .github to ${branches.production} or ${branches.staging} first.`,
	);
};

const byPlace = (run: RunFact, sha: string, around: Around): Trust => {
	if (eventsOfThePlace.has(run.event)) return ofOwnWorkflow(sha, around);
	const isByApp = run.startedBy?.endsWith('[bot]');
	if (!eventsOfDeployments.has(run.event))
		return no(
			`${run.event} started it, and it does not name the commit`,
			'Name the commit in run-name, as a full SHA: see docs/correlation.md.',
		);
	if (isByApp === undefined) return notKnown('GitHub did not say who started it');
	return isByApp
		? ofOwnWorkflow(sha, around)
		: no(
				'a person filed the deployment that started it',
				'Let an app file it, or dispatch the run and name the commit.',
			);
};

/**
Pure. `run` is taken to be about `sha`: by its place (it sits there), by its own words, or because a status or a deployment points at it,
which alone proves nothing.
*/
export const trustOf = (run: RunFact, sha: string, around: Around): Trust => {
	const foreign = ofThisRepository(run);
	if (foreign !== null) return foreign;
	if (namedSha(run) === sha) return ofOurWorkflow(run, sha, around);
	if (mentionedShas(run).size > 0)
		return no(
			'its name does not say this commit alone, as a word of its own',
			'Name exactly one commit in the run, as a full SHA: see docs/correlation.md.',
		);
	if (run.headSha === sha) return byPlace(run, sha, around);
	return no(
		'only a status or a deployment says that it is about this commit',
		'Name the commit in a run of the staging branch: see docs/correlation.md.',
	);
};
