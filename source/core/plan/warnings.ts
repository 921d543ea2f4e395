/** What the operator must know before confirming a plan, though it does not stand in the way. Pure. */
import {incomparable} from '../releases/instances.ts';
import {passable} from '../locks/lock.ts';
import {isSameVersion, overall} from '../releases/observation.ts';
import {unproven} from '../releases/offers.ts';
import {listed, shortOf} from '../releases/words.ts';
import {plural} from '../text/plural.ts';
import type {Ground} from './ground.ts';

const commits = (count: number) => plural(count, 'commit');

/** Before it is tried: how it ended could not be told afterwards. */
const aboutVersions = ({observation, from, to, offers}: Ground, name: string): readonly string[] => {
	const texts = incomparable(observation.instances, [
		from,
		to,
		...offers.map(({release: {id, sha}}) => ({release: id, sha})),
	]);
	return texts.length === 0
		? []
		: [
				`no commit can be read in what ${name} reports (${listed(texts)}): nobody will be able to tell whether it is live`,
			];
};

const aboutEnvironment = (ground: Ground, name: string): readonly string[] => {
	const {wish, environment, observation, lock} = ground;
	const {health, isMixed} = overall(observation);
	return [
		...aboutVersions(ground, name),
		...(isMixed ? [`${name} is MIXED: its instances run different releases`] : []),
		...(health === false
			? [
					wish.kind === 'rollback'
						? `${name} is unhealthy now`
						: `${name} is unhealthy now: a rollback may be what it needs`,
				]
			: []),
		...(observation.instances.length === 0
			? [`nothing tells what ${name} runs: set environments.${name}.version and .health in deployctl.yml`]
			: []),
		...(observation.instances.length > 0 &&
		health === 'unknown' &&
		environment !== null &&
		environment.health.length > 0
			? [`the health of ${name} could not be asked`]
			: []),
		...(wish.kind === 'rollback' && wish.pastLock === true && passable(lock) !== null
			? [
					`it goes past the lock of ${passable(lock)!.holder}, which stays where it is: whoever holds it may be in the middle of something; recorded and announced`,
				]
			: []),
		...(lock.state === 'unknown' && wish.kind === 'rollback'
			? [
					`other operators could not be asked (${lock.because}): this machine's lock alone holds; the record is published later`,
				]
			: []),
	];
};

const aboutPast = ({wish, environment, running, last, listing, isScriptsChoice}: Ground): readonly string[] => [
	...(running !== null && wish.kind === 'rollback'
		? [
				`${running.kind} ${running.id} runs: it is stopped first (TERM, ${environment?.deploy.graceSeconds ?? 30} s, KILL)`,
			]
		: []),
	...(wish.kind === 'rollback' && wish.stopping !== undefined && running?.id !== wish.stopping
		? [`${wish.stopping} does not run any more: there is nothing to stop`]
		: []),
	...(last?.outcome === 'interrupted' ? [`the last operation was interrupted: ${last.because}`] : []),
	...(wish.kind === 'rollback' && listing.trouble !== null
		? [
				listing.readAt === null
					? `the releases could not be listed (${listing.trouble})${isScriptsChoice ? ': the script itself chooses the newest one that was healthy' : ''}`
					: // A time and no age: what is shown must not change by itself.
						`the releases are as of ${new Date(listing.readAt).toISOString().slice(0, 16)}Z: they could not be listed now (${listing.trouble})`,
			]
		: []),
];

/** Until this was so, scripts had everything. */
const aboutEnvironmentOfScript = ({wish, environment, missed = []}: Ground): readonly string[] =>
	missed.length === 0
		? []
		: [
				`the script speaks of ${listed(missed)}, which scripts are not given: if it needs ${missed.length === 1 ? 'it' : 'them'}, name ${missed.length === 1 ? 'it' : 'them'} in environments.${environment!.name}.${wish.kind}.env of deployctl.yml`,
			];

const aboutChange = ({
	wish,
	environment,
	to,
	from,
	going,
	migration,
	migrationFiles,
	scripts,
	settings,
	offers,
}: Ground): readonly string[] => [
	...(to !== null &&
	offers.some(({release, offered}) => offered && release.id === to.release && release.wasHealthy === 'unproven')
		? [`${shortOf(to)} is ${unproven}`]
		: []),
	...(to !== null && from !== null && isSameVersion(from.sha ?? from.release, to)
		? [`${shortOf(to)} is live there already`]
		: []),
	...(going !== null && going.length > 0 ? [`goes back by ${commits(going.length)}`] : []),
	...(migration === 'incompatible' ? ['a database change that cannot be undone lies in between'] : []),
	...(migrationFiles !== null && migrationFiles.length > 0
		? [`database changes lie in between: ${listed(migrationFiles)}`]
		: []),
	...(wish.kind === 'deploy' &&
	scripts.state === 'differs' &&
	(settings.allowChangedScripts || environment?.isProtected !== true)
		? [`the scripts here are not those of that commit: ${listed(scripts.files)}`]
		: []),
	...(wish.kind === 'deploy' && scripts.state === 'unknown'
		? ['whether the scripts here are those of that commit is not known']
		: []),
];

export const warningsOf = (ground: Ground): readonly string[] =>
	ground.environment === null
		? []
		: [
				...aboutPast(ground),
				...aboutEnvironment(ground, ground.environment.name),
				...aboutChange(ground),
				...aboutEnvironmentOfScript(ground),
			];
