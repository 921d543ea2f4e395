/** A script that prints 200 MB under the real supervisor: what that costs in memory and time, and whether the log is whole. */
import {existsSync, readFileSync, statSync} from 'node:fs';
import {createStage, refA, refB, supervisorEntry, until} from '../helpers/supervised.ts';
import {milliseconds, type Bench} from './measure.ts';

const megabytes = 200;
const line = "printf 'deployctl/1 2026-11-24T00:00:00Z +0.1 %s\\n'";
/** Secrets and escape sequences among what it prints, a step before and after. */
const script = `#!/bin/sh
# Contract: deployctl/1
${line} 'begin flood'
yes "$(printf '\\033[31mred\\033[0m token %s %s' "$MY_TOKEN" "$(seq -s ' ' 60)")" | head -c ${megabytes * 1_000_000}
echo
${line} 'ok flood'
${line} 'end rollback exit=0 result=rolled-back live=${refA.release}'
touch over
`;

export const flood = async (): Promise<Bench> => {
	const it = createStage();
	try {
		it.script(script);
		const plan = it.plan({kind: 'rollback', scriptKind: 'contract', from: refB, to: refA});
		const files = it.ask(plan);
		const startedAt = performance.now();
		// GitHub is out of reach: a rollback does without.
		const {child, ended} = it.supervise(files.directory, {
			entry: supervisorEntry,
			env: {
				MY_TOKEN: 'hunter2hunter2',
				GH_TOKEN: 'none',
				GITHUB_API_URL: 'http://127.0.0.1:9',
				GITHUB_GRAPHQL_URL: 'http://127.0.0.1:9/graphql',
			},
		});
		let [peak, overAt, finishedAt] = [0, 0, 0];
		await until(
			'it is over',
			async () => {
				const status = `/proc/${child.pid}/status`;
				peak = Math.max(
					peak,
					existsSync(status)
						? Number(/VmHWM:\s+(\d+)/.exec(readFileSync(status, 'utf8'))?.[1] ?? 0) / 1024
						: 0,
				);
				if (overAt === 0 && it.text('over') !== null) overAt = performance.now();
				if (finishedAt === 0 && (await it.types(plan.id)).includes('finished')) finishedAt = performance.now();
				return child.exitCode !== null;
			},
			300_000,
		);
		await ended;
		const operation = await it.operation(plan.id);
		const log = readFileSync(files.log, 'latin1');
		return {
			title: `A script that prints ${megabytes} MB`,
			columns: ['what', 'result'],
			rows: [
				[
					'outcome',
					`${operation?.outcome}, steps: ${operation?.steps.map(({name, status}) => `${name} ${status}`).join(', ')}`,
				],
				['script, begin to end', `${milliseconds(overAt - startedAt)} ms`],
				['from its end to the verdict (log masked and synced)', `${milliseconds(finishedAt - overAt)} ms`],
				[
					'log on disk',
					`${(statSync(files.log).size / 1e6).toFixed(1)} MB, secrets in it: ${log.split('hunter2').length - 1}`,
				],
				['peak memory of the supervisor', `${peak.toFixed(0)} MB`],
				['journal', `${(await it.types(plan.id)).length} records`],
			],
		};
	} finally {
		await it.close();
	}
};
