/** The gate's file as it lies in the checkout, and the digest that the production workflow beside it names. */
import {join} from 'node:path';
import {hashOf} from '../../init/files/disk.ts';
import {digestsIn, gatePath, versionOfGate} from '../../init/propose/gate-file.ts';
import {readBounded, readTextBounded} from '../../settings/checkout/bounded-read.ts';
import type {GateFileReading, GateProgram, Read} from '../model/model.ts';
import type {DiskQuestion} from './disk-question.ts';

/** Bytes; ours has less than a sixteenth of it. */
const gateAtMost = 16 * 1024 * 1024;
/** Bytes; GitHub takes no workflow above half of it. */
const workflowAtMost = 1024 * 1024;

const programOf = (bytes: Buffer): GateProgram => ({
	digest: hashOf(bytes),
	version: versionOfGate(bytes.toString('utf8', 0, 1000)),
});

const readProgram = async (path: string): Promise<Read<GateProgram | null>> => {
	try {
		return {ok: true, value: programOf(await readBounded(path, gateAtMost))};
	} catch (error) {
		const {code, message} = error as NodeJS.ErrnoException;
		return code === 'ENOENT'
			? {ok: true, value: null}
			: {ok: false, kind: 'unreachable', because: message, next: null};
	}
};

export const readGateFile = async ({root, settings, gate}: DiskQuestion): Promise<GateFileReading> => {
	const {workflow} = settings.promotion;
	const path = join(root, '.github', 'workflows', workflow);
	const [text, file, here] = await Promise.all([
		readTextBounded(path, workflowAtMost),
		readProgram(join(root, gatePath)),
		gate ?? null,
	]);
	const hasOwnWay = /^ *DEPLOYCTL: *\S/m.test(text ?? '');
	return {workflow, named: digestsIn(text ?? ''), hasOwnWay, file, here: here === null ? null : programOf(here)};
};
