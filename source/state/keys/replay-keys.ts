/** The part of the table of keys that is alive only while a recording is played. */
import type {Mode} from '../questions/select.ts';
import type {State} from '../model/state.ts';
import type {Binding} from './binding.ts';

const places: readonly Mode[] = ['board', 'tier', 'job', 'gate', 'events', 'operations', 'operation'];
const isReplay = ({replay}: State): boolean => replay !== null;
const minuteMs = 60_000;

const binding = (
	keys: readonly string[],
	label: string,
	help: string,
	message: Binding['message'],
	footer?: number,
): Binding => ({
	modes: places,
	keys,
	label,
	help: `In a replay: ${help}`,
	group: 'Use',
	isAlive: isReplay,
	...(footer !== undefined && {footer, footerWhen: isReplay}),
	message,
});

export const replayKeys: readonly Binding[] = [
	{
		...binding([' '], 'pause', 'pause, or go on', {type: 'replay-pause'}, -3),
		footerText: ({replay}) => ({
			key: 'space',
			label: replay?.isEnded ? 'again' : replay?.isPaused ? 'go on' : 'pause',
		}),
	},
	{
		...binding(['.'], 'next event', 'next event', {type: 'replay-event', direction: 1}, -2),
		footerText: () => ({key: ', .', label: 'event'}),
	},
	binding([','], 'previous event', 'previous event', {type: 'replay-event', direction: -1}),
	{
		...binding(['>'], 'faster', 'faster', {type: 'replay-speed', direction: 1}, -1),
		footerText: () => ({key: '< >', label: 'speed'}),
	},
	binding(['<'], 'slower', 'slower', {type: 'replay-speed', direction: -1}),
	{
		...binding(['}'], 'a minute on', 'a minute on', {type: 'replay-seek', byMs: minuteMs}, -0.5),
		footerText: () => ({key: '{ }', label: 'minute'}),
	},
	binding(['{'], 'a minute back', 'a minute back', {type: 'replay-seek', byMs: -minuteMs}),
];
