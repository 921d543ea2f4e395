/** What `deployctl init` tells people: what it found, what it would do to each file, the differences, what is left to them. */
import {sanitise, sanitiseLine} from '../../core/text/sanitise.ts';
import {tierTitles} from '../../core/pipeline/pipeline.ts';
import type {Change, ChangeKind} from '../../init/write/changes.ts';
import {isWritable, needsNaming} from '../../init/write/changes.ts';
import {hashOf} from '../../init/files/disk.ts';
import {diffOf} from '../../init/files/diff.ts';
import type {FileGroup, Inspection, Mapping, Proposal} from '../../init/model.ts';
import type {Undoing} from '../../init/write/undo.ts';
import {wrapped} from '../table/layout.ts';
import {plural} from '../../core/text/plural.ts';

export type Paint = (style: 'added' | 'removed' | 'place' | 'title' | 'warning', text: string) => string;

const codes = {added: '32', removed: '31', place: '36', title: '1', warning: '33'} as const;
export const paintWith =
	(isColoured: boolean): Paint =>
	(style, text) =>
		isColoured ? `\u001B[${codes[style]}m${text}\u001B[0m` : text;

export const groups: readonly FileGroup[] = ['config', 'workflows', 'scripts', 'docs'];
const tierName = (tier: Mapping['tiers'][number]['tier']) => (tier === 'production' ? 'Production' : tierTitles[tier]);

const columns = 100;
const hanging = (label: string, text: string): string[] =>
	wrapped(sanitise(text, 2000), columns - label.length).map(
		(line, index) => `${index === 0 ? label : ' '.repeat(label.length)}${line}`,
	);

const partLine = ({name, directory, language, packageManager, tasks}: Inspection['parts'][number]) => {
	const known = Object.keys(tasks);
	return `${name}: ${language}${packageManager === null ? '' : ` with ${packageManager}`}${directory === '.' ? '' : ` in ${directory}`}; ${known.length === 0 ? 'no tasks found' : known.join(', ')}`;
};

export const foundText = ({inspection, answers, mapping}: Proposal, paint: Paint): string => {
	const {remote, defaultBranch, parts, e2e, problems} = inspection;
	return (
		[
			paint('title', 'Found'),
			...hanging(
				'  repository  ',
				`${remote === null ? 'no origin remote' : `${remote.owner}/${remote.name}${remote.host === 'github.com' ? '' : ` on ${remote.host}`}`}${defaultBranch === null ? '' : `, default branch ${defaultBranch}`}; staging is ${answers.staging}, production ${answers.production}`,
			),
			...parts.flatMap(part => hanging('  part        ', partLine(part))),
			...hanging(
				'  E2E         ',
				e2e === null ? 'none found' : `${e2e.kind} in ${e2e.directory} (${e2e.because})`,
			),
			...mapping.tiers.flatMap(tier => [
				...hanging(
					'  workflow    ',
					`${tier.workflow}${tier.jobs === null ? '' : `, jobs ${tier.jobs},`} is ${tierName(tier.tier)}: ${tier.because}`,
				),
				...tier.advice.flatMap(advice => hanging('              ! ', advice)),
			]),
			...mapping.unmapped.flatMap(({workflow, because}) => hanging('  no tier     ', `${workflow}: ${because}`)),
			...problems.flatMap(problem => hanging('  not seen    ', problem)),
		].join('\n') + '\n'
	);
};

const words: Readonly<Record<ChangeKind, string>> = {
	create: 'create',
	same: 'same',
	update: 'update',
	edited: 'EDITED',
	held: 'HELD',
	yours: 'yours',
	deleted: 'REMOVED',
	foreign: 'THERE',
	blocked: 'BLOCKED',
};

/** From so many on, files that have all the same to say are one row. */
const manyAlike = 5;
type Row = {change: Change; path: string};

const sharedFolder = (paths: readonly string[]): string => {
	const folders = paths.map(path => path.split('/').slice(0, -1));
	const [first = []] = folders;
	const shared = first.filter((folder, index) =>
		folders.every(
			parts =>
				parts.slice(0, index + 1).join('/') === first.slice(0, index + 1).join('/') && parts[index] === folder,
		),
	);
	return shared.length === 0 ? '' : `${shared.join('/')}/`;
};

const rowsOf = (changes: readonly Change[]): Row[] => {
	const runs: Change[][] = [];
	for (const change of changes) {
		const last = runs.at(-1);
		const before = last?.[0];
		if (
			last !== undefined &&
			before?.kind === change.kind &&
			before.why === change.why &&
			before.because === change.because &&
			before.group === change.group
		)
			last.push(change);
		else runs.push([change]);
	}
	return runs.flatMap(run => {
		const folder = sharedFolder(run.map(({path}) => path));
		return run.length < manyAlike || folder === ''
			? run.map(change => ({change, path: sanitise(change.path)}))
			: [{change: run[0]!, path: `${sanitise(folder)} (${run.length} files)`}];
	});
};

