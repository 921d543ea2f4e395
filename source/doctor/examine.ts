/** Reads everything that the wanted areas need, all at once; each reading may fail by itself. */
import type {Snapshot} from '../core/pipeline/pipeline.ts';
import {Failure, failureSentence} from '../errors.ts';
import type {Probe} from '../github/probe.ts';
import type {Access} from '../settings/access/token.ts';
import {
	type Area,
	areas,
	type DiskReading,
	type MachineReading,
	type AddressReading,
	type Read,
	type Readings,
	type TokenReading,
	notAsked,
} from './model/model.ts';
import {readGitHub} from './readings/github.ts';

/** What is known before anything is read, and how each thing is read. */
export type Subject = Pick<
	Readings,
	| 'repository'
	| 'host'
	| 'settings'
	| 'settingsProblem'
	| 'settingsPath'
	| 'origin'
	| 'repositoryProblem'
	| 'isOffline'
> & {
	now(): number;
	/** Rejects with a `Failure` when there is no token. */
	access(): Promise<Access>;
	probe(access: Access): Probe;
	pipeline(access: Access): Promise<Read<Snapshot>>;
	disk(): Promise<DiskReading>;
	addresses(): Promise<readonly AddressReading[]>;
	machine(): Promise<MachineReading>;
};

/** By its first letters. */
export const kindOf = (token: string): TokenReading['kind'] => {
	if (token.startsWith('github_pat_')) return 'fine-grained';
	const known = ({ghp_: 'classic', gho_: 'oauth', ghu_: 'app', ghs_: 'actions'} as const)[token.slice(0, 4)];
	return known ?? (/^[0-9a-f]{40}$/.test(token) ? 'classic' : 'other');
};

const findToken = async ({
	access,
	isOffline,
	repository,
}: Subject): Promise<{read: Read<TokenReading>; access: Access | null}> => {
	if (isOffline || repository === null)
		return {read: notAsked(isOffline ? '--offline was given' : 'no repository is meant'), access: null};
	try {
		const found = await access();
		return {read: {ok: true, value: {source: found.source, kind: kindOf(found.token)}}, access: found};
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		return {
			read: {ok: false, kind: 'not-permitted', because: failureSentence(error), next: error.next ?? null},
			access: null,
		};
	}
};

const ofGitHub: readonly Area[] = [
	'token',
	'repository',
	'workflows',
	'runs',
	'rules',
	'environments',
	'secrets',
	'addresses',
];
const noMachine: MachineReading = {
	nodeVersion: '',
	tools: {},
	folders: [],
	terminal: {
		isTerminal: false,
		term: null,
		columns: null,
		rows: null,
		hasColours: false,
		hasUnicode: true,
		tmux: null,
		isRemote: false,
	},
};

/** `only`: null: all areas. What no wanted area needs is not read. */
export const examine = async (subject: Subject, only: ReadonlySet<Area> | null): Promise<Readings> => {
	const wants = (wanted: readonly Area[]) => wanted.some(area => only === null || only.has(area));
	const token = wants(ofGitHub)
		? await findToken(subject)
		: {read: notAsked('nothing that was asked for needs it'), access: null};
	const {access} = token;
	const why = token.read.ok ? notAsked('it was not asked for') : {...token.read, next: token.read.next};
	const [github, pipeline, disk, addresses, machine] = await Promise.all([
		access === null ? null : readGitHub(subject.probe(access), subject.settings),
		access === null || !wants(['runs']) ? why : subject.pipeline(access),
		// Cheap, and several areas compare with it.
		subject.disk(),
		wants(['addresses']) && !subject.isOffline ? subject.addresses() : [],
		wants(['machine']) ? subject.machine() : noMachine,
	]);
	const {repository, host, settings, settingsProblem, settingsPath, origin, repositoryProblem, isOffline} = subject;
	return {
		now: subject.now(),
		repository,
		host,
		settings,
		settingsProblem,
		settingsPath,
		origin,
		repositoryProblem,
		isOffline,
		token: token.read,
		github,
		pipeline,
		disk,
		addresses,
		machine,
	};
};

/** The areas that a text like `token,workflows` names; the first that is none, otherwise. */
export const areasIn = (text: string): {ok: true; areas: ReadonlySet<Area>} | {ok: false; wrong: string} => {
	const names = text
		.split(',')
		.map(name => name.trim())
		.filter(name => name !== '');
	const wrong = names.find(name => !(areas as readonly string[]).includes(name));
	return wrong === undefined && names.length > 0
		? {ok: true, areas: new Set(names as Area[])}
		: {ok: false, wrong: wrong ?? ''};
};
