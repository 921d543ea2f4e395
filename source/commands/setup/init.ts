/** `deployctl init`: looks, proposes, shows, asks, writes. */
import {join} from 'node:path';
import {maskText, secretsFrom} from '../../core/text/mask.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import {defaultSettings} from '../../core/settings/settings.ts';
import {exitCodes, Failure, usageFailure} from '../../errors.ts';
import {applyChanges} from '../../init/write/apply.ts';
import {changeOf, holding, isWritable, needsNaming, type Change} from '../../init/write/changes.ts';
import {hashOf, lookAt} from '../../init/files/disk.ts';
import {currentManifest, isBranch, mostShards, type Manifest} from '../../init/write/manifest.ts';
import {mapWorkflows} from '../../init/map/map.ts';
import type {Answers, FileGroup, Inspection, Proposal} from '../../init/model.ts';
import {filesFor} from '../../settings/checkout/files.ts';
import {refuseForeign, refuseForeignScripts, rootOf} from '../../settings/checkout/checkout.ts';
import {settingsFileName} from '../../settings/load.ts';
import {realRun} from '../../settings/checkout/run.ts';
import {type AskGit, differing, entriesHere, entriesOf} from '../../settings/checkout/tree.ts';
import {askOn} from '../desk/confirm.ts';
import type {Context} from '../desk/context.ts';
import {printJson, tellingPrograms} from '../desk/desk.ts';
import {chooseChanges, notWritten, type Asking} from './init-ask.ts';
import {
	byHandText,
	diffText,
	foundText,
	groups,
	leftAloneText,
	nothingText,
	paintWith,
	tableText,
	writtenText,
} from './init-text.ts';
import {runUndo} from './init-undo.ts';
import {didYouMean, quoted} from '../table/values.ts';
import type {InitDesk, InitFlags, Proposer} from './init-desk.ts';

