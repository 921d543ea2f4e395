/** What `rollback.sh --list` says: the releases of an environment, newest first. Pure. */
import {parseProtocolLine} from './protocol.ts';
import type {ProtocolLine} from './protocol.ts';
import type {Migration, Release} from '../releases/release.ts';

export type ListAnswer = {ok: true; releases: readonly Release[]} | {ok: false; because: string};

const isMigration = (value: string | undefined): value is Migration =>
	['none', 'compatible', 'incompatible'].includes(value ?? '');
const yesOrUnknown = (value: string | undefined): boolean | 'unknown' =>
	value === 'yes' ? true : value === 'no' ? false : 'unknown';

const hostsOf = (value: string | undefined): Release['hosts'] => {
	const [, have, of] = /^(\d{1,4})\/(\d{1,4})$/.exec(value ?? '') ?? [];
	return have === undefined ? null : {have: Number(have), of: Number(of)};
};

const releaseOf = ({values, text}: ProtocolLine): Release[] => {
	const {id = '', sha = '', live, complete, healthy, bad, candidate, deployed = '', migration} = values;
	if (id === '') return [];
	const deployedAt = Date.parse(deployed);
	const hosts = hostsOf(values['hosts']);
	const isBad = bad === 'yes';
	return [
		{
			id,
			sha: /^[0-9a-f]{7,40}$/.test(sha) ? sha : null,
			isLive: yesOrUnknown(live),
			isPresent: hosts !== null && hosts.have < hosts.of ? false : yesOrUnknown(complete),
			wasHealthy: healthy === 'unproven' ? healthy : yesOrUnknown(healthy),
			isBad,
			badBecause: isBad ? text?.replace(/^marked bad:? */, '') || null : null,
			migration: isMigration(migration) ? migration : 'unknown',
			deployedAt: Number.isNaN(deployedAt) ? null : deployedAt,
			lastLiveAt: null,
			hosts,
			...(candidate !== undefined && {
				scriptSays: {isCandidate: candidate === 'yes', isDefault: values['default'] === 'yes', because: text},
			}),
		},
	];
};

/** Without its `end` line with exit 0, or in a version of the protocol that we do not know, a list is not to be trusted. */
export const releasesIn = (output: string): ListAnswer => {
	const parsed = output.split('\n').map(text => parseProtocolLine(text));
	const other = parsed.find(each => each.kind === 'unsupported');
	if (other)
		return {
			ok: false,
			because: `the script uses the protocol deployctl/${other.version}, which is not understood here`,
		};
	const lines = parsed.flatMap(each => (each.kind === 'line' ? [each.line] : []));
	const end = lines.findLast(({verb}) => verb === 'end');
	if (end === undefined) return {ok: false, because: 'the list of releases has no end'};
	if (end.values['exit'] !== '0')
		return {
			ok: false,
			because: `the list of releases could not be read${end.values['cause'] === undefined ? '' : `: ${end.values['cause']}`}`,
		};
	return {
		ok: true,
		releases: lines.flatMap(line => (line.verb === 'note' && line.step === 'release' ? releaseOf(line) : [])),
	};
};
