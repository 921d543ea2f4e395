/** The walls of the house: who may import whom, read from the import lines; and how large a file may grow. */
import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {dirname, relative, resolve} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';

const source = fileURLToPath(new URL('../source', import.meta.url));
const files = readdirSync(source, {recursive: true, encoding: 'utf8'})
	.filter(name => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
	.sort();

/** Room of a file: its folder, or the file itself when it lies at the top. */
const roomOf = (file: string) => (file.includes('/') ? file.split('/')[0]! : file);
const importsOf = (file: string) =>
	[...readFileSync(resolve(source, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
		match => match[1]!,
	);
const localImports = (file: string) =>
	importsOf(file)
		.filter(name => name.startsWith('.'))
		.map(name => relative(source, resolve(source, dirname(file), name)));
const packageImports = (file: string) => importsOf(file).filter(name => !name.startsWith('.'));

/** Arrows: a room may import itself and these. */
const arrows: Readonly<Record<string, readonly string[]>> = {
	core: [],
	'errors.ts': ['core'],
	'world.ts': ['core'],
	operations: ['core', 'world.ts', 'errors.ts', 'edges', 'github', 'settings', 'notify', 'logs'],
	logs: ['core', 'world.ts'],
	record: ['core', 'world.ts', 'errors.ts'],
	reporter: ['core', 'errors.ts', 'edges'],
	init: ['core', 'errors.ts', 'settings'],
	doctor: ['core', 'world.ts', 'errors.ts', 'github', 'settings', 'init', 'notify'],
	notify: ['core', 'world.ts'],
	state: ['core', 'world.ts'],
	ui: ['core', 'state'],
	github: ['core', 'world.ts'],
	settings: ['core', 'errors.ts'],
	edges: ['core', 'world.ts'],
	simulator: ['core', 'world.ts', 'edges'],
	tuning: ['errors.ts'],
	commands: [
		'core',
		'state',
		'ui',
		'world.ts',
		'errors.ts',
		'edges',
		'github',
		'settings',
		'simulator',
		'tuning',
		'operations',
		'sandbox',
		'logs',
		'record',
		'reporter',
		'init',
		'doctor',
		'notify',
	],
	sandbox: ['core', 'world.ts', 'edges', 'errors.ts'],
	'cli.tsx': ['commands', 'errors.ts', 'tuning'],
	'gate.ts': ['cli.tsx', 'errors.ts'],
};

test('every room imports only what its arrows allow', () => {
	for (const file of files) {
		const allowed = arrows[roomOf(file)];
		assert.ok(allowed, `${roomOf(file)} is a room without arrows`);
		for (const name of localImports(file)) {
			// Above source/ lie package.json and the launcher's skeleton, which only tuning touches.
			if (name.startsWith('..')) {
				assert.equal(roomOf(file), 'tuning', `${file} reaches out of source/: ${name}`);
				continue;
			}
			const room = roomOf(name);
			assert.ok(room === roomOf(file) || allowed.includes(room), `${file} imports ${name}`);
		}
	}
});

/**
Arrows between the folders of one room: a folder may import itself and these. Each stands below all that it imports, so none runs back, types
included. What lies directly in a room stands under the room's own name.
*/
const arrowsWithin: Readonly<Record<string, readonly string[]>> = {
	'commands/table': [],
	'commands/completion': ['commands/table'],
	'commands/desk': ['commands/table'],
	'commands/setup': ['commands/table', 'commands/desk'],
	'commands/worlds': ['commands/table', 'commands/desk'],
	'commands/look': ['commands/desk', 'commands/worlds'],
	'commands/history': ['commands/table', 'commands/desk', 'commands/worlds', 'commands/look'],
	'commands/operate': ['commands/table', 'commands/desk', 'commands/worlds', 'commands/look'],
	'commands/runs': ['commands/table', 'commands/desk', 'commands/worlds', 'commands/look'],
	commands: [
		'commands/table',
		'commands/completion',
		'commands/desk',
		'commands/setup',
		'commands/worlds',
		'commands/look',
		'commands/history',
		'commands/operate',
		'commands/runs',
	],
	core: [],
	'core/github': [],
	'core/text': [],
	'core/health': [],
	'core/locks': ['core/text'],
	'core/releases': ['core/text'],
	'core/tests': ['core/text'],
	'core/pipeline': ['core/github', 'core/tests'],
	'core/runs': ['core/github', 'core/text', 'core/pipeline'],
	'core/settings': ['core/text', 'core/pipeline'],
	'core/evidence': ['core/github', 'core/text', 'core/tests', 'core/pipeline', 'core/runs', 'core/settings'],
	'core/operations': ['core/text', 'core/locks', 'core/releases', 'core/pipeline', 'core/settings'],
	'core/gate': [
		'core/github',
		'core/text',
		'core/locks',
		'core/releases',
		'core/pipeline',
		'core/settings',
		'core/evidence',
	],
	'core/snapshot': [
		'core/github',
		'core/text',
		'core/locks',
		'core/releases',
		'core/tests',
		'core/pipeline',
		'core/settings',
		'core/evidence',
		'core/operations',
		'core/gate',
	],
	'core/history': [
		'core/github',
		'core/text',
		'core/releases',
		'core/pipeline',
		'core/settings',
		'core/operations',
		'core/snapshot',
	],
	'core/plan': [
		'core',
		'core/text',
		'core/locks',
		'core/releases',
		'core/pipeline',
		'core/settings',
		'core/operations',
		'core/gate',
		'core/snapshot',
	],
	'core/watch': ['core/text', 'core/health', 'core/releases', 'core/pipeline'],
	'core/polling': ['core', 'core/github', 'core/text', 'core/pipeline', 'core/evidence', 'core/snapshot'],
	'doctor/model': [],
	'doctor/checks': ['doctor/model'],
	'doctor/readings': ['doctor/model'],
	doctor: ['doctor/model', 'doctor/checks', 'doctor/readings'],
	'github/failures': [],
	'github/queries': [],
	'github/http': ['github/failures', 'github/queries'],
	'github/artifacts': ['github/failures', 'github/http'],
	'github/branches': ['github/failures', 'github/http'],
	'github/read': ['github/failures', 'github/queries', 'github/http'],
	'github/land': ['github/failures', 'github/queries', 'github/http', 'github/branches'],
	'github/people': ['github/failures', 'github/http', 'github/branches', 'github/read'],
	'github/runs': ['github/failures', 'github/http', 'github/branches', 'github/read'],
	github: [
		'github/failures',
		'github/queries',
		'github/http',
		'github/branches',
		'github/read',
		'github/land',
		'github/people',
		'github/runs',
	],
	init: [],
	'init/files': [],
	'init/inspect': ['init', 'init/files'],
	'init/map': ['init'],
	'init/write': ['init', 'init/files'],
	'init/propose': ['init', 'init/files', 'init/inspect'],
	'operations/files': [],
	'operations/readings': [],
	'operations/checkout': ['operations/files', 'operations/readings'],
	'operations/journal': ['operations/files'],
	'operations/script': ['operations/files'],
	'operations/locks': ['operations/files', 'operations/journal', 'operations/script'],
	'operations/outbox': ['operations/files', 'operations/journal'],
	'operations/pins': ['operations/readings', 'operations/journal', 'operations/outbox'],
	'operations/request': ['operations/files', 'operations/checkout', 'operations/locks'],
	'operations/judge': ['operations/files', 'operations/readings', 'operations/journal', 'operations/request'],
	'operations/plan': [
		'operations/readings',
		'operations/checkout',
		'operations/pins',
		'operations/request',
		'operations/judge',
	],
	'operations/supervisor': [
		'operations/files',
		'operations/readings',
		'operations/journal',
		'operations/script',
		'operations/locks',
		'operations/outbox',
		'operations/request',
		'operations/judge',
	],
	operations: [
		'operations/files',
		'operations/readings',
		'operations/checkout',
		'operations/journal',
		'operations/script',
		'operations/locks',
		'operations/outbox',
		'operations/pins',
		'operations/request',
		'operations/judge',
		'operations/plan',
		'operations/supervisor',
	],
	'operations/promoter': [
		'operations/files',
		'operations/readings',
		'operations/checkout',
		'operations/locks',
		'operations/request',
		'operations/judge',
		'operations/supervisor',
	],
	'settings/hosts': [],
	'settings/schema': [],
	'settings/checkout': ['settings/hosts'],
	'settings/parse': ['settings/schema'],
	settings: ['settings/checkout', 'settings/parse'],
	'settings/access': ['settings/hosts', 'settings/checkout'],
	'simulator/limits': [],
	'simulator/model': ['simulator/limits'],
	'simulator/actions': ['simulator/model'],
	'simulator/scenarios': ['simulator/model'],
	'simulator/branches': ['simulator/model', 'simulator/actions'],
	'simulator/simulation': ['simulator/model', 'simulator/actions', 'simulator/branches'],
	'simulator/calls': ['simulator/limits', 'simulator/model', 'simulator/actions', 'simulator/simulation'],
	'simulator/graphql': [
		'simulator/limits',
		'simulator/model',
		'simulator/actions',
		'simulator/branches',
		'simulator/calls',
	],
	'simulator/storage': ['simulator/model', 'simulator/actions', 'simulator/simulation', 'simulator/calls'],
	'simulator/rest': [
		'simulator/limits',
		'simulator/model',
		'simulator/actions',
		'simulator/branches',
		'simulator/calls',
		'simulator/graphql',
		'simulator/storage',
	],
	simulator: [
		'simulator/limits',
		'simulator/model',
		'simulator/scenarios',
		'simulator/simulation',
		'simulator/calls',
		'simulator/graphql',
		'simulator/storage',
		'simulator/rest',
	],
	'state/model': [],
	'state/questions': ['state/model'],
	'state/polling': ['state/model', 'state/questions'],
	'state/view': ['state/model', 'state/questions'],
	'state/logs': ['state/model', 'state/questions', 'state/polling', 'state/view'],
	'state/operations': ['state/model', 'state/questions', 'state/view'],
	'state/record': ['state/model', 'state/questions', 'state/view'],
	'state/tests': ['state/model', 'state/questions', 'state/view'],
	'state/dialogs': ['state/model', 'state/questions', 'state/view', 'state/operations'],
	'state/runs': ['state/model', 'state/questions', 'state/polling', 'state/view', 'state/dialogs'],
	'state/promotions': ['state/model', 'state/questions', 'state/view', 'state/dialogs', 'state/runs'],
	'state/keys': [
		'state/model',
		'state/questions',
		'state/view',
		'state/logs',
		'state/tests',
		'state/dialogs',
		'state/promotions',
	],
	state: [
		'state/model',
		'state/questions',
		'state/polling',
		'state/view',
		'state/logs',
		'state/operations',
		'state/record',
		'state/tests',
		'state/dialogs',
		'state/runs',
		'state/promotions',
		'state/keys',
	],
	'tuning/ink': [],
	'tuning/terminal': ['tuning/ink'],
	'ui/lines': [],
	'ui/panes': ['ui/lines'],
	'ui/panes/board': ['ui/lines'],
	'ui/panes/dialogs': ['ui/lines', 'ui/panes/board'],
	'ui/panes/logs': ['ui/lines', 'ui/panes/board'],
	'ui/panes/tests': ['ui/lines', 'ui/panes/board'],
	'ui/linear': ['ui/panes/board', 'ui/panes/logs'],
	'ui/panes/operations': ['ui/lines', 'ui/panes/logs'],
	ui: [
		'ui/lines',
		'ui/panes',
		'ui/panes/board',
		'ui/panes/dialogs',
		'ui/panes/logs',
		'ui/panes/tests',
		'ui/linear',
		'ui/panes/operations',
	],
};

test('every folder of a room imports only what its arrows allow, and they all run one way', () => {
	const folders = Object.keys(arrowsWithin);
	for (const [folder, allowed] of Object.entries(arrowsWithin))
		for (const other of allowed)
			assert.ok(
				folders.indexOf(other) < folders.indexOf(folder) && folders.includes(other),
				`${folder} stands above ${other}, which it imports`,
			);
	const used = new Set<string>();
	for (const file of files)
		for (const name of localImports(file)) {
			const [from, to] = [dirname(file), dirname(name)];
			if (roomOf(name) !== roomOf(file) || from === to || from === '.') continue;
			assert.ok(arrowsWithin[from]?.includes(to), `${file} imports ${name}`);
			used.add(`${from} ${to}`);
		}
	assert.deepEqual(
		folders.flatMap(from =>
			arrowsWithin[from]!.filter(to => !used.has(`${from} ${to}`)).map(to => `${from} no longer imports ${to}`),
		),
		[],
	);
});

/** Files that may lie directly in a folder. */
const mostInAFolder = 20;
/** Folders with more of them: what each is named for. */
const mayBeFull: Readonly<Record<string, string>> = {
	'github/queries': 'one document each',
};

test('no folder is a heap', () => {
	const counts = Map.groupBy(
		readdirSync(source, {recursive: true, withFileTypes: true}).filter(entry => entry.isFile()),
		entry => relative(source, entry.parentPath),
	);
	assert.deepEqual(
		[...counts]
			.filter(([, {length}]) => length > mostInAFolder)
			.map(([folder]) => folder)
			.sort(),
		Object.keys(mayBeFull).sort(),
	);
});

test('core is pure: no packages, no clock, no chance, no process', () => {
	for (const file of files.filter(name => roomOf(name) === 'core' || roomOf(name) === 'state')) {
		assert.deepEqual(packageImports(file), [], file);
		const text = readFileSync(resolve(source, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
		assert.doesNotMatch(
			text,
			/Date\.now|new Date\(\)|Math\.random|performance\.|process\.|setTimeout|setInterval|fetch\(/,
			file,
		);
	}
});

test('only effects.ts acts in the state room, and only the app listens in the ui room', () => {
	for (const file of files.filter(name => roomOf(name) === 'ui')) {
		const text = readFileSync(resolve(source, file), 'utf8');
		if (file !== 'ui/app.tsx') assert.doesNotMatch(text, /useInput|usePaste|useEffect|dispatch/, file);
		assert.doesNotMatch(text, /Date\.now|process\./, file);
	}
	for (const file of files.filter(name => roomOf(name) === 'state' && name !== 'state/effects.ts')) {
		// Its types are for everyone; `world.` is somebody who acts.
		assert.doesNotMatch(readFileSync(resolve(source, file), 'utf8'), /(?<!\/)world\.|await /, file);
	}
});

/** Where `process` is the subject itself: the entry, the terminal, the launcher's files, a worker's data. */
const mayTouchProcess =
	/^(?:cli\.tsx|gate\.ts|operations\/(?:supervisor\/supervisor|promoter\/promoter)\.ts|sandbox\/(?:app|sandbox)\.ts|reporter\/playwright\.ts|tuning\/(?:terminal\/screen-guard|terminal\/job-control|skeleton|after-first-frame)\.ts|simulator\/worker\.ts)$/;

test('only the entry and the screen guard touch process', () => {
	for (const file of files.filter(name => !mayTouchProcess.test(name))) {
		const text = readFileSync(resolve(source, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
		assert.doesNotMatch(text, /\bprocess\.(?:env|argv|exit|stdout|stderr|stdin|cwd|on|platform)\b/, file);
	}
});

test('no circle, types included', () => {
	const importsOf = (file: string): readonly string[] =>
		[...readFileSync(resolve(source, file), 'utf8').matchAll(/ from '(\.[^']+)'/g)].map(([, path]) =>
			relative(source, resolve(source, dirname(file), path!)),
		);
	const imports = new Map(files.map(file => [file, importsOf(file).filter(name => files.includes(name))]));
	// What imports nothing of what is left is taken away, until nothing changes: what stays goes round in circles.
	let left = files;
	for (let before = -1; before !== left.length;) {
		before = left.length;
		const remaining = new Set(left);
		left = left.filter(file => imports.get(file)!.some(name => remaining.has(name)));
	}
	assert.deepEqual(
		left.filter(file => left.some(other => imports.get(other)!.includes(file))),
		[],
	);
});

/** Characters. Larger files are divided by subject. */
const largest = 10_000;
/** Files that are still to be divided, with the size that they must not pass. Nothing may be added. */
const toBeDivided: Readonly<Record<string, number>> = {
	'commands/look/status-text.ts': 13_000,
	'commands/runs/print-job-logs.ts': 11_500,
	'commands/runs/runs.ts': 14_000,
	'commands/setup/doctor.ts': 12_500,
	'commands/setup/init.ts': 11_000,
	'commands/setup/report.ts': 12_000,
	'commands/table/acting.ts': 10_500,
	'commands/table/table.ts': 11_000,
	'core/evidence/subjects.ts': 14_500,
	'core/evidence/tier.ts': 12_000,
	'core/gate/tiers.ts': 13_500,
	'core/operations/journal-fold.ts': 15_000,
	'core/operations/verdict.ts': 14_000,
	'core/plan/plan-of.ts': 11_000,
	'core/plan/promotion.ts': 11_500,
	'core/snapshot/attribution.ts': 11_000,
	'core/snapshot/correlate.ts': 11_000,
	'doctor/checks/contract.ts': 14_500,
	'doctor/first-contact/first-contact.ts': 11_000,
	'doctor/readings/github.ts': 11_500,
	'github/artifacts/job-logs.ts': 12_000,
	'github/artifacts/test-results.ts': 13_000,
	'github/branches/branches.ts': 10_500,
	'github/branches/locks.ts': 11_000,
	'github/failures/failures.ts': 11_000,
	'github/failures/refusals.ts': 14_000,
	'github/read/graphql-path.ts': 14_500,
	'github/runs/promotion-runs.ts': 12_500,
	'github/runs/run-actions.ts': 12_500,
	'init/map/job-kind.ts': 12_500,
	'init/propose/e2e-steps.ts': 11_500,
	'logs/log-search.ts': 11_500,
	'operations/operations.ts': 15_500,
	'operations/outbox/outbox.ts': 10_500,
	'operations/plan/plan.ts': 10_500,
	'operations/promoter/promote.ts': 11_000,
	'operations/promoter/pull.ts': 12_500,
	'reporter/junit.ts': 10_500,
	'reporter/tap.ts': 10_500,
	'simulator/actions/runs.ts': 13_500,
	'simulator/answer.ts': 13_000,
	'simulator/calls/rest-shapes.ts': 16_500,
	'simulator/graphql/view-repository.ts': 13_000,
	'simulator/model/model.ts': 13_500,
	'simulator/rest/rest-actions.ts': 14_500,
	'simulator/rest/rest-deployments.ts': 10_500,
	'state/dialogs/update-dialog.ts': 16_500,
	'state/effects.ts': 13_500,
	'state/keys/keys.ts': 15_500,
	'state/keys/operation-keys.ts': 10_500,
	'state/logs/update-job-log.ts': 12_500,
	'state/operations/update-operations.ts': 11_000,
	'state/runs/update-runs.ts': 11_500,
	'state/tests/test-select.ts': 11_000,
	'state/update-confirm.ts': 12_500,
	'state/update-view.ts': 13_000,
	'state/update.ts': 13_500,
	'tuning/terminal/input-bytes.ts': 10_500,
	'ui/panes/board/details.ts': 11_500,
	'ui/panes/board/gate.ts': 12_500,
	'ui/panes/dialogs/dialogs.ts': 13_500,
	'ui/panes/dialogs/promotion.ts': 12_000,
	'ui/panes/logs/job-log.ts': 14_000,
	'ui/panes/tests/tests.ts': 14_500,
	'ui/picture.ts': 15_000,
};

test('files stay small', () => {
	for (const file of files.filter(name => !name.includes('generated'))) {
		const size = readFileSync(resolve(source, file), 'utf8').length;
		const allowed = toBeDivided[file] ?? largest;
		assert.ok(size <= allowed, `${file} has ${size} characters of ${allowed}`);
		assert.ok(allowed === largest || size > largest, `${file} is small enough: strike it off the list`);
	}
	assert.deepEqual(
		Object.keys(toBeDivided).filter(name => !files.includes(name)),
		[],
		'files that are gone',
	);
});
