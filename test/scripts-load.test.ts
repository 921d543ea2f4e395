/** Switches and rollbacks under constant load with keep-alive and slow requests: no request fails, through the templates' proxy and through real nginx. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {nginx, openFronted} from './helpers/fronted.ts';

const sha = (digit: string) => digit.repeat(40);
/** More by the environment, for those who want to be sure: DEPLOYCTL_SWITCHES=25. */
const rounds = Number(process.env['DEPLOYCTL_SWITCHES'] ?? 2);

for (const front of ['proxy', 'nginx'] as const) {
	test(
		`${front}: deployments, rollbacks and a bad release, and not one request fails`,
		{
			skip:
				front === 'nginx' && nginx === null
					? 'nginx is not installed here'
					: process.platform !== 'linux'
						? 'the host half of the scripts needs Linux'
						: false,
		},
		async t => {
			const place = await openFronted(front);
			t.after(() => place.close());
			await place.ready();
			const first = await place.deploy(sha('a'));
			assert.deepEqual([first.exit, first.result], [0, 'deployed'], first.output);
			const stop = place.load();
			t.after(stop);
			let switches = 0;
			for (let round = 0; round < rounds; round++) {
				const next = await place.deploy(
					sha(((round % 5) + 1).toString()).slice(0, 39) + (round % 10).toString(),
				);
				assert.deepEqual([next.exit, next.result], [0, 'deployed'], next.output);
				const back = await place.rollback();
				assert.deepEqual([back.exit, back.result], [0, 'rolled-back'], back.output);
				switches += 2;
			}
			place.behave(sha('f'), 'health=503');
			const bad = await place.deploy(sha('f'));
			assert.ok([10, 20].includes(bad.exit ?? -1), bad.output);
			const {sent, failures} = await stop();
			t.diagnostic(`${failures.length} of ${sent} requests failed in ${switches} switches and one bad release`);
			assert.ok(sent > 500, `only ${sent} requests were sent`);
			assert.deepEqual(failures.slice(0, 5), []);
		},
	);
}
