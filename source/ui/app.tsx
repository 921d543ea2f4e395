/** The only listener: keys, pastes and resizes go into the store, the picture of the state comes out. */
import {Box, Text, useApp, useInput, usePaste, useWindowSize} from 'ink';
import {memo, useEffect, useSyncExternalStore} from 'react';
import type {Store} from '../state/store.ts';
import {keyNames} from './keyboard.ts';
import {linearLines} from './linear.ts';
import {picture} from './picture.ts';
import type {Line, Span} from './text.ts';
import {type Look, lookOf} from './theme.ts';

type Colours = Look['colours'];

const styleOf = ({tone, bold, inverse}: Span, colours: Colours) => {
	const colour = tone && colours ? colours[tone] : null;
	return {...(colour && {color: colour}), ...(bold && {bold}), ...(inverse && {inverse}), ...(tone === 'quiet' && !colours && {dimColor: true})};
};

const isSameLine = (a: {line: Line; colours: Colours}, b: {line: Line; colours: Colours}) =>
	a.colours === b.colours && a.line.length === b.line.length
	&& a.line.every((span, index) => { const other = b.line[index]!; return span.text === other.text && span.tone === other.tone && span.bold === other.bold && span.inverse === other.inverse; });

/** One row of the screen; drawn again only when it looks different. */
const Row = memo(({line, colours}: {readonly line: Line; readonly colours: Colours}) => (
	<Box height={1} flexShrink={0}>
		<Text wrap="truncate">
			{line.length === 0 ? ' ' : line.map((span, index) => <Text key={index} {...styleOf(span, colours)}>{span.text}</Text>)}
		</Text>
	</Box>
), isSameLine);

export type AppProps = {
	readonly store: Store;
	readonly background: 'dark' | 'light';
	readonly isForScreenReader: boolean;
	/** Called once Ink is able to hand the terminal over (Ctrl-Z). */
	readonly onReady: (app: Suspendable) => void;
};

/** The part of Ink's `useApp` that suspending needs. */
export type Suspendable = {suspendTerminal(): Promise<{resume(): Promise<void>}>};

export const App = ({store, background, isForScreenReader, onReady}: AppProps) => {
	const app = useApp();
	useEffect(() => onReady(app), [app, onReady]);
	const state = useSyncExternalStore(store.subscribe, store.get);
	const {columns, rows} = useWindowSize();
	useEffect(() => {
		store.dispatch({type: 'resized', columns, rows});
	}, [store, columns, rows]);
	useInput((input, key) => {
		for (const name of keyNames(input, key)) store.dispatch({type: 'key-pressed', key: name});
	});
	usePaste(text => store.dispatch({type: 'pasted', text}));
	if (isForScreenReader) return <Box flexDirection="column">{linearLines(state).map((text, index) => <Text key={index}>{text}</Text>)}</Box>;
	const look = lookOf(state.preferences, background, state.frame);
	return (
		<Box flexDirection="column" width={state.columns}>
			{picture(state, look).map((line, index) => <Row key={index} line={line} colours={look.colours} />)}
		</Box>
	);
};
