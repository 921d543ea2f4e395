import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {maskerOf, maskText, secretsFrom} from '../source/core/text/mask.ts';
import {runs} from './helpers/fuzz.ts';

const binary = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
/** Characters of a key, not a key; its marks are put together, so that no scanner of sources takes fright. */
const keyMark = (word: string) => `-----${word} RSA PRIVATE KEY-----`;
const base64Line = (seed: number) =>
	Buffer.from(Array.from({length: 48}, (_, index) => (index * 37 + seed * 101) % 256)).toString('base64');
const privateKey = [keyMark('BEGIN'), base64Line(1), base64Line(2), 'c2hvcnQ=', keyMark('END')];

test('secrets come from variables whose names tell, paths and words about secrets do not', () => {
	assert.deepEqual(
		secretsFrom({
			GITHUB_TOKEN: 'token-of-mine',
			npm_config__auth: 'YWxhZGRpbjpvcGVu',
			PGPASSWORD: 'correct horse',
			SENTRY_DSN: 'https://abc@sentry.example/1',
			SLACK_WEBHOOK_URL: 'https://hooks.example/T/B/x',
			dbPassword: 'battery-staple',
			MY_KEY: '/J7x+notapath/2',
			DATABASE_URL: 'postgres://app:s3cr%20etpw@db/x',
			SSH_AUTH_SOCK: '/tmp/ssh-1/agent.2',
			GIT_AUTHOR_NAME: 'Ada Lovelace',
			MONKEY_MODE: 'banana-split',
			KEYBOARD: 'german-dvorak',
			GOOGLE_APPLICATION_CREDENTIALS: '/home/ada/key.json',
			DB_PASSWORD_FILE: 'run-secrets-db',
			PWD: '/srv/application',
			AUTH_URL: 'https://login.example/oauth',
			API_TOKEN: 'short',
			TOKENIZERS_PARALLELISM: 'disabled-by-me',
			HOME: '/home/ada',
			SECRET_LINE: '--------',
			EMPTY_SECRET: undefined,
		}),
		[
			'https://abc@sentry.example/1',
			'https://hooks.example/T/B/x',
			'YWxhZGRpbjpvcGVu',
			'/J7x+notapath/2',
			'battery-staple',
			'token-of-mine',
			'correct horse',
			's3cr%20etpw',
			's3cr etpw',
		].toSorted((a, b) => b.length - a.length),
	);
});

test('a value of several lines is masked line by line', () => {
	const secrets = secretsFrom({DEPLOY_KEY: 'first line of it\nshort\r\nsecond line of it\n'});
	assert.deepEqual(secrets, ['second line of it', 'first line of it']);
	assert.equal(maskText('a first line of it\nshort\nb second line of it', secrets), 'a ***\nshort\nb ***');
});

test('a secret is found in every form in which programs write it', () => {
	const secret = 'pä"ss/wörd &<1>\'x+y';
	const encode = (text: string) => Buffer.from(text, 'utf8').toString('base64');
	const forms = [
		secret,
		JSON.stringify(secret),
		encodeURIComponent(secret),
		encodeURIComponent(secret).toLowerCase(),
		new URLSearchParams({q: secret}).toString().slice(2),
		encode(secret),
		encode(`u:${secret}`),
		encode(`us:${secret}!`),
		Buffer.from(secret).toString('base64url'),
		`'${secret.replaceAll("'", "'\\''")}'`,
		'pä"ss/wörd &amp;&lt;1&gt;\'x+y',
	];
	for (const form of forms) {
		for (const text of [`before ${form} after`, binary(`before ${form} after`)]) {
			const masked = maskText(text, [secret]);
			assert.match(masked, /^before .{0,9}\*\*\*.{0,6} after$/, form);
		}
	}
	const long = 'abcdefghij'.repeat(12);
	const wrapped = encode(long)
		.match(/.{1,76}/g)!
		.join('\n');
	assert.equal(maskText(wrapped, [long]), '***\n***\n***');
});

