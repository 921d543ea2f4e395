/** `deployctl doctor`: looks at everything, says what is wrong, and mends what it may. */
import {readFile} from 'node:fs/promises';
import {version as nodeVersion} from 'node:process';
import {dirname} from 'node:path';
import type {Snapshot} from '../../core/pipeline/pipeline.ts';
import {proxyOf} from '../../core/github/proxy.ts';
import {defaultSettings, type Settings} from '../../core/settings/settings.ts';
import {diagnose, exitCodeOf} from '../../doctor/diagnose.ts';
import {areasIn, examine, type Subject} from '../../doctor/examine.ts';
import {realExecute} from '../../doctor/readings/execute.ts';
import {type Hands, fixText, mend} from '../../doctor/mend.ts';
import {type Area, areas, type Finding, type Read, type Readings} from '../../doctor/model/model.ts';
import {readAddresses, realKnock} from '../../doctor/readings/addresses.ts';
import {readDisk} from '../../doctor/readings/disk.ts';
import {readMachine} from '../../doctor/readings/machine.ts';
import {doctorReport, type FixResult} from '../../doctor/report.ts';
import {realClock} from '../../edges/clock.ts';
import {tunnelTo} from '../../edges/network.ts';
import {trusting} from '../../edges/trust.ts';
import {exitCodes, Failure, usageFailure} from '../../errors.ts';
import {createGitHub} from '../../github/client.ts';
import {createProbe, type Probe} from '../../github/probe.ts';
import {readPipeline} from '../../github/read-pipeline.ts';
import {contractLine} from '../../operations/checkout/script-kind.ts';
import {directoriesOf} from '../../settings/directories.ts';
import {conventionalEndpoints} from '../../settings/hosts/endpoints.ts';
import {filesFor} from '../../settings/checkout/files.ts';
import {refuseForeignScripts, rootOf} from '../../settings/checkout/checkout.ts';
import {loadSettings, loadSettingsFile} from '../../settings/load.ts';
import {locateRepository, type LocatedRepository} from '../../settings/access/locate.ts';
import {findOrigin} from '../../settings/checkout/origin.ts';
import {Untrusted} from '../../settings/checkout/ownership.ts';
import {realRun} from '../../settings/checkout/run.ts';
import {type Access, findAccess} from '../../settings/access/token.ts';
import {askOn} from '../desk/confirm.ts';
import type {Context} from '../desk/context.ts';
import {printJson, tellingPrograms} from '../desk/desk.ts';
import {doctorText} from './doctor-text.ts';
import type {CommandLine} from '../table/table.ts';
import {quoted} from '../table/values.ts';

type Flags = Extract<CommandLine, {command: 'doctor'}>['flags'];
const contract = contractLine.slice(contractLine.lastIndexOf(' ') + 1);

type Loaded = {settings: Settings; path: string | null; problem: string | null};
const wordsOf = ({message, because}: Failure): string => (because === undefined ? message : `${message}: ${because}`);

/** A file with mistakes is a finding here, not the end; one of another user is the end everywhere. */
const load = async ({directory, env}: Context, {config}: Flags): Promise<Loaded> => {
	const files = filesFor(env);
	try {
		const {settings, path} =
			config === null ? await loadSettings(directory, files) : await loadSettingsFile(config, directory, files);
		return {settings, path, problem: null};
	} catch (error) {
		if (!(error instanceof Failure) || error instanceof Untrusted) throw error;
		return {settings: defaultSettings, path: null, problem: wordsOf(error)};
	}
};

const locate = async (
	{env, directory}: Context,
	{repo}: Flags,
	{repository}: Settings,
): Promise<LocatedRepository | {problem: string}> => {
	try {
		return await locateRepository({
			flag: repo,
			configured: repository,
			directory,
			env,
			files: filesFor(env),
			run: realRun,
		});
	} catch (error) {
		if (!(error instanceof Failure) || error instanceof Untrusted) throw error;
		return {problem: wordsOf(error)};
	}
};

