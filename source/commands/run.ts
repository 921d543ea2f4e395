/** From a parsed command line to the command. One case a command; each loads only what it needs. */
import {notRecording, recordingAsLines, recordingOnScreen} from '../state/model/record-state.ts';
import {exitCodes, Failure, usageFailure} from '../errors.ts';
import type {Place} from '../state/model/state.ts';
import {visitPath} from '../edges/visit.ts';
import type {Connection} from './worlds/connect.ts';
import type {Context} from './desk/context.ts';
import type {CommandLine} from './table/table.ts';

/** Who has neither a repository here nor a token reads of the repository first, as in a pipe: the one that was last open is only an offer. */
const accessOf = async (connection: Connection): Promise<void> => {
	try {
		await connection.access();
	} catch (error) {
		throw connection.isLast && error instanceof Failure
			? (await import('../settings/access/locate.ts')).nowhere()
			: error;
	}
};

/** `at`: where it opens. What lies on the disk can be shown without a token. */
const runScreen = async (
	context: Context,
	{flags}: Extract<CommandLine, {command: 'screen' | 'watch' | 'attach'}>,
	at?: (connection: Connection) => Promise<Place>,
): Promise<number> => {
	// Loading Ink is most of the start: it goes on while files are read.
	const screen = import('./look/screen.tsx');
	const {connect, preferencesFor} = await import('./worlds/connect.ts');
	const [connection, preferences] = await Promise.all([
		connect(context, flags, {opensLast: true}),
		preferencesFor(context, flags),
	]);
	// Without a last known state there is nothing to show without a token: say so in the shell.
	if (!at && (await connection.cache.load()) === null) await accessOf(connection);
	const place = at ? await at(connection) : null;
	const {openScreen} = await screen;
	return openScreen(context, {
		beginning: {
			repository: connection.repository,
			settings: connection.settings,
			preferences,
			demo: null,
			readOnly: connection.readOnly,
			record: flags.noRecord ? notRecording : recordingOnScreen,
		},
		makeWorld: (terminal, firstFrame) => {
			void firstFrame.then(() => connection.remember());
			return connection.world(terminal, firstFrame);
		},
		isForScreenReader: flags.screenReader,
		keepsSkeleton: !flags.screenReader,
		visit: visitPath(connection.state, connection.host, connection.repository),
		place,
	});
};

const runStatusCommand = async (
	context: Context,
	flags: Extract<CommandLine, {command: 'status'}>['flags'],
): Promise<number> => {
	const [{connect, noTerminal, preferencesFor}, {runStatus}, {coloursFor}] = await Promise.all([
		import('./worlds/connect.ts'),
		import('./look/status.ts'),
		import('./desk/colours.ts'),
	]);
	const [connection, preferences] = await Promise.all([connect(context, flags), preferencesFor(context, flags)]);
	await connection.access();
	const {json, sha, exitStatus} = flags;
	const look = {
		colours: coloursFor(context, flags.color, preferences),
		columns: context.stdout.isTTY ? context.stdout.columns : null,
	};
	return runStatus(connection.world(noTerminal), connection, {json, sha, exitStatus}, context.output, look);
};

const runGateCommand = async (
	context: Context,
	flags: Extract<CommandLine, {command: 'gate'}>['flags'],
): Promise<number> => {
	const [{connect, noTerminal}, {runGate, runningWorkflow}] = await Promise.all([
		import('./worlds/connect.ts'),
		import('./look/gate.ts'),
	]);
	const connection = await connect(context, flags);
	await connection.access();
	return runGate(connection.world(noTerminal), flags, context.output, runningWorkflow(context.env));
};

const runWatchCommand = async (
	context: Context,
	flags: Extract<CommandLine, {command: 'watch'}>['flags'],
): Promise<number> => {
	const [{connect, noTerminal, preferencesFor}, {runWatch}] = await Promise.all([
		import('./worlds/connect.ts'),
		import('./look/watch.ts'),
	]);
	const [connection, preferences] = await Promise.all([connect(context, flags), preferencesFor(context, flags)]);
	await connection.access();
	// Watching one commit asks no environment and settles no operation.
	const world = {...connection.world(noTerminal), operations: null};
	const beginning = {
		repository: connection.repository,
		settings: connection.settings,
		preferences,
		demo: null,
		readOnly: true,
		columns: 80,
		rows: 24,
		now: world.clock.now(),
		wallNow: world.wall.now(),
		record: flags.noRecord ? notRecording : recordingAsLines,
	};
	return runWatch(
		world,
		beginning,
		{until: flags.until, sha: flags.sha, timeoutSeconds: flags.timeoutSeconds},
		context.output,
		context.signal,
	);
};

