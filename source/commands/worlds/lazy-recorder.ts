/** The recorder of a screen or a watch. Loaded when it first writes: it costs nothing at the start. */
import {secretsFrom} from '../../core/text/mask.ts';
import type {RecordHead, Recorder} from '../../core/history/record.ts';
import {realClock} from '../../edges/clock.ts';
import {version} from '../../tuning/version.ts';
import type {Context} from '../desk/context.ts';

export type RecordingOptions = Pick<RecordHead, 'repository' | 'host' | 'settings' | 'readOnly' | 'demo'> & {
	/** The platform's state folder, or the one that stands for it in the demo. */
	state: string;
	/** A token that was not in the environment, as soon as it is known. */
	ready: Promise<unknown>;
};

export const lazyRecorder = ({env}: Context, {state, ready, ...head}: RecordingOptions): Recorder => {
	let made: Promise<Recorder> | undefined;
	const real = () =>
		(made ??= (async () => {
			await ready;
			const [{createRecorder}, {recordDirectory}, {statePaths}] = await Promise.all([
				import('../../record/recorder.ts'),
				import('../../record/files.ts'),
				import('../../operations/files/paths.ts'),
			]);
			return createRecorder({
				directory: recordDirectory(statePaths(state, head.host, head.repository).directory),
				head: {...head, program: version},
				secrets: secretsFrom(env),
				wall: realClock,
				random: Math.random,
			});
		})());
	return {
		write: async entries => (await real()).write(entries),
		past: async atMost => (await real()).past(atMost),
		close: async () => {
			if (made) await (await made).close();
		},
	};
};