/** Shows that something happens: on a terminal only, and never in a document. */
const progressOn = ({output, isAskable}: Context, {json}: Flags): {answered(): void; done(): void} => {
	let count = 0;
	const isShown = isAskable && !json;
	return {
		answered() {
			count++;
			if (isShown) output.error(`\rAsking GitHub: ${count} answers `);
		},
		done() {
			if (isShown && count > 0) output.error(`\r${' '.repeat(40)}\r`);
			count = 0;
		},
	};
};

const templateFrom =
	(entry: string) =>
	(name: string): Promise<string | null> =>
		readFile(new URL(`templates/scripts/${encodeURIComponent(name)}`, entry), 'utf8').catch(() => null);

const gateFrom = (entry: string): Promise<Buffer | null> => readFile(new URL('gate.mjs', entry)).catch(() => null);

type Examined = {subject: Subject; hands(): Promise<Hands>; settings: Settings};

const subjectOf = async (context: Context, flags: Flags, onAnswer: () => void): Promise<Examined> => {
	const {env, directory, home, platform, stdout, entry} = context;
	const checkout = await rootOf(directory, filesFor(env));
	const {settings, path, problem} = await load(context, flags);
	const root = flags.config === null && path !== null ? dirname(path) : checkout;
	await refuseForeignScripts(root, settings, filesFor(env), checkout);
	const [located, origin] = await Promise.all([
		locate(context, flags, settings),
		findOrigin({directory, env, files: filesFor(env), run: realRun}),
	]);
	const isKnown = !('problem' in located);
	const repository = isKnown ? `${located.owner}/${located.name}` : null;
	const originName = origin === null ? null : `${origin.owner}/${origin.name}`;
	// Who names another repository does not ask about the files of this folder.
	const isElsewhere =
		isKnown &&
		(located.source === '--repo' || located.source === 'GH_REPO') &&
		originName?.toLowerCase() !== repository?.toLowerCase();
	let found: Promise<Access> | undefined;
	const access = () =>
		(found ??= isKnown
			? findAccess({host: located.host, isExplicit: located.isExplicit, env, directory, run: realRun})
			: Promise.reject(usageFailure('no repository is meant')));
	const probe = (endpoint: Access, tells = onAnswer): Probe =>
		createProbe({endpoint, repository: repository!, clock: realClock, signal: context.signal, onAnswer: tells});
	const pipeline = async (endpoint: Access): Promise<Read<Snapshot>> => {
		const github = createGitHub({endpoint, settings, repository: repository!, clock: realClock});
		const answer = await readPipeline(
			{github, clock: realClock, wall: realClock},
			{repository: repository!, settings},
		);
		if (answer.ok) return {ok: true, value: answer.snapshot};
		const {kind, because, next} = answer.failure;
		return {
			ok: false,
			kind:
				kind === 'unauthorised' || kind === 'forbidden'
					? 'not-permitted'
					: kind === 'not-found'
						? 'absent'
						: 'unreachable',
			because,
			next: next ?? null,
		};
	};
	const hasColours = stdout.isTTY && (env['NO_COLOR'] ?? '') === '';
	return {
		settings,
		hands: async () => ({
			root,
			env,
			execute: realExecute,
			probe:
				repository === null || flags.offline
					? null
					: await access().then(
							found => probe(found, () => {}),
							() => null,
						),
		}),
		subject: {
			repository,
			host: isKnown ? located.host : 'github.com',
			settings,
			settingsProblem: problem,
			settingsPath: path,
			origin: isElsewhere ? null : originName,
			repositoryProblem: isKnown ? null : located.problem,
			isOffline: flags.offline,
			now: () => realClock.now(),
			access,
			probe,
			pipeline,
			disk: async () =>
				isElsewhere
					? {root, isCheckout: false, files: [], scripts: []}
					: readDisk({
							root,
							settings,
							env,
							execute: realExecute,
							contractLine,
							template: templateFrom(entry),
							gate: gateFrom(entry),
						}),
			addresses: () =>
				readAddresses({
					settings,
					clock: realClock,
					fetch: globalThis.fetch,
					env,
					knock: (url, limitMs) =>
						trusting(env, async () => realKnock(url, limitMs, await tunnelTo(url, env, limitMs))),
				}),
			machine: () =>
				readMachine({
					env,
					platform,
					directory,
					nodeVersion,
					directories: directoriesOf({env, home, platform}),
					execute: realExecute,
					proxy: proxyOf(
						globalThis.fetch,
						conventionalEndpoints(isKnown ? located.host : 'github.com').apiUrl,
					),
					terminal: stdout.isTTY
						? {
								columns: stdout.columns,
								rows: stdout.rows,
								colours: hasColours ? 2 ** stdout.getColorDepth() : 2,
							}
						: null,
				}),
		},
	};
};

