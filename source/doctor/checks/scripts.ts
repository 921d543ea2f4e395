/** The scripts that deploy and roll back: there, executable here and in git, of the contract, and readable by bash. */
import {mentioned, scriptNeeds, tokenNames} from '../../core/settings/child-environment.ts';
import {listed} from '../../core/releases/words.ts';
import {sayingIn, unread} from '../model/findings.ts';
import type {Finding, MigrationReading, Readings, ScriptReading} from '../model/model.ts';

const say = sayingIn('scripts');

const one = (script: ScriptReading, contract: string, isCheckout: boolean): readonly Finding[] => {
	const {path, text, isExecutable, indexMode, syntax, isTemplate} = script;
	const where = {where: path};
	if (text === null)
		return [
			say('error', 'missing', `There is no ${path} in this folder`, {
				why: 'Deploying and rolling back run it.',
				how: 'deployctl init --only scripts writes it; or name yours in environments.NAME.deploy and .rollback of deployctl.yml.',
				...where,
			}),
		];
	const isModeWrong = indexMode !== null && indexMode !== '100755';
	return [
		...(isExecutable && !isModeWrong
			? [say('ok', 'executable', `${path} may be executed`, where)]
			: [
					say(
						'error',
						'executable',
						isExecutable
							? `${path} may be executed here, but not where git brings it`
							: `${path} may not be executed`,
						{
							why: isExecutable
								? `Git keeps it as ${indexMode}: in every new checkout, that of the workflow too, it cannot be run.`
								: 'It cannot be started as it is.',
							how: `chmod +x ${path} && git update-index --chmod=+x ${path}, and commit.`,
							...where,
							fix: {kind: 'make-executable', path},
						},
					),
				]),
		...(indexMode === null && isCheckout
			? [
					say('note', 'untracked', `Git does not know ${path}`, {
						why: 'No workflow will have it.',
						how: `git add --chmod=+x ${path}`,
						...where,
					}),
				]
			: []),
		script.contract === contract
			? say('ok', 'contract', `${path} keeps the contract ${contract}`, where)
			: script.contract === null
				? say('note', 'contract', `${path} is a script of its own, not of the contract ${contract}`, {
						why: 'It is called with the environment and the commit alone: no steps are shown, and a failure says less.',
						how: 'docs/scripts.md describes the contract; deployctl init --only scripts writes scripts that keep it.',
						...where,
					})
				: say(
						'warning',
						'contract',
						`${path} keeps the contract ${script.contract}, this deployctl knows ${contract}`,
						{
							why: 'It is treated as a plain script.',
							how: 'deployctl init --only scripts writes the current one.',
							...where,
						},
					),
		...(syntax.ok
			? [
					syntax.value === null
						? say('ok', 'syntax', `${path} is read by bash`, where)
						: say('error', 'syntax', `Bash cannot read ${path}: ${syntax.value}`, {
								why: 'It ends before it has done anything, or in the middle.',
								how: `bash -n ${path}`,
								...where,
							}),
				]
			: syntax.kind === 'not-asked'
				? []
				: [unread(say, 'syntax', `Whether bash can read ${path} is not known`, syntax, where)]),
		...(isTemplate === null || script.contract === null
			? []
			: [
					say(
						'ok',
						'template',
						isTemplate
							? `${path} is the template of this version`
							: `${path} was changed, or is the template of another version`,
						where,
					),
				]),
	];
};

