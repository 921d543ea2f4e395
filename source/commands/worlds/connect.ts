/** Finds out whose pipeline is meant and makes the real World for it. */
import {dirname} from 'node:path';
import {defaultPreferences, type Preferences} from '../../core/settings/preferences.ts';
import type {Settings} from '../../core/settings/settings.ts';
import {diskCache} from '../../edges/cache.ts';
import {realClock} from '../../edges/clock.ts';
import {systemDesktop} from '../../edges/desktop.ts';
import {diskAncestry} from '../../edges/ancestry.ts';
import {Failure, failureSentence} from '../../errors.ts';
import {directoriesOf} from '../../settings/directories.ts';
import {filesFor} from '../../settings/checkout/files.ts';
import {refuseForeignScripts, rootOf} from '../../settings/checkout/checkout.ts';
import {loadSettings, loadSettingsFile} from '../../settings/load.ts';
import {locateRepository} from '../../settings/access/locate.ts';
import {findOrigin} from '../../settings/checkout/origin.ts';
import {loadPreferences, savePreferences} from '../../settings/preferences.ts';
import {repositoryText} from '../../settings/hosts/repository-name.ts';
import {realRun} from '../../settings/checkout/run.ts';
import {type Access, findAccess} from '../../settings/access/token.ts';
import {version} from '../../tuning/version.ts';
import type {AncestryStore, Cache, GitHub, Terminal, World} from '../../world.ts';
import type {Context} from '../desk/context.ts';
import {lazyOperations} from './lazy-operations.ts';
import {realJobLogs} from './lazy-job-logs.ts';
import {lazyRecorder} from './lazy-recorder.ts';
import {lazyRuns} from './lazy-runs.ts';
import {lazyTests} from './lazy-tests.ts';
import {madeOnce} from './made-once.ts';
import type {GlobalFlags} from '../table/table.ts';

export type Connection = {
	repository: string;
	/** Host of GitHub, and whether the person named it: decides which token belongs to it. */
	host: string;
	isExplicit: boolean;
	/** Nothing here names a repository: it is the one that was last open. */
	isLast: boolean;
	settings: Settings;
	/** By the flag or by the settings. */
	readOnly: boolean;
	/** The folder in which the paths of scripts begin: that of deployctl.yml, else the checkout's root, else the current one. */
	root: string;
	/** The platform's state folder of this program. */
	state: string;
	cache: Cache;
	/** Finds the token, once; looks again after a failure. Rejects with a `Failure`. */
	access(): Promise<Access>;
	world(terminal: Terminal, ready?: Promise<void>): World;
	/** Keeps the repository as the last one, for a start outside of any checkout. Never rejects. */
	remember(): Promise<void>;
};

/** Loads what the person prefers; flags and environment win over it. Never rejects. */
export const preferencesFor = async ({env, home, platform}: Context, flags: GlobalFlags): Promise<Preferences> => {
	const {preferences} = await loadPreferences(directoriesOf({env, home, platform}).config);
	const {theme, density, symbols, motion, terminal} = {...defaultPreferences, ...preferences};
	const noColour = flags.color === 'never' || (flags.color === 'auto' && (env['NO_COLOR'] ?? '') !== '');
	return {
		theme: noColour ? 'mono' : (flags.theme ?? theme),
		density,
		symbols: flags.ascii ? 'ascii' : symbols,
		motion: flags.reducedMotion || flags.screenReader ? 'reduced' : motion,
		terminal,
	};
};

/** The token is looked for only when GitHub is first asked; `ready` holds the first question back until the first frame stands. */
const lazyGitHub = (
	access: () => Promise<Access>,
	settings: Settings,
	repository: string,
	ancestry: AncestryStore | null,
	ready: Promise<void>,
): GitHub => {
	const real = madeOnce(async () => {
		await ready;
		const {token, host, apiUrl, graphqlUrl} = await access();
		const {createGitHub} = await import('../../github/client.ts');
		return createGitHub({
			endpoint: {host, apiUrl, graphqlUrl, token},
			settings,
			repository,
			clock: realClock,
			ancestry,
		});
	});
	return {
		async ask(question, signal) {
			try {
				// After `gh auth login` in another window the next question finds the token.
				return await (await real()).ask(question, signal);
			} catch (error) {
				if (!(error instanceof Failure)) throw error;
				// With the last known state on the screen, a missing token is a sentence there, not the end.
				return {
					ok: false,
					failure: {
						kind: 'unauthorised',
						because: failureSentence(error),
						...(error.next && {next: `${error.next}.`}),
						status: null,
						retryAt: null,
						readAt: realClock.now(),
						latencyMs: 0,
					},
				};
			}
		},
	};
};

