/** What only GitHub's own rules can stop, and who is named for what goes past the gate: what is missing, what that lets somebody do, what mends it. Pure. */
import {glassBreakers} from '../../core/snapshot/attribution.ts';
import {globMatches} from '../../core/text/glob.ts';
import {listed, quoted, sayingIn, unread} from '../model/findings.ts';
import type {Finding, GitHubReading, GuardsReading, Readings, RulesetReading} from '../model/model.ts';

const say = sayingIn('rules');

const shadows = ({tags}: GuardsReading): readonly Finding[] => {
	if (!tags.ok)
		return [unread(say, 'tag-shadow', 'Whether a tag has the name of one of the branches is not known', tags)];
	return tags.value.length === 0
		? [say('ok', 'tag-shadow', 'No tag has the name of one of the branches')]
		: tags.value.map(name =>
				say('error', 'tag-shadow', `A tag is called ${quoted(name)}, like the branch`, {
					why: 'Whatever names only the branch may get the tag: somebody who may write can bring workflows of their own under its name.',
					how: `Look at whose it is and remove it: git push origin :refs/tags/${name}. Then a tag ruleset that restricts creations.`,
					where: name,
				}),
			);
};

/** As rulesets name refs: with `~ALL`, and patterns over the whole name. */
const covers = ({include, exclude}: RulesetReading, ref: string): boolean =>
	include.some(pattern => pattern === '~ALL' || globMatches(pattern, ref)) &&
	!exclude.some(pattern => globMatches(pattern, ref));

const tagRules = (readings: Readings, {rulesets}: GuardsReading): Finding => {
	if (!rulesets.ok)
		return unread(say, 'tags', 'Who may create tags is not known: the rulesets could not be read', rulesets);
	const {staging, production} = readings.settings.branches;
	const open = [...new Set([staging, production])].filter(
		name =>
			!rulesets.value.some(
				ruleset =>
					ruleset.target === 'tag' &&
					ruleset.types.includes('creation') &&
					covers(ruleset, `refs/tags/${name}`),
			),
	);
	return open.length === 0
		? say('ok', 'tags', 'Nobody but who may go past the ruleset makes a tag with the name of a branch')
		: say(
				'warning',
				'tags',
				`Anybody who may write can make a tag called ${listed(open.map(name => quoted(name)))}`,
				{
					why: 'A tag with the name of a branch is taken for the branch by tools that do not ask further.',
					how: 'Settings, Rules, Rulesets: a new tag ruleset over these names (or all tags), with “Restrict creations”.',
				},
			);
};

/** A line of CODEOWNERS with an owner that takes in the workflows; the last one that fits counts. */
const isOwned = (owners: string | null): boolean => {
	const fitting = (owners ?? '')
		.split('\n')
		.map(line => line.split('#', 1)[0]!.trim().split(/\s+/))
		.filter(([pattern = '']) => /^(?:\*|\/?\.github(?:\/(?:\*\*?|workflows(?:\/(?:\*\*?)?)?)?)?)$/.test(pattern));
	return (fitting.at(-1)?.length ?? 0) > 1;
};

const workflowFiles = (readings: Readings, {rules}: GitHubReading, {owners, rulesets}: GuardsReading): Finding => {
	const {staging, production} = readings.settings.branches;
	if (
		rulesets.ok &&
		rulesets.value.some(({target, paths}) => target === 'push' && paths.some(path => path.startsWith('.github')))
	)
		return say('ok', 'workflow-files', 'A push ruleset guards .github');
	const branches = [...new Set([staging, production])];
	const lacking = branches.find(name => rules[name]?.ok !== true);
	const read = lacking === undefined ? null : (rules[lacking] ?? null);
	if (read?.ok === false)
		return unread(
			say,
			'workflow-files',
			'Whether workflows are reviewed by their owners is not known: the rules could not be read',
			read,
		);
	if (!owners.ok) return unread(say, 'workflow-files', 'Whether .github has owners is not known', owners);
	const open = branches.filter(
		name =>
			rules[name]?.ok !== true ||
			!rules[name].value.some(({type, asksOwners}) => type === 'pull_request' && asksOwners === true),
	);
	const isListed = isOwned(owners.value);
	return isListed && open.length === 0
		? say('ok', 'workflow-files', 'Changes of .github need the review of its owners')
		: say(
				'warning',
				'workflow-files',
				`Anybody who may write to ${listed(open.length === 0 ? branches : open)} can change the workflows that test and deploy`,
				{
					why: 'Who writes the workflow says what is green, and can leave the gate out.',
					how: `${isListed ? '' : 'Name owners: a line “/.github/ @acme/release” in .github/CODEOWNERS. '}Require a pull request with the review of code owners in the ruleset of ${listed(branches)}.`,
				},
			);
};

const bypass = ({rulesets}: GuardsReading): readonly Finding[] => {
	if (!rulesets.ok || rulesets.value.length === 0) return [];
	if (rulesets.value.some(({bypass: count}) => count === null))
		return [
			say('unknown', 'bypass', 'Who may go past the rulesets is not told to this token', {
				why: 'GitHub lists them to whoever may edit the ruleset.',
				how: 'Let an administrator run doctor.',
			}),
		];
	const passed = rulesets.value.filter(({bypass: count}) => count! > 0).map(({name}) => quoted(name));
	return passed.length === 0
		? [say('ok', 'bypass', 'Nobody may go past the rulesets')]
		: [
				say('note', 'bypass', `Some may go past ${listed(passed)}`, {
					why: 'What they push is stopped by no rule of the branch; the gate in the workflow is what is left.',
					how: 'Look at the bypass list of each.',
				}),
			];
};

/** What deployctl.yml says about who: asked in the workflow, where GitHub says who it is. */
const people = ({settings: {promotion}}: Readings): readonly Finding[] => {
	const {
		by,
		strategy,
		hotfix: {signOffs},
	} = promotion;
	return [
		...(strategy === 'workflow' && by.length === 0
			? [
					say(
						'warning',
						'promoters',
						'promotion.by names nobody: anybody who may write can start a deployment of what passes the gate',
						{
							why: 'With the strategy workflow no branch stands in between.',
							how: 'promotion: {by: [LOGIN]} in deployctl.yml.',
						},
					),
				]
			: []),
		...(by.length === 0 && signOffs.length === 0
			? [
					say('error', 'hotfix', 'A hotfix needs nobody but whoever starts it', {
						why: 'promotion.hotfix.signOffs is empty and promotion.by names nobody: the gate in the workflow refuses every hotfix.',
						how: 'Leave hotfix.signOffs out (somebody else has to sign “review”), or name who may promote in promotion.by.',
					}),
				]
			: []),
		...(strategy !== 'script' && glassBreakers(promotion).length === 0
			? [
					say('note', 'glass', 'Nobody is named who may use break-glass', {
						why: 'In an emergency nothing goes past the gate: it counts only for somebody whom deployctl.yml names.',
						how: 'promotion: {breakGlass: {by: [LOGIN]}} in deployctl.yml, on the branches that are promoted.',
					}),
				]
			: []),
	];
};

export const checkGuards = (readings: Readings): readonly Finding[] => {
	const {github} = readings;
	const guards = github?.repository.ok ? github.guards : undefined;
	if (github === null || guards === undefined) return people(readings);
	return [
		...shadows(guards),
		tagRules(readings, guards),
		workflowFiles(readings, github, guards),
		...bypass(guards),
		...people(readings),
	];
};