test('well-known shapes are masked without being known', () => {
	const filler = 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3gH6';
	const upper = 'A3D6G9J2M5P8S1V4';
	const cases: [string, string][] = [
		...['ghp_', 'gho_', 'ghs_', 'ghu_', 'ghr_', 'github_pat_', 'npm_', 'glpat-'].map((prefix): [string, string] => [
			`x ${prefix}${filler} y`,
			'x *** y',
		]),
		[`id AKIA${upper}.`, 'id ***.'],
		[`AWS_SECRET_ACCESS_KEY=${filler}/+`, 'AWS_SECRET_ACCESS_KEY=***'],
		[`aws_secret_access_key = ${filler}`, 'aws_secret_access_key = ***'],
		[['xoxb', '123456789012', 'abcdefABCDEF'].join('-'), '***'],
		['POST https://hooks.slack.com/services/T00/B00/abcDEF ok', 'POST https://hooks.slack.com/services/*** ok'],
		['"https://discord.com/api/webhooks/123/abc-DEF"', '"https://discord.com/api/webhooks/***"'],
		[`jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${filler}`, 'jwt ***'],
		[`> Authorization: Bearer ${filler}`, '> Authorization: Bearer ***'],
		['"authorization": "token abc.def"', '"authorization": "token ***"'],
		["curl -H 'Authorization: Basic dTpw' https://x", "curl -H 'Authorization: Basic ***' https://x"],
		['postgres://app:hunter2@db:5432/app', 'postgres://app:***@db:5432/app'],
		['https://x-access-token:abc@github.com/a/b', 'https://x-access-token:***@github.com/a/b'],
		['password=hunter2 user=ada', 'password=*** user=ada'],
		['{"password": "hun ter", "user": "ada"}', '{"password": "***", "user": "ada"}'],
		['{"password": "hun\\"ter"}', '{"password": "***"}'],
		['{\\"token\\":\\"abc\\"}', '{\\"token\\":\\"***\\"}'],
		['db_password: hunter22', 'db_password: ***'],
		['//registry.npmjs.org/:_authToken=abcd', '//registry.npmjs.org/:_authToken=***'],
		['login --token hunter2 --verbose', 'login --token *** --verbose'],
		['curl -u ada:hunter2 x', 'curl -u ada:*** x'],
		['Set-Cookie: sid=1; Path=/', 'Set-Cookie: ***'],
	];
	for (const [text, masked] of cases) {
		assert.equal(maskText(text, []), masked);
		assert.equal(maskText(masked, []), masked, 'is masked already');
		assert.equal(maskText(`\u001B[31m${text}\u001B[0m`, []).replaceAll(/\u001B\[\d+m/g, ''), masked);
	}
});

test('private keys: each line of them, with a prefix, in one line, and no further than they go', () => {
	const ended = [privateKey[0], '***', '***', '***', privateKey[4]];
	assert.equal(maskText(['a', ...privateKey, 'plain'].join('\n'), []), ['a', ...ended, 'plain'].join('\n'));
	assert.equal(
		maskText(privateKey.join('\r\n'), []),
		[privateKey[0], '***', '***', '***', privateKey[4]].join('\r\n'),
	);
	const prefixed = (lines: readonly (string | undefined)[]) =>
		lines.map((line, index) => `10:00:0${index} | ${line}`).join('\n');
	assert.equal(maskText(prefixed(privateKey), []), prefixed(ended));
	assert.equal(maskText(`x "${privateKey.join('\\n')}" y`, []), `x "${privateKey[0]}***${privateKey[4]}" y`);
	assert.equal(
		maskText(`expected ${privateKey[0]}\nbut there was none\n${base64Line(3)}`, []),
		`expected ${privateKey[0]}\nbut there was none\n${base64Line(3)}`,
	);
	const endless = [privateKey[0], ...Array.from({length: 300}, () => base64Line(5))].join('\n');
	assert.equal(
		maskText(endless, [])
			.split('\n')
			.filter(line => line === '***').length,
		256,
	);
});

test('escape sequences within a secret do not save it', () => {
	const secrets = ['open-sesame'];
	for (const hidden of [
		'open\u001B[1m-sesame',
		'open\u001B]0;t\u0007-sesame',
		'\u001B[7mo\u001B[0mpen-s\u001B[Kesame',
		'open-\u00C2\u009B1msesame',
		'open\u001B(B-sesame',
	]) {
		assert.equal(
			maskText(`\u001B[32mok\u001B[0m\n${hidden}!\nnext`, secrets),
			'\u001B[32mok\u001B[0m\n***!\nnext',
			JSON.stringify(hidden),
		);
	}
	assert.equal(maskText('\u001B]0;open-sesame\u0007x', secrets), '\u001B]0;***\u0007x');
	assert.equal(
		maskText(`\u001B[1m${privateKey.join('\u001B[0m\n\u001B[1m')}`, []),
		[privateKey[0], '***', '***', '***', privateKey[4]].join('\n'),
	);
});

test('ordinary output stays as it is', () => {
	for (const text of [
		'deployctl/1 2026-11-24T02:03:04Z +12s note release id=20261124T020304Z-3f2a9c1 sha=3f2a9c1d live=yes healthy=unknown',
		'error: invalid token: unexpected end of input',
		'secret: not found',
		'at http://localhost:3000/health 200',
		'5:03 token=true password=$DB_PASSWORD --token <token>',
		'git@github.com:acme/app.git',
		'docker run -u 1000:1000 app',
		'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
		'max_tokens=4096 tokens: 12345678',
		'✓ 中文 \u{1F600}',
		'\u001B[32mok\u001B[0m 100 %\r\n',
		'',
		'\n\n',
		'keys: 12345678 monkey=banana',
	])
		assert.equal(maskText(text, ['never printed']), text);
});

test('a flood that is made to be slow is not: each of these is quadratic where a search is not bounded', () => {
	const masker = maskerOf(['open-sesame']);
	for (const part of [
		'--a-b-',
		'token:aaaa',
		'cookie:',
		'--user=aaaa',
		'eyJabcdefgh',
		'https://a',
		'://a:b',
		'TOKEN',
		'token \t',
		'+',
		'-----BEGIN A ',
		'"password": "',
		'\u001B]',
		'\u001B[1',
	]) {
		masker.text(part.repeat(1_000_000 / part.length));
		masker.text(`${keyMark('BEGIN')}\n${part.repeat(1_000_000 / part.length)}é`);
	}
});

const letters = fc
	.string({unit: fc.constantFrom(...'abAB01+/=-_.%"\' \\&<é中😀'), minLength: 8, maxLength: 30})
	.filter(text => text.trim() === text);
const secretSets = fc.uniqueArray(letters, {minLength: 1, maxLength: 4});
const pieces = (text: string, sizes: readonly number[]) => {
	const parts: string[] = [];
	for (let at = 0, turn = 0; at < text.length; turn++) {
		const size = sizes[turn % sizes.length]!;
		parts.push(text.slice(at, at + size));
		at += size;
	}
	return parts;
};

test('property: no secret survives, in any form, in any pieces, with lines of any length', () => {
	const texts = secretSets.chain(secrets => {
		const forms = secrets.flatMap(secret => [
			secret,
			encodeURIComponent(secret),
			Buffer.from(secret).toString('base64'),
			JSON.stringify(secret).slice(1, -1),
		]);
		return fc.record({
			secrets: fc.constant(secrets),
			forms: fc.constant(forms),
			text: fc
				.array(
					fc.oneof(
						fc.constantFrom(...forms),
						fc.constantFrom('\n', '\r\n', ' ', 'x', '\u001B[31m', 'word ', 'é'),
					),
					{minLength: 1, maxLength: 40},
				)
				.map(parts => parts.join('')),
			sizes: fc.array(fc.integer({min: 1, max: 50}), {minLength: 1, maxLength: 5}),
			lineAtMost: fc.integer({min: 1, max: 400}),
		});
	});
	fc.assert(
		fc.property(texts, ({secrets, forms, text, sizes, lineAtMost}) => {
			const masker = maskerOf(secrets);
			const whole = masker.text(text);
			const stream = masker.stream(lineAtMost);
			const streamed =
				pieces(text, sizes)
					.map(piece => stream.write(piece))
					.join('') + stream.end();
			const inBytes = Buffer.from(masker.text(binary(text)), 'latin1').toString('utf8');
			for (const result of [whole, streamed, inBytes]) {
				for (const form of forms) assert.ok(!result.includes(form), JSON.stringify([form, result]));
				assert.equal(result.split('\n').length, text.split('\n').length, 'as many lines');
			}
			const roomy = masker.stream();
			assert.equal(
				pieces(text, sizes)
					.map(piece => roomy.write(piece))
					.join('') + roomy.end(),
				whole,
				'pieces make no difference',
			);
		}),
		runs(300),
	);
});

test('property: a value after a telling name does not survive being cut out of an endless line', () => {
	fc.assert(
		fc.property(
			fc.integer({min: 0, max: 300}),
			fc.integer({min: 1, max: 60}),
			fc.constantFrom('password=', '--token ', '"secret": "', 'https://ada:'),
			(before, size, name) => {
				const stream = maskerOf([]).stream(80);
				const text = `${'y '.repeat(before)}${name}s3cretvalue@host ${'z '.repeat(200)}`;
				const masked =
					pieces(text, [size])
						.map(piece => stream.write(piece))
						.join('') + stream.end();
				assert.ok(!masked.includes('s3cretvalue') && masked.includes('***'), masked);
			},
		),
		runs(300),
	);
});

test('property: text without secrets is given back unchanged', () => {
	fc.assert(
		fc.property(
			fc.string({unit: fc.constantFrom(...'ab \n\t:/.é中\u001B[m31;\u0007\r'), maxLength: 200}),
			fc.array(fc.integer({min: 1, max: 20}), {minLength: 1, maxLength: 3}),
			(text, sizes) => {
				const masker = maskerOf(['CORRECT HORSE BATTERY']);
				assert.equal(masker.text(text), text);
				for (const lineAtMost of [10, undefined]) {
					const stream = masker.stream(lineAtMost);
					assert.equal(
						pieces(text, sizes)
							.map(piece => stream.write(piece))
							.join('') + stream.end(),
						text,
					);
				}
			},
		),
		runs(500),
	);
});