/** The last repository, where nothing here names another: only for the screen, which says whose pipeline it shows. */
const lastRepository = async (
	{env, directory}: Context,
	flags: GlobalFlags,
	settings: Settings,
	last: string | null,
): Promise<string | null> => {
	const isNamed = flags.repo !== null || Boolean(env['GH_REPO']) || settings.repository !== null;
	return isNamed || last === null || (await findOrigin({directory, env, files: filesFor(env), run: realRun})) !== null
		? null
		: last;
};

export type ConnectOptions = {
	/** Without any repository here, the one that was last open. */
	opensLast?: boolean;
	/** false: the operations look at the disk alone. */
	asksGitHub?: boolean;
};

/** Throws a `Failure` (usage) when the settings are wrong or no repository is meant. */
export const connect = async (
	context: Context,
	flags: GlobalFlags,
	{opensLast = false, asksGitHub = true}: ConnectOptions = {},
): Promise<Connection> => {
	const {env, directory, home, platform} = context;
	const directories = directoriesOf({env, home, platform});
	const files = filesFor(env);
	// First of all: nothing of another user's repository is read.
	const checkout = await rootOf(directory, files);
	const {settings, path} =
		flags.config === null
			? await loadSettings(directory, files)
			: await loadSettingsFile(flags.config, directory, files);
	// A file that --config names may lie anywhere.
	const root = flags.config === null && path !== null ? dirname(path) : checkout;
	await refuseForeignScripts(root, settings, files, checkout);
	const last = opensLast ? (await loadPreferences(directories.config)).preferences.lastRepository : null;
	const taken = await lastRepository(context, flags, settings, last);
	const located = await locateRepository({
		flag: flags.repo ?? taken,
		configured: settings.repository,
		directory,
		env,
		files,
		run: realRun,
	});
	const repository = `${located.owner}/${located.name}`;
	const access = madeOnce(async () =>
		findAccess({host: located.host, isExplicit: located.isExplicit, env, directory, run: realRun}),
	);
	const disk = diskCache(directories.cache, located.host, repository, version);
	// Asked for twice at the start: whether there is anything to show without a token, and to show it.
	let loaded: ReturnType<Cache['load']> | undefined;
	const cache: Cache = {...disk, load: () => (loaded ??= disk.load())};
	// In a workflow nothing is believed that an earlier job may have left on the machine.
	const ancestry =
		env['GITHUB_ACTIONS'] === 'true' ? null : diskAncestry(directories.cache, located.host, repository);
	const connection: Connection = {
		repository,
		host: located.host,
		isExplicit: located.isExplicit,
		isLast: taken !== null,
		settings,
		readOnly: flags.readOnly || settings.readOnly,
		root,
		state: directories.state,
		cache,
		access,
		remember: async () => {
			const text = repositoryText(located);
			if (opensLast && text !== last) await savePreferences(directories.config, {lastRepository: text});
		},
		world: (terminal, ready = Promise.resolve()) => {
			const github = lazyGitHub(access, settings, repository, ancestry, ready);
			const operations = lazyOperations(async () => {
				await ready;
				const {realOperations} = await import('./real-operations.ts');
				return realOperations(context, connection, github, asksGitHub);
			});
			return {
				clock: realClock,
				wall: realClock,
				random: Math.random,
				github,
				cache,
				desktop: systemDesktop({platform, env, write: text => context.stdout.write(text)}),
				operations,
				tests: lazyTests(async () => {
					await ready;
					const [{token, host, apiUrl, graphqlUrl}, {createTests}, {diskTestHistory}] = await Promise.all([
						access(),
						import('../../github/artifacts/test-results.ts'),
						import('../../edges/test-history.ts'),
					]);
					return createTests({
						endpoint: {host, apiUrl, graphqlUrl, token},
						repository,
						clock: realClock,
						history: diskTestHistory(directories.state, located.host, repository),
					});
				}),
				record: flags.noRecord
					? null
					: lazyRecorder(context, {
							state: directories.state,
							repository,
							host: located.host,
							settings,
							readOnly: connection.readOnly,
							demo: null,
							ready,
						}),
				jobLogs: realJobLogs({
					access: async () => {
						await ready;
						return access();
					},
					repository,
					directory: directories.cache,
					host: located.host,
					env,
				}),
				replay: null,
				runs: lazyRuns(async () => (await import('./real-operations.ts')).realRuns(context, connection)),
				terminal,
				savePreferences: async change => {
					await savePreferences(directories.config, change);
				},
			};
		},
	};
	return connection;
};

/** For commands without a screen: nobody to suspend, and the end is the command's own. */
export const noTerminal: Terminal = {quit: () => {}, suspend: () => {}, repaint: () => {}};
