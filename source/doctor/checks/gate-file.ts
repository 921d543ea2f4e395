/** The gate that the production workflow starts by its digest: whether it is that file, and how it compares with what runs here. */
import {gatePath} from '../../init/propose/gate-file.ts';
import {sayingIn} from '../model/findings.ts';
import type {Finding, GateFileReading, GateProgram, Readings} from '../model/model.ts';

const say = sayingIn('workflows');
const renew = 'deployctl init --only workflows writes the file and its digest.';
const where = gatePath;

/** By the three numbers: below 0 the first is older. */
const order = (a: string, b: string): number => {
	const numbers = (version: string) => version.split('.', 3).map(part => Number.parseInt(part, 10));
	const [left, right] = [numbers(a), numbers(b)];
	return left.map((number, index) => number - right[index]!).find(difference => difference !== 0) ?? 0;
};

const against = ({version, digest}: GateProgram, here: GateProgram | null): Finding => {
	if (here === null || digest === here.digest)
		return say(
			'ok',
			'gate-file',
			`${gatePath} is the file that the production workflow starts${here === null ? '' : ', and that of this deployctl'}`,
			{where},
		);
	if (version === null || here.version === null)
		return say('warning', 'gate-version', `${gatePath} does not say which deployctl it is of`, {
			why: 'It is not as deployctl init writes it, and nothing can be said of the rules that it keeps.',
			how: renew,
			where,
		});
	const difference = order(version, here.version);
	if (difference > 0)
		return say('note', 'gate-version', `${gatePath} is of deployctl ${version}, and ${here.version} runs here`, {
			why: 'In the workflow the gate may decide by other rules than here.',
			how: 'Update deployctl here.',
			where,
		});
	const which =
		difference < 0
			? `of deployctl ${version}, and ${here.version} runs here`
			: `of another build of deployctl ${version} than what runs here`;
	return say(difference < 0 ? 'warning' : 'note', 'gate-version', `${gatePath} is ${which}`, {
		why: 'In the workflow the gate may decide by other rules than here.',
		how: renew,
		where,
	});
};

const about = ({workflow, named, hasOwnWay, file, here}: GateFileReading): readonly Finding[] => {
	if (!file.ok)
		return [say('unknown', 'gate-file', `${gatePath} could not be looked at`, {why: file.because, where})];
	if (hasOwnWay || (named.length === 0 && file.value === null)) return [];
	if (named.length === 0)
		return [
			say('note', 'gate-file', `${gatePath} is started by nothing in ${workflow}`, {
				why: 'The workflow names no digest of it.',
				how: renew,
				where,
			}),
		];
	if (file.value === null)
		return [
			say('error', 'gate-file', `${workflow} starts ${gatePath}, which is not there`, {
				why: 'Its gate ends without an answer, which holds production.',
				how: renew,
				where,
			}),
		];
	const {digest} = file.value;
	if (named.some(each => each !== digest)) {
		return [
			say('error', 'gate-file', `${gatePath} is not the file that ${workflow} names`, {
				why: 'Its gate ends without an answer, which holds production; or somebody has changed the gate.',
				how: `${renew} The file's digest is ${digest}.`,
				where,
			}),
		];
	}
	return [against(file.value, here)];
};

export const checkGateFile = ({disk: {gate}}: Readings): readonly Finding[] => (gate === undefined ? [] : about(gate));