export const tableText = (changes: readonly Change[], paint: Paint): string => {
	const rows = rowsOf(changes);
	const widest = Math.max(0, ...rows.map(({path}) => path.length));
	const lines = groups.flatMap(group => {
		const own = rows.filter(({change}) => change.group === group);
		return own.length === 0
			? []
			: [
					`  ${group}`,
					...own.map(({change: {kind, why, because}, path}) => {
						const style = kind === 'create' || kind === 'update' ? 'added' : 'warning';
						const word = words[kind].padEnd(8);
						return `    ${kind === 'same' || kind === 'yours' ? word : paint(style, word)} ${path.padEnd(widest)}  ${sanitise(because === null ? why : `${why}; ${because}`)}`;
					}),
				];
	});
	return [paint('title', 'Proposed'), ...lines].join('\n') + '\n';
};

export const writtenText = (changes: readonly Change[]): string =>
	rowsOf(changes)
		.map(({path}) => `Wrote ${path}\n`)
		.join('');

/** Longer lines are no reading for people. */
const longestLine = 400;
const styles = {'+': 'added', '-': 'removed', '@': 'place'} as const;

/** Nobody reads a bundled program line by line: what counts is its digest, which the workflow names. */
const programText = ({path, now, content}: Change, paint: Paint): string =>
	[
		paint('title', `--- ${now === null ? '/dev/null' : `a/${sanitise(path)}`}`),
		paint('title', `+++ b/${sanitise(path)}`),
		...(now === null ? [] : [paint('removed', `-sha256 ${now.hash}, ${Math.round(now.bytes.length / 1024)} kB`)]),
		paint('added', `+sha256 ${hashOf(content)}, ${Math.round(Buffer.byteLength(content) / 1024)} kB`),
	].join('\n') + '\n';

/** As `git diff` shows it. `mask` takes secrets out: a file of somebody else may hold one. */
export const diffText = (change: Change, paint: Paint, mask: (text: string) => string): string => {
	const {path, now, content} = change;
	if (change.namedIn !== undefined) return programText(change, paint);
	const before = now === null ? '' : mask(now.bytes.toString('utf8'));
	const shown = sanitise(path);
	return (
		[
			paint('title', `--- ${now === null ? '/dev/null' : `a/${shown}`}`),
			paint('title', `+++ b/${shown}`),
			...diffOf(before, mask(content)).map(({sign, text}) => {
				const line = sign === '@' ? text : `${sign}${sanitiseLine(text.slice(0, longestLine))}`;
				return sign === ' ' ? line : paint(styles[sign], line);
			}),
		].join('\n') + '\n'
	);
};

/** `3 new, 1 changed` */
export const countText = (changes: readonly Change[]): string => {
	const created = changes.filter(({kind}) => kind === 'create').length;
	const updated = changes.filter(({kind}) => kind === 'update').length;
	return [...(created > 0 ? [`${created} new`] : []), ...(updated > 0 ? [`${updated} to update`] : [])].join(', ');
};

const listed = (paths: readonly string[]) => paths.map(path => sanitise(path)).join(',');

export const leftAloneText = (changes: readonly Change[]): string => {
	const named = changes.filter(needsNaming);
	const blocked = changes.filter(({kind}) => kind === 'blocked');
	return [
		...named.map(({path, because}) => `Left alone: ${sanitise(path)} (${because ?? ''}).`),
		...(named.length > 0
			? [
					`To write ${named.length === 1 ? 'it' : 'them'} all the same: deployctl init --overwrite ${listed(named.map(({path}) => path))}`,
				]
			: []),
		...blocked.map(({path, because}) => `Not possible: ${sanitise(path)}: ${because ?? ''}.`),
	]
		.map(line => `${line}\n`)
		.join('');
};

export const byHandText = ({byHand}: Proposal, paint: Paint): string =>
	[
		...(byHand.length === 0 ? [] : ['', paint('title', 'What is left to you')]),
		...byHand.flatMap(({what, why, how}, index) => [
			...hanging(`  ${index + 1}. `, `${what}: ${why}`),
			...how.split('\n').map(line => `       ${sanitiseLine(line)}`),
		]),
		'',
		'Then: deployctl doctor',
	].join('\n') + '\n';

export const nothingText = (changes: readonly Change[]): string =>
	`Nothing to do: ${plural(changes.filter(change => !isWritable(change)).length, 'file is', 'files are')} as proposed.\n`;

const undoWords = {remove: 'remove', restore: 'restore', gone: 'is back', kept: 'KEEP'} as const;
export const undoText = (plan: readonly Undoing[], paint: Paint): string =>
	[
		paint('title', 'Undo'),
		...plan.map(
			one =>
				`    ${undoWords[one.kind].padEnd(8)} ${sanitise(one.path)}${one.kind === 'kept' ? `  ${one.because}` : one.kind === 'restore' ? '  as it was before' : ''}`,
		),
	].join('\n') + '\n';
