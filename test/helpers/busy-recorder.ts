/** Records without end and says after each batch how many are on the disk: to be killed. */
import {defaultSettings} from '../../source/core/settings/settings.ts';
import {createRecorder} from '../../source/record/recorder.ts';

const recorder = createRecorder({
	directory: process.argv[2]!,
	head: {
		program: 'test',
		repository: 'acme/app',
		host: 'github.com',
		settings: defaultSettings,
		readOnly: false,
		demo: null,
	},
	secrets: [],
	wall: {now: () => Date.now(), after: async () => {}},
	random: Math.random,
});
const poll = {
	nextAtWall: 0,
	phase: 'waiting',
	because: null,
	failures: 0,
	failure: null,
	path: 'graphql',
	partial: [],
	clockSkewMs: null,
} as const;

for (let batch = 1; ; batch++) {
	const at = Date.now();
	await recorder.write([
		{
			at,
			wall: at,
			kind: 'seen',
			seen: {
				facts: null,
				readAt: at,
				rate: null,
				poll: {...poll, answeredAtWall: at},
				operations: null,
				observed: {},
			},
		},
		{
			at,
			wall: at,
			kind: 'change',
			change: {
				at,
				sha: null,
				kind: 'tier',
				subject: 'e2e',
				status: 'failed',
				text: `${batch} ${'x'.repeat(4000)}`,
			},
		},
	]);
	process.stdout.write(`${batch}\n`);
}
