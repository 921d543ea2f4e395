/** A screen without our program, with the shape of the real entry: for tests of launcher and guard, and for what Ink costs alone. */
import {useEffect, useState} from 'react';
import {Box, Text, render, useApp, useInput, usePaste} from 'ink';
import {createScreenGuard, type ScreenGuard, type Started} from '../../source/tuning/terminal/screen-guard.ts';
import {afterFirstFrame} from '../../source/tuning/after-first-frame.ts';
import {saveSkeleton} from '../../source/tuning/skeleton.ts';

const Panel = ({title}: {title: string}) => (
	<Box borderStyle="round" flexDirection="column" flexGrow={1}>
		<Text bold>{title}</Text>
		<Text color="green">
			✓ passed <Text dimColor>2 min ago</Text>
		</Text>
	</Box>
);

const Sample = ({guard, rows, isReady}: {guard: ScreenGuard; rows: number; isReady: boolean}) => {
	const app = useApp();
	const [keys, setKeys] = useState('');
	useInput((input, key) => {
		if (key.ctrl && input === 'z') {
			void guard.suspend(app);
			return;
		}
		// Keys that arrive in one chunk are one event.
		for (const character of input) {
			if (character === 'q') {
				app.exit();
			} else {
				setKeys(before => before + character);
			}
		}
	});
	usePaste(() => {});
	useEffect(() => guard.repaintOnContinue(app), [guard, app]);
	return (
		<Box height={rows - 1} flexDirection="column">
			<Text>
				deployctl: FIRST-FRAME {isReady ? 'ready' : 'a rather long line that is gone as soon as it is ready'}
			</Text>
			<Text>keys: {keys}</Text>
			<Box flexGrow={1}>
				<Panel title="Tier 1" />
				<Panel title="Tier 2" />
				<Panel title="Tier 3" />
			</Box>
		</Box>
	);
};

export const main = async (argv: string[], started: Started) => {
	const guard = createScreenGuard({started});
	const size = () => ({columns: process.stdout.columns, rows: process.stdout.rows});
	const element = (isReady: boolean) => <Sample guard={guard} rows={size().rows} isReady={isReady} />;
	const app = render(element(started.skeletonShown), {
		stdout: guard.stdout,
		alternateScreen: true,
		incrementalRendering: false,
		maxFps: 120,
		exitOnCtrlC: false,
	});
	afterFirstFrame(0);
	if (argv.includes('--crash')) {
		setTimeout(() => {
			throw new Error('as asked');
		}, 100);
	}
	await app.waitUntilExit();
	saveSkeleton(
		`deployctl: FIRST-FRAME a rather long line that is gone as soon as it is ready\n\n${'\u001B[2m│ old panel │\u001B[22m\n'.repeat(20)}`,
		size(),
	);
	console.log('goodbye');
};