const wantedAreas = ({only}: Flags): ReadonlySet<Area> | null => {
	if (only === null) return null;
	const wanted = areasIn(only);
	if (!wanted.ok)
		throw usageFailure(
			`no area ${quoted(wanted.wrong)}. There is ${areas.join(', ')}.`,
			'name them with commas between: --only token,workflows',
		);
	return wanted.areas;
};

/** A check that finds the same in order has the same id. */
const isStill = (now: Finding, before: Finding): boolean =>
	now.severity !== 'ok' && now.id === before.id && now.where === before.where;

/** Asks for each by itself: yes to one says nothing about the next. */
const mendAll = async (
	context: Context,
	{yes}: Flags,
	findings: readonly Finding[],
	hands: Hands,
): Promise<readonly FixResult[]> => {
	const ask = askOn(context);
	const results: FixResult[] = [];
	for (const finding of findings) {
		if (!yes && ask === null)
			throw new Failure('Not confirmed: there is no terminal to ask on', {
				next: 'add --yes to fix without asking',
				exitCode: exitCodes.refused,
			});
		const isWanted =
			yes || /^\s*y(?:es)?\s*$/i.test((await ask!(`${finding.what}.\n${fixText(finding.fix!)}? [y/N] `)) ?? '');
		results.push({
			finding,
			mended: isWanted ? await mend(finding.fix!, hands) : {ok: false, because: 'not wanted', next: null},
			still: null,
		});
	}
	return results;
};

type Seen = {readings: Readings; findings: readonly Finding[]; fixes: readonly FixResult[]};

/** Looks, and with --fix mends and looks again: what a fix is worth is said by the same check that found the fault. */
const look = async (context: Context, flags: Flags, only: ReadonlySet<Area> | null): Promise<Seen> => {
	const progress = progressOn(context, flags);
	const {subject, hands, settings} = await subjectOf(context, flags, progress.answered);
	if (flags.fix && (flags.readOnly || settings.readOnly))
		throw new Failure('Nothing is mended read-only', {
			next: 'leave --read-only out (or readOnly of deployctl.yml), or leave --fix out',
			exitCode: exitCodes.refused,
		});
	const readings = await examine(subject, only);
	progress.done();
	const findings = diagnose(readings, only, contract);
	const curable = findings.filter(({fix}) => fix !== null);
	if (!flags.fix || curable.length === 0) return {readings, findings, fixes: []};
	const fixes = await mendAll(context, flags, curable, await hands());
	if (!fixes.some(({mended}) => mended.ok)) return {readings, findings, fixes};
	const again = await examine(subject, only);
	progress.done();
	const after = diagnose(again, only, contract);
	return {
		readings: again,
		findings: after,
		fixes: fixes.map(fix => ({
			...fix,
			still: fix.mended.ok ? after.some(finding => isStill(finding, fix.finding)) : null,
		})),
	};
};

/** Wider lines are hard to read. */
const columnsOf = ({stdout}: Context): number => (stdout.isTTY ? Math.min(120, Math.max(60, stdout.columns)) : 80);

export const runDoctor = async (context: Context, flags: Flags): Promise<number> => {
	if (flags.probe) return (await import('./doctor-probe.ts')).runProbe(context, flags);
	return tellingPrograms(flags.json, context.output, async () => report(context, flags, wantedAreas(flags)));
};

const report = async (context: Context, flags: Flags, only: ReadonlySet<Area> | null): Promise<number> => {
	const {readings, findings, fixes} = await look(context, flags, only);
	const exitCode = exitCodeOf({readings, findings}, only);
	if (flags.json) printJson(context.output, doctorReport(readings, findings, {only, exitCode, fixes}));
	else
		context.output.write(
			doctorText(readings, findings, {columns: columnsOf(context), isVerbose: flags.verbose, fixes}),
		);
	return exitCode;
};
