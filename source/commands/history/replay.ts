/** `deployctl replay`: a recording on the very same screen, as it was; without a terminal, its events as lines. */
import {access} from 'node:fs/promises';
import {isAbsolute, join, resolve} from 'node:path';
import type {Preferences} from '../../core/settings/preferences.ts';
import {duration} from '../../core/text/duration.ts';
import {zonedClock} from '../../core/text/zone.ts';
import {realClock} from '../../edges/clock.ts';
import {systemDesktop} from '../../edges/desktop.ts';
import {exitCodes} from '../../errors.ts';
import {recordedStretches} from '../../record/export.ts';
import {openPlayer, type Player} from '../../record/player.ts';
import type {ReplayPart} from '../../state/model/replay-state.ts';
import type {Terminal, World} from '../../world.ts';
import type {Context, Output} from '../desk/context.ts';
import {changeLine} from '../look/watch.ts';
import {plural} from '../../core/text/plural.ts';

export type ReplayOptions = {speed: number; plain: boolean; isForScreenReader: boolean; preferences: Preferences};

/** Nothing is asked, nothing is kept, nothing is done. */
export const replayWorld = (
	player: Player,
	{platform, env, stdout}: Pick<Context, 'platform' | 'env' | 'stdout'>,
	terminal: Terminal,
): World => ({
	clock: player.clock,
	wall: player.wall,
	random: () => 0.5,
	github: {ask: () => new Promise(() => {})},
	cache: {load: async () => null, save: async () => ({ok: true})},
	desktop: systemDesktop({platform, env, write: text => stdout.write(text)}),
	operations: null,
	tests: null,
	record: null,
	replay: player,
	runs: null,
	jobLogs: null,
	terminal,
	savePreferences: async () => {},
});

export const replayPart = ({from, until}: Player, speed: number): ReplayPart => ({
	from,
	until,
	speed,
	isPaused: false,
	isEnded: false,
	generation: 0,
	frame: null,
});

const asLines = ({recording}: Player, output: Output): number => {
	for (const change of recording.changes) output.write(`${changeLine(change)}\n`);
	if (recording.changes.length === 0) output.write('Nothing changed in this recording.\n');
	if (recording.damaged > 0)
		output.error(
			`${plural(recording.damaged, 'line of the recording is', 'lines of the recording are')} damaged and left out.\n`,
		);
	return exitCodes.done;
};

const isThere = (path: string): Promise<boolean> =>
	access(path).then(
		() => true,
		() => false,
	);

/** A file, or one of those that lie in the record. */
const pathOf = async (text: string, directory: string, record: string | null): Promise<string> => {
	const path = isAbsolute(text) ? text : resolve(directory, text);
	return record === null || text.includes('/') || (await isThere(path))
		? path
		: (await isThere(join(record, text)))
			? join(record, text)
			: path;
};

/** `record`: folder of the repository's record, where there is a repository. Throws a `Failure` (usage) for what cannot be played. */
export const runReplay = async (
	context: Context,
	file: string,
	record: string | null,
	{speed, plain, isForScreenReader, preferences}: ReplayOptions,
): Promise<number> => {
	const player = await openPlayer(await pathOf(file, context.directory, record), realClock);
	if (plain || !context.isInteractive) return asLines(player, context.output);
	const {repository, settings, demo} = player.head;
	const beginning = {repository, settings, preferences, demo, readOnly: true, replay: replayPart(player, speed)};
	const {openScreen} = await import('../look/screen.tsx');
	return openScreen(context, {
		beginning,
		makeWorld: terminal => replayWorld(player, context, terminal),
		isForScreenReader,
		keepsSkeleton: false,
	});
};

/** What there is to play, newest last. */
export const listRecorded = async (record: string, repository: string, output: Output): Promise<number> => {
	const stretches = await recordedStretches(record);
	const zone = zonedClock(null);
	output.write(
		stretches.length === 0
			? `Nothing of ${repository} is recorded on this machine.\n`
			: `Recorded of ${repository}, times in ${zone.name}\n`,
	);
	for (const {name, from, until, bytes, isDemo} of stretches)
		output.write(
			`  ${zone.date(from)} ${zone.time(from)}  ${duration((until - from) / 1000).padStart(7)}  ${`${Math.ceil(bytes / 1024)} KB`.padStart(9)}  ${name}${isDemo ? '  (demo)' : ''}\n`,
		);
	if (stretches.length > 0)
		output.write(
			'\ndeployctl replay NAME plays one; deployctl timeline --export FILE makes one of the last incident, to be handed on.\n',
		);
	return exitCodes.done;
};
