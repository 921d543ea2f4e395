/** A screen without our program: what Ink costs by itself. Same shape as the real entry. */
import {Box, Text, render} from 'ink';
import {createScreenGuard, type Started} from '../../source/tuning/screen-guard.ts';
import {afterFirstFrame} from '../../source/tuning/after-first-frame.ts';

const Panel = ({title}: {title: string}) => (
	<Box borderStyle="round" flexDirection="column" flexGrow={1}>
		<Text bold>{title}</Text>
		<Text color="green">✓ passed <Text dimColor>2 min ago</Text></Text>
	</Box>
);

const Sample = () => (
	<Box height={(process.stdout.rows || 24) - 1} flexDirection="column">
		<Text>deployctl: FIRST-FRAME</Text>
		<Box flexGrow={1}>
			<Panel title="Tier 1" />
			<Panel title="Tier 2" />
			<Panel title="Tier 3" />
		</Box>
	</Box>
);

export const main = async (argv: string[], started: Started) => {
	const guard = createScreenGuard({started});
	const app = render(<Sample />, {stdout: guard.stdout, alternateScreen: true, incrementalRendering: true, maxFps: 120, exitOnCtrlC: true});
	afterFirstFrame();
	if (argv.includes('--crash')) {
		setTimeout(() => {
			throw new Error('as asked');
		}, 50);
	}
	setTimeout(() => app.unmount(), argv.includes('--stay') ? 60_000 : 200);
	await app.waitUntilExit();
};
