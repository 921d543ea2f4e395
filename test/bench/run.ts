/** `npm run bench [-- name …]`: measures and prints Markdown. Never fails on a number: machines differ, ratios are to be read. */
import {cpus} from 'node:os';
import type {Bench} from './measure.ts';

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
	version: async () => (await import('./version.ts')).version(),
	startup: async () => (await import('./startup.ts')).startup(),
	keys: async () => (await import('./keys.ts')).keys(),
	idle: async () => (await import('./idle.ts')).idle(),
	polling: async () => (await import('./polling.ts')).polling(),
	reaction: async () => (await import('./reaction.ts')).reaction(),
	promotion: async () => (await import('./promotion.ts')).promotion(),
	rollback: async () => (await import('./rollback.ts')).rollback(),
	switching: async () => (await import('./switching.ts')).switching(),
	flood: async () => (await import('./flood.ts')).flood(),
	race: async () => (await import('./race.ts')).race(),
	record: async () => (await import('./record.ts')).record(),
	logs: async () => (await import('./logs.ts')).logs(),
	reporter: async () => (await import('./reporter.ts')).reporter(),
	'live-e2e': async () => (await import('./live-e2e.ts')).liveE2e(),
	verdict: async () => (await import('./verdict.ts')).verdict(),
	'job-logs': async () => (await import('./job-logs.ts')).jobLogs(),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter(name => benches[name] === undefined);
if (unknown.length > 0) {
	console.error(`No bench is called ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}.`);
	process.exit(2);
}

console.log(
	`Node.js ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}\n`,
);
for (const [name, run] of Object.entries(benches)) {
	if (wanted.length > 0 && !wanted.includes(name)) {
		continue;
	}
	const {title, columns, rows, note} = await run();
	console.log(`### ${title} (\`npm run bench -- ${name}\`)\n`);
	console.log(`| ${columns.join(' | ')} |\n|${columns.map(() => '---').join('|')}|`);
	for (const row of rows) {
		console.log(`| ${row.join(' | ')} |`);
	}
	console.log(note === undefined ? '' : `\n${note}\n`);
}
process.exit(0);
