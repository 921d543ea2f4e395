/** `deployctl init --undo`: the way back. */
import {sanitise} from '../../core/text/sanitise.ts';
import {exitCodes, Failure, usageFailure} from '../../errors.ts';
import {currentManifest, noManifest, prune} from '../../init/write/manifest.ts';
import {applyUndo, planUndo, type Undoing} from '../../init/write/undo.ts';
import {printJson} from '../desk/desk.ts';
import {undoText} from './init-text.ts';
import {didYouMean, quoted} from '../table/values.ts';
import {plural} from '../../core/text/plural.ts';
import type {InitDesk, InitFlags} from './init-desk.ts';

const refused = () =>
	new Failure('Not confirmed: nothing was undone', {
		next: 'answer y, or add --yes; --dry-run only shows',
		exitCode: exitCodes.refused,
	});
const isYes = (answer: string | null) => /^\s*y(?:es)?\s*$/i.test(answer ?? '');

const reportOf = (plan: readonly Undoing[], dryRun: boolean) => ({
	action: 'undo',
	dryRun,
	files: plan.map(one => ({path: one.path, kind: one.kind, because: one.kind === 'kept' ? one.because : null})),
});

/** Asks for the whole, then for each file that would lose somebody's edits. */
const confirmedNames = async (
	{ask}: InitDesk,
	plan: readonly Undoing[],
	flags: InitFlags,
): Promise<readonly string[]> => {
	if (flags.yes) return [];
	if (ask === null || flags.json)
		throw new Failure('Not confirmed: there is no terminal to ask on, and nothing was undone', {
			next: 'add --yes, or --dry-run to look',
			exitCode: exitCodes.refused,
		});
	const isActing = plan.some(({kind}) => kind === 'remove' || kind === 'restore' || kind === 'gone');
	if (isActing && !isYes(await ask('Undo it? [y/N] '))) throw refused();
	const more: string[] = [];
	for (const one of plan)
		if (
			one.kind === 'kept' &&
			one.canBeNamed &&
			isYes(await ask(`${sanitise(one.path)} was edited since. Undo it all the same, and lose the edits? [y/N] `))
		)
			more.push(one.path);
	return more;
};

const keptText = (plan: readonly Undoing[]): string => {
	const kept = plan.filter(one => one.kind === 'kept');
	const nameable = kept.filter(({canBeNamed}) => canBeNamed).map(({path}) => sanitise(path));
	return [
		...kept.map(({path, because}) => `Kept ${sanitise(path)}: ${because}.`),
		...(nameable.length > 0
			? [
					`To undo ${nameable.length === 1 ? 'it' : 'them'} all the same, and lose the edits: deployctl init --undo --overwrite ${nameable.join(',')}`,
				]
			: []),
	]
		.map(line => `${line}\n`)
		.join('');
};

export const runUndo = async (desk: InitDesk, flags: InitFlags): Promise<number> => {
	const {root, output, paint} = desk;
	if (flags.only !== null) throw usageFailure('--undo brings back everything: it takes no --only.');
	const named = (flags.overwrite ?? '')
		.split(',')
		.map(part => part.trim())
		.filter(part => part !== '');
	const manifest = currentManifest(root, !flags.dryRun);
	const wrong = named.find(path => manifest.files[path] === undefined);
	if (wrong !== undefined)
		throw usageFailure(
			`--overwrite names ${quoted(wrong)}, which init did not write.${didYouMean(wrong, Object.keys(manifest.files))}`,
		);
	const plan = planUndo(root, manifest, new Set(named));
	const say = (text: string) => {
		if (!flags.json) output.write(text);
	};
	if (plan.length === 0) {
		// What an init left that was killed before it had written anything.
		if (!flags.dryRun) prune(root, noManifest);
		say('Nothing to undo: init has written nothing here.\n');
		if (flags.json) printJson(output, reportOf(plan, flags.dryRun));
		return exitCodes.done;
	}
	say(undoText(plan, paint));
	if (flags.dryRun) {
		say(`\n${keptText(plan)}This was a dry run: nothing was undone.\n`);
		if (flags.json) printJson(output, reportOf(plan, true));
		return exitCodes.done;
	}
	const final = planUndo(root, manifest, new Set([...named, ...(await confirmedNames(desk, plan, flags))]));
	applyUndo(root, manifest, final);
	const count = final.filter(({kind}) => kind !== 'kept').length;
	say(`${plural(count, 'file is', 'files are')} as before.\n${keptText(final)}`);
	if (flags.json) printJson(output, reportOf(final, false));
	return exitCodes.done;
};
