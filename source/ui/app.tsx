/** The only listener: keys and pastes go into the store (sizes are there before Ink hears of them), the picture of the state comes out. */
import {Box, Text, useApp, useInput, usePaste} from 'ink';
import {memo, useEffect, useSyncExternalStore} from 'react';
import type {Store} from '../state/store.ts';
import {keyNames} from './keyboard.ts';
import {linearLines} from './linear/linear.ts';
import {linked} from './lines/links.ts';
import {picture} from './picture.ts';
import {ansiLine} from './lines/screen-text.ts';
import {lookOf} from './lines/theme.ts';

/** One row of the screen, drawn again only when it looks different. One text a row: a node for each colour would cost four times as much. */
const Row = memo(({text}: {readonly text: string}) => <Text wrap="truncate">{text === '' ? ' ' : text}</Text>);

export type AppProps = {
	readonly store: Store;
	readonly background: 'dark' | 'light';
	readonly isForScreenReader: boolean;
	/** The terminal knows links (OSC 8). */
	readonly hasLinks?: boolean;
	/** Called once Ink is able to hand the terminal over (Ctrl-Z). */
	readonly onReady: (app: Suspendable) => void;
};

/** The part of Ink's `useApp` that suspending needs. */
export type Suspendable = {suspendTerminal(): Promise<{resume(): Promise<void>}>};

export const App = ({store, background, isForScreenReader, hasLinks = false, onReady}: AppProps) => {
	const app = useApp();
	useEffect(() => onReady(app), [app, onReady]);
	const state = useSyncExternalStore(store.subscribe, store.get);
	useInput((input, key) => {
		const names = keyNames(input, key);
		// Which keys came at once: a hand presses one at a time.
		const chunk = {serial: store.get().hands.chunk + 1, size: names.length};
		for (const name of names) store.dispatch({type: 'key-pressed', key: name, chunk});
	});
	usePaste(text => store.dispatch({type: 'pasted', text}));
	if (isForScreenReader)
		return (
			<Box flexDirection="column">
				{linearLines(state).map((text, index) => (
					<Text key={index}>{text}</Text>
				))}
			</Box>
		);
	const look = lookOf(state.preferences, background, state.frame);
	const lines = picture(state, look);
	return (
		<Box flexDirection="column" width={state.columns}>
			{(hasLinks ? linked(lines, state) : lines).map((line, index) => (
				<Row key={index} text={ansiLine(line, look.colours)} />
			))}
		</Box>
	);
};