/** The template's scripts bring the commit as a checkout has it, and refuse what they cannot bring. */
const beyond = ({disk: {beyond: seen, scripts}}: Readings, contract: string): readonly Finding[] => {
	if (
		seen === undefined ||
		seen.isBuilt ||
		!scripts.some(script => script.contract === contract && script.isTemplate !== null)
	)
		return [];
	const {submodules, missing, lfsFiles, hasLfs} = seen;
	return [
		...(missing.length > 0
			? [
					say('warning', 'submodules', `Submodules are not here: ${listed(missing)}`, {
						why: 'A deployment from this checkout is refused before anything is built (exit 10, cause=source).',
						how: 'git submodule update --init --recursive; in a workflow submodules: recursive of actions/checkout; or BUILD_CMD in deploy.ENV.conf.',
						where: missing[0]!,
					}),
				]
			: submodules.length > 0
				? [say('ok', 'submodules', `Submodules go along with a deployment: ${listed(submodules)}`)]
				: []),
		...(lfsFiles.length > 0 && hasLfs === null
			? [
					say(
						'unknown',
						'lfs',
						`Git LFS keeps files, and git lfs did not answer in time: ${listed(lfsFiles)}`,
						{how: 'Run it again.', where: lfsFiles[0]!},
					),
				]
			: []),
		...(lfsFiles.length > 0 && hasLfs === false
			? [
					say(
						'warning',
						'lfs',
						`Git LFS keeps files, and git-lfs is not installed here: ${listed(lfsFiles)}`,
						{
							why: 'A deployment from this machine is refused before anything is built (exit 10, cause=source): only pointers would go live.',
							how: 'Install git-lfs, git lfs fetch; in a workflow lfs: true of actions/checkout; or BUILD_CMD in deploy.ENV.conf.',
							where: lfsFiles[0]!,
						},
					),
				]
			: lfsFiles.length > 0
				? [say('ok', 'lfs', `Files of Git LFS go along with a deployment: ${listed(lfsFiles)}`)]
				: []),
	];
};

const adapters = 'docs/scripts.md, “Migrations”, has adapters for dbmate and knex.';

/** Without the database's own word nothing is taken back; with an adapter that does not have that word, neither. */
const migration = ({path, knowsPosition, adapter}: MigrationReading): Finding => {
	const where = {where: path};
	if (!knowsPosition)
		return say('warning', 'migration-position', `${path}: nobody asks the database where it stands`, {
			why: 'A migration that fails half way is not taken back then: the deployment ends with 30, and a person has to look.',
			how: `Teach MIGRATE_CMD the word position, let down go to MIGRATE_TO and no further, then set MIGRATE_POSITION=yes. ${adapters}`,
			...where,
		});
	const missing = adapter === null ? [] : ['position', 'MIGRATE_TO'].filter(word => !adapter.text.includes(word));
	return missing.length === 0
		? say('ok', 'migration-position', `${path}: the database is asked where it stands`, where)
		: say(
				'error',
				'migration-position',
				`${path} says MIGRATE_POSITION=yes, but ${adapter!.path} does not have ${missing.join(' and ')}`,
				{
					why: 'It may go back further than the position that it is given, or answer what is none.',
					how: `Add it, or set MIGRATE_POSITION=no. ${adapters}`,
					...where,
				},
			);
};

/** Until scripts were kept from GitHub's tokens they had them: one that speaks of them may want them still. */
const kept = ({disk: {scripts}, settings}: Readings): readonly Finding[] =>
	settings.environments.flatMap(({name, deploy, rollback}) =>
		(
			[
				['deploy', deploy],
				['rollback', rollback],
			] as const
		).flatMap(([kind, {path}]) => {
			const needs = scriptNeeds(settings, name, kind);
			const text = scripts.find(script => script.path === path)?.text ?? '';
			const missed = mentioned(text, [...tokenNames, ...needs.ours]).filter(
				variable => !needs.named.includes(variable),
			);
			return missed.length === 0
				? []
				: [
						say(
							'warning',
							'environment',
							`${path} speaks of ${listed(missed)}, which scripts are not given`,
							{
								why: "GitHub's tokens and what deployctl alone uses are kept from scripts.",
								how: `If it needs ${missed.length === 1 ? 'it' : 'them'} for ${name}: environments.${name}.${kind}.env: [${missed.join(', ')}] in deployctl.yml.`,
								where: path,
							},
						),
					];
		}),
	);

/** `contract`: the current one, like `deployctl/1`. */
export const checkScripts = (readings: Readings, contract: string, {disk} = readings): readonly Finding[] =>
	disk.isCheckout || disk.scripts.some(({text}) => text !== null)
		? [
				...disk.scripts.flatMap(script => one(script, contract, disk.isCheckout)),
				...beyond(readings, contract),
				...kept(readings),
				...(disk.migrations ?? []).map(migration),
			]
		: [
				say('unknown', 'read', 'The scripts were not looked at', {
					why: 'This folder is not a checkout of the repository.',
					how: 'Run it again in a checkout.',
				}),
			];
