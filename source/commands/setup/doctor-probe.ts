/** `deployctl doctor --probe`: asks a real GitHub for what cannot be looked up, with consent, and takes everything back. */
import {randomBytes} from 'node:crypto';
import {nextQuestion} from '../../core/polling/attention.ts';
import type {Settings} from '../../core/settings/settings.ts';
import {type Contact, type QuestionContact} from '../../doctor/first-contact/model.ts';
import {kindOf} from '../../doctor/examine.ts';
import {firstContact} from '../../doctor/first-contact/first-contact.ts';
import {realClock} from '../../edges/clock.ts';
import {type ExitCode, exitCodes, Failure, usageFailure} from '../../errors.ts';
import {createGitHub} from '../../github/client.ts';
import {createConnection} from '../../github/http/connection.ts';
import {classify} from '../../github/failures/failures.ts';
import {Trouble} from '../../github/failures/trouble.ts';
import {rootOf} from '../../settings/checkout/checkout.ts';
import {filesFor} from '../../settings/checkout/files.ts';
import {loadSettings, loadSettingsFile} from '../../settings/load.ts';
import {locateRepository} from '../../settings/access/locate.ts';
import {realRun} from '../../settings/checkout/run.ts';
import {type Access, findAccess} from '../../settings/access/token.ts';
import {askOn} from '../desk/confirm.ts';
import type {Context} from '../desk/context.ts';
import {printJson, tellingPrograms} from '../desk/desk.ts';
import {contactReport, contactReportText} from './doctor-probe-text.ts';
import type {CommandLine} from '../table/table.ts';

type Flags = Extract<CommandLine, {command: 'doctor'}>['flags'];
/** Longer than for a lock: nobody waits for a rollback here. */
const timeoutMs = 15_000;

const consent = async (
	context: Context,
	{yes}: Flags,
	{repository, host}: {repository: string; host: string},
): Promise<void> => {
	if (yes) return;
	const ask = askOn(context);
	const refused = (because: string, next: string) =>
		new Failure(`Not confirmed: ${because}`, {next, exitCode: exitCodes.refused});
	if (ask === null) throw refused('there is no terminal to ask on', 'add --yes to probe without asking');
	const answer = await ask(
		[
			`This writes to ${repository} on ${host} and takes it all back, in about twenty requests:`,
			'- commits that no branch shows, and two refs below refs/deployctl/probe/,',
			'- which are created, moved once in a single update, and deleted.',
			'No branch, tag, lock, workflow, environment or deployment is touched.',
			'Go on? [y/N] ',
		].join('\n'),
	);
	if (context.signal.aborted) throw new Failure('Interrupted: nothing was done', {exitCode: exitCodes.interrupted});
	if (!/^\s*y(?:es)?\s*$/i.test(answer ?? '')) throw refused('nothing was written', 'answer y, or add --yes');
};

/** One look as the screen takes it first. */
const question = async ({
	endpoint,
	settings,
	repository,
	signal,
}: {
	endpoint: Access;
	settings: Settings;
	repository: string;
	signal: AbortSignal;
}): Promise<QuestionContact> => {
	const github = createGitHub({endpoint, settings, repository, clock: realClock});
	const answer = await github.ask(nextQuestion(null, null, {sha: null, jobId: null}, 0, null), signal);
	if (!answer.ok) return {ok: false, because: answer.failure.because, next: answer.failure.next ?? null};
	const {path, cost, latencyMs, partial, rateLimit} = answer.reading;
	return {ok: true, path, cost, latencyMs, partial, remaining: rateLimit?.remaining ?? null};
};

const exitCodeOf = ({told, left}: Contact): ExitCode => {
	if (left.length > 0) return exitCodes.needsHuman;
	return told.some(({id, outcome}) => id !== 'empty-tree' && id !== 'fence-staying' && outcome !== 'as-expected')
		? exitCodes.failed
		: exitCodes.done;
};

const settingsOf = async ({directory, env}: Context, {config}: Flags): Promise<Settings> => {
	const files = filesFor(env);
	await rootOf(directory, files);
	return (config === null ? await loadSettings(directory, files) : await loadSettingsFile(config, directory, files))
		.settings;
};

const probe = async (context: Context, flags: Flags): Promise<number> => {
	if (flags.fix || flags.offline || flags.only !== null)
		throw usageFailure(
			'--probe goes with neither --fix nor --offline nor --only',
			'probe by itself: deployctl doctor --probe',
		);
	const {env, directory, signal, output} = context;
	const settings = await settingsOf(context, flags);
	if (flags.readOnly || settings.readOnly)
		throw new Failure('Nothing is probed read-only: a probe writes', {
			next: 'leave --read-only out (or readOnly of deployctl.yml)',
			exitCode: exitCodes.refused,
		});
	const located = await locateRepository({
		flag: flags.repo,
		configured: settings.repository,
		directory,
		env,
		files: filesFor(env),
		run: realRun,
	});
	const repository = `${located.owner}/${located.name}`;
	const access = await findAccess({host: located.host, isExplicit: located.isExplicit, env, directory, run: realRun});
	await consent(context, flags, {repository, host: located.host});
	const connection = createConnection({endpoint: access, repository, clock: realClock, timeoutMs});
	const environments = settings.environments.map(({name}) => name);
	let contact: Contact;
	try {
		contact = await firstContact({connection, environments, nonce: randomBytes(4).toString('hex'), signal});
	} catch (error) {
		if (signal.aborted)
			throw new Failure('Interrupted: what had been written was taken back', {
				next: 'deployctl doctor --probe again tells, and takes away what may be left',
				exitCode: exitCodes.interrupted,
			});
		if (!(error instanceof Trouble)) throw error;
		const {kind, because, next} = classify(error.evidence, connection.circumstances());
		const isRefused = kind === 'unauthorised' || kind === 'forbidden' || kind === 'not-found';
		throw new Failure(because, {
			...(next !== undefined && {next}),
			exitCode: isRefused ? exitCodes.notPermitted : exitCodes.unreachable,
		});
	}
	const asked = await question({endpoint: access, settings, repository, signal});
	const exitCode = exitCodeOf(contact);
	const report = contactReport({
		contact,
		asked,
		exitCode,
		repository,
		host: located.host,
		token: access.token,
		tokenKind: kindOf(access.token),
		at: realClock.now(),
	});
	if (flags.json) printJson(output, report);
	else output.write(contactReportText(report));
	return exitCode;
};

export const runProbe = async (context: Context, flags: Flags): Promise<number> =>
	tellingPrograms(flags.json, context.output, async () => probe(context, flags));
