/** What the front end hands to the supervisor, and what it may hear back before the journal speaks: files in the operation's folder. */
import type {Plan} from '../../core/plan/plan.ts';
import type {Settings} from '../../core/settings/settings.ts';
import {exitCodes, Failure} from '../../errors.ts';
import type {Confirmation, Refusal} from '../../world.ts';
import {makeDirectory, readJson, writeWhole} from '../files/durable-file.ts';
import {pathsIn} from '../files/paths.ts';
import type {OperationPaths} from '../files/paths.ts';

export type OperationRequest = {
	plan: Plan;
	/** Login on GitHub, or the name on this machine. */
	operator: string;
	/** This machine's name. */
	host: string;
	/** OWNER/NAME. */
	repository: string;
	gitHubHost: string;
	/** Whether the person named that host: decides which token belongs to it. */
	isExplicit: boolean;
	settings: Settings;
	confirmation: Confirmation;
	/** The platform's state folder. */
	state: string;
};

/** By whom, and whether a rollback follows. */
export type StopRequest = {by: string; thenRollBack: boolean};

/** Creates the operation's folder; throws what the disk says, also when the id was used before. */
export const writeRequest = (files: OperationPaths, request: OperationRequest): void => {
	makeDirectory(files.directory);
	if (readJson(files.request) !== null)
		throw new Failure(`The operation ${request.plan.id} was asked for before`, {
			next: 'make a new plan',
			exitCode: exitCodes.refused,
		});
	writeWhole(files.request, JSON.stringify(request));
};

/** Throws a `Failure` when there is no request in the folder. */
export const readRequest = (directory: string): OperationRequest => {
	const request = readJson(pathsIn(directory).request);
	if (typeof request?.['plan'] !== 'object' || typeof request['state'] !== 'string') {
		throw new Failure('There is no request of an operation here', {because: directory, exitCode: exitCodes.usage});
	}
	return request as OperationRequest;
};

export const writeRefusal = (files: OperationPaths, {because, next, exitCode}: Omit<Refusal, 'ok'>): void =>
	writeWhole(files.refused, JSON.stringify({because, next, exitCode}));

/** null: it was not refused. */
export const readRefusal = (files: OperationPaths): Refusal | null => {
	const refused = readJson(files.refused) as Omit<Refusal, 'ok'> | null;
	return refused === null
		? null
		: {ok: false, because: refused.because, next: refused.next, exitCode: refused.exitCode};
};

/** The supervisor sees it within two tenths of a second. The first one to ask is kept, unless a rollback comes to it. */
export const writeStop = (files: OperationPaths, stop: StopRequest): void => {
	const earlier = readStop(files);
	if (earlier === null || (stop.thenRollBack && !earlier.thenRollBack)) writeWhole(files.stop, JSON.stringify(stop));
};

export const readStop = (files: OperationPaths): StopRequest | null => {
	const stop = readJson(files.stop);
	return stop === null ? null : {by: String(stop['by']), thenRollBack: stop['thenRollBack'] === true};
};