export const listOf = (text: string | null): string[] =>
	(text ?? '')
		.split(',')
		.map(part => part.trim().replace(/^\.\//, ''))
		.filter(part => part !== '');

const groupsOf = (text: string | null): readonly FileGroup[] => {
	if (text === null) return groups;
	const named = listOf(text);
	const wrong = named.find(name => !groups.some(group => group === name));
	if (wrong !== undefined || named.length === 0)
		throw usageFailure(
			`--only is ${quoted(wrong ?? text)}. Expected ${groups.join(', ')}, several with commas.${wrong === undefined ? '' : didYouMean(wrong, groups)}`,
		);
	return groups.filter(group => named.includes(group));
};

const answersFor = (suggested: Answers, {config}: Inspection, {answers}: Manifest, flags: InitFlags): Answers => {
	for (const [name, branch] of [
		['staging', flags.staging],
		['production', flags.production],
	] as const)
		if (branch !== null && !isBranch(branch))
			throw usageFailure(`--${name} is ${quoted(branch)}. Expected the name of a branch.`);
	if (flags.shards !== null && flags.shards > mostShards)
		throw usageFailure(`--shards is ${flags.shards}. Expected at most ${mostShards}.`);
	// Settings that a person wrote are newer than what was answered.
	const result = {
		...suggested,
		...answers,
		...(config === null ? {} : {staging: suggested.staging, production: suggested.production}),
	};
	const {staging, production, shards, existing} = flags;
	return {
		...result,
		staging: staging ?? result.staging,
		production: production ?? result.production,
		shards: shards ?? result.shards,
		existing: existing ?? result.existing,
	};
};

/** As the repository is without us: what init wrote is no foreign workflow, and settings as it wrote them say nothing. */
const withoutOurs = (inspection: Inspection, {files}: Manifest): Inspection => ({
	...inspection,
	workflows: inspection.workflows.filter(({file}) => files[`.github/workflows/${file}`] === undefined),
	scripts: inspection.scripts.filter(({path}) => files[path] === undefined),
	config:
		inspection.config !== null && files['deployctl.yml']?.wrote === hashOf(inspection.config)
			? null
			: inspection.config,
});

const proposalFor = async ({root, proposer}: InitDesk, manifest: Manifest, flags: InitFlags): Promise<Proposal> => {
	const inspection = withoutOurs(await proposer.inspect(root), manifest);
	const answers = answersFor(proposer.defaultAnswers(inspection), inspection, manifest, flags);
	if (answers.staging === answers.production)
		throw usageFailure(
			`staging and production would both be ${quoted(answers.staging)}.`,
			'name two branches with --staging and --production',
		);
	return proposer.propose(inspection, answers, mapWorkflows(inspection.workflows, answers));
};

const namedIn = (changes: readonly Change[], text: string | null): ReadonlySet<string> => {
	const named = listOf(text);
	const paths = changes.map(({path}) => path);
	const wrong = named.find(path => !paths.includes(path));
	if (wrong !== undefined)
		throw usageFailure(
			`--overwrite names ${quoted(wrong)}, which is not proposed.${didYouMean(wrong, paths)}`,
			'deployctl init --dry-run lists the files',
		);
	return new Set(named);
};

const warningsOf = async (desk: InitDesk, changes: readonly Change[]): Promise<string[]> => {
	const paths = changes.filter(change => isWritable(change) && change.now !== null).map(({path}) => path);
	if (paths.length === 0) return [];
	const dirty = await desk.uncommitted(paths);
	if (dirty === null) return ['git did not say whether the files that would change are committed'];
	return dirty.length === 0
		? []
		: [
				`not committed: ${dirty.map(path => sanitise(path)).join(', ')}; git could not bring that state back, deployctl init --undo could`,
			];
};

const reportOf = (
	{inspection, mapping, byHand, answers}: Proposal,
	changes: readonly Change[],
	written: readonly Change[],
	warnings: readonly string[],
	dryRun: boolean,
) => ({
	action: 'init',
	dryRun,
	repository: inspection.remote === null ? null : `${inspection.remote.owner}/${inspection.remote.name}`,
	answers,
	mapping,
	warnings,
	changes: changes.map(change => ({
		path: change.path,
		group: change.group,
		kind: change.kind,
		why: change.why,
		because: change.because,
		written: written.includes(change),
	})),
	byHand,
});

const runWriting = async (desk: InitDesk, flags: InitFlags): Promise<number> => {
	const {root, output, paint, mask} = desk;
	const wantedGroups = groupsOf(flags.only);
	const manifest = currentManifest(root, !flags.dryRun);
	const proposal = await proposalFor(desk, manifest, flags);
	const seen = proposal.files.map(file => changeOf(file, lookAt(root, file.path), manifest));
	const named = namedIn(seen, flags.overwrite);
	const all = holding(
		seen.map(change =>
			change.kind === 'yours' && named.has(change.path) ? {...change, kind: 'edited' as const} : change,
		),
		named,
	);
	const changes = all.filter(({group, path}) => wantedGroups.includes(group) || named.has(path));
	const warnings = await warningsOf(desk, changes);
	const say = (text: string) => {
		if (!flags.json) output.write(text);
	};
	const report = (written: readonly Change[]) => {
		if (flags.json) printJson(output, reportOf(proposal, changes, written, warnings, flags.dryRun));
	};
	say(`${foundText(proposal, paint)}\n${tableText(changes, paint)}`);
	for (const warning of warnings) say(`${paint('warning', 'Warning:')} ${warning}.\n`);
	const writable = changes.filter(change => isWritable(change));
	if (flags.dryRun) {
		for (const change of writable) say(`\n${diffText(change, paint, mask)}`);
		say(
			`\n${leftAloneText(changes)}${writable.length === 0 ? nothingText(changes) : 'This was a dry run: nothing was written.\n'}`,
		);
		report([]);
		return exitCodes.done;
	}
	if (writable.length === 0) {
		say(`\n${nothingText(changes)}${leftAloneText(changes)}`);
		report([]);
		return exitCodes.done;
	}
	const asking: Asking = {
		ask: flags.json ? null : desk.ask,
		say,
		named,
		show: change => diffText(change, paint, mask),
	};
	const chosen = flags.yes
		? writable.filter(change => !needsNaming(change) || named.has(change.path))
		: await chooseChanges(asking, writable);
	const {staging, production, shards, existing} = proposal.answers;
	applyChanges(root, chosen, {...manifest, answers: {staging, production, shards, existing}}, hashOf);
	say(writtenText(chosen));
	say(leftAloneText(changes.filter(change => !chosen.includes(change))));
	if (chosen.length > 0) say(`${byHandText(proposal, paint)}To take it all back: deployctl init --undo\n`);
	report(chosen);
	if (chosen.length === 0 && !flags.yes) throw notWritten('nothing was chosen');
	return exitCodes.done;
};

/** 0; throws a `Failure`. */
export const runInit = (desk: InitDesk, flags: InitFlags): Promise<number> =>
	tellingPrograms(flags.json, desk.output, () => (flags.undo ? runUndo(desk, flags) : runWriting(desk, flags)));

/** Git's answer about the paths, compared here: `git status` would run the filters that the repository's own configuration names. */
export const uncommittedIn =
	(root: string, env: Context['env']): InitDesk['uncommitted'] =>
	async paths => {
		const git: AskGit = (...parameters) => realRun('git', parameters, {directory: root, env});
		if ((await git('rev-parse', '--git-dir')) === null) return null;
		// Before the first commit nothing is committed.
		const committed = (await entriesOf(git, 'HEAD', paths)) ?? new Map<string, string>();
		return differing(committed, (await entriesHere(root, paths, new Set(), committed)).entries);
	};

const lazyProposer = async (): Promise<Proposer> => {
	const [{inspect}, {defaultAnswers, propose}] = await Promise.all([
		import('../../init/inspect/inspect.ts'),
		import('../../init/propose/propose.ts'),
	]);
	return {inspect, defaultAnswers, propose};
};

/** Where it is to happen. Throws a `Failure` (refused): outside of git nobody could look at what came of it. */
const rootFor = async ({directory, env}: Context, {withoutGit}: InitFlags): Promise<string> => {
	const files = filesFor(env);
	const root = await rootOf(directory, files);
	await refuseForeign([join(root, settingsFileName)], root, files);
	await refuseForeignScripts(root, defaultSettings, files, root);
	if (withoutGit || (await files.kind(`${root}/.git`)) !== null) return root;
	throw new Failure('This is not a git repository', {
		because: `there is no .git in ${sanitise(root)} nor above it`,
		next: 'git init, so that changes can be looked at and taken back; or add --without-git',
		exitCode: exitCodes.refused,
	});
};

export const runInitCommand = async (context: Context, flags: InitFlags): Promise<number> => {
	const {env, output, stdout} = context;
	if (flags.readOnly && !flags.dryRun)
		throw new Failure('Refused: --read-only', {next: 'add --dry-run to look only', exitCode: exitCodes.refused});
	const isColoured =
		flags.color === 'always' ||
		(flags.color === 'auto' && stdout.isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb');
	const root = await rootFor(context, flags);
	const secrets = secretsFrom(env);
	return runInit(
		{
			root,
			output,
			ask: askOn(context),
			paint: paintWith(isColoured),
			mask: text => maskText(text, secrets),
			uncommitted: uncommittedIn(root, env),
			proposer: await lazyProposer(),
		},
		flags,
	);
};