/** Watching for something in particular, or for so long, ends by itself: that is for lines. */
const isForTheScreen = ({plain, until, sha, timeoutSeconds}: Extract<CommandLine, {command: 'watch'}>['flags']) =>
	!plain && until === null && sha === null && timeoutSeconds === null;

/** Without an operation's id it is about jobs. */
const runLogsCommand = async (context: Context, line: Extract<CommandLine, {command: 'logs'}>): Promise<number> => {
	const {positionals, flags} = line;
	const isAboutJobs = flags.job !== null || flags.failed || flags.tier !== null;
	if (positionals.length > 0 && (isAboutJobs || flags.sha !== null || flags.errors || flags.timestamps))
		throw usageFailure(
			'An operation and jobs are two things: give the id of an operation, or say which jobs.',
			'deployctl logs --help',
		);
	if (positionals.length > 0) return (await import('./operate/run-operations.ts')).runOperationCommand(context, line);
	if (!isAboutJobs)
		throw usageFailure(
			'Whose log? Give the id of an operation, or --job, --failed or --tier.',
			'deployctl operations lists operations, deployctl status tiers',
		);
	const [{connect, noTerminal, preferencesFor}, {printJobLogs}, {readPipeline}, {coloursFor}] = await Promise.all([
		import('./worlds/connect.ts'),
		import('./runs/print-job-logs.ts'),
		import('./look/read.ts'),
		import('./desk/colours.ts'),
	]);
	const [connection, preferences] = await Promise.all([connect(context, flags), preferencesFor(context, flags)]);
	await connection.access();
	const world = connection.world(noTerminal);
	return printJobLogs({
		world,
		read: async sha => readPipeline(world, connection, sha),
		flags,
		stream: context.stdout,
		output: context.output,
		colours: coloursFor(context, flags.color, preferences),
		signal: context.signal,
	});
};

export const runCommand = async (context: Context, line: CommandLine): Promise<number> => {
	switch (line.command) {
		// A pipe cannot show a screen, but it can carry the summary.
		case 'screen':
			return context.isInteractive
				? runScreen(context, line)
				: runStatusCommand(context, {...line.flags, json: false, sha: null, exitStatus: false});
		case 'status':
			return runStatusCommand(context, line.flags);
		case 'gate':
			return runGateCommand(context, line.flags);
		case 'watch':
			return context.isInteractive && isForTheScreen(line.flags)
				? runScreen(context, line)
				: runWatchCommand(context, line.flags);
		case 'demo': {
			const [{runDemo}, {preferencesFor}] = await Promise.all([
				import('./look/demo.ts'),
				import('./worlds/connect.ts'),
			]);
			const {scenario, speed, plain, readOnly, screenReader} = line.flags;
			return runDemo(context, {
				scenario,
				speed,
				plain,
				readOnly,
				isForScreenReader: screenReader,
				records: !line.flags.noRecord,
				preferences: await preferencesFor(context, line.flags),
			});
		}
		case 'deploy':
		case 'promote':
		case 'sign-off':
		case 'rollback':
		case 'stop':
		case 'lock':
		case 'unlock':
		case 'unpin':
		case 'operations':
		case 'audit':
			return (await import('./operate/run-operations.ts')).runOperationCommand(context, line);
		case 'logs':
			return runLogsCommand(context, line);
		case 'rerun':
		case 'cancel':
		case 'approve':
		case 'dispatch':
			return (await import('./runs/run-runs.ts')).runRunCommand(context, line);
		case 'attach': {
			const operations = await import('./operate/run-operations.ts');
			const [id] = line.positionals;
			return context.isInteractive && !line.flags.plain
				? runScreen(context, line, connection => operations.placeOf(connection, id ?? null))
				: operations.runOperationCommand(context, line);
		}
		case 'doctor':
			return (await import('./setup/doctor.ts')).runDoctor(context, line.flags);
		case 'timeline':
			return (await import('./history/run-timeline.ts')).runTimelineCommand(context, line);
		case 'replay':
			return (await import('./history/run-timeline.ts')).runReplayCommand(context, line);
		case 'init':
			return (await import('./setup/init.ts')).runInitCommand(context, line.flags);
		case 'report':
			return (await import('./setup/report.ts')).runReport(context, line.flags, line.positionals[0]);
		case 'completion': {
			const {completionScript} = await import('./completion/completion.ts');
			context.output.write(completionScript(line.positionals[0] as 'bash'));
			return exitCodes.done;
		}
	}
};
