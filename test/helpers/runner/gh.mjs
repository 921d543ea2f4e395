#!/usr/bin/env node
/** As much of `gh` as workflows use: `gh api` and `gh workflow run`, against GITHUB_API_URL. Anything else ends with 64, loudly. */
import {appendFileSync, readFileSync} from 'node:fs';

const fail = (text, code = 1) => {
	process.stderr.write(`gh: ${text}\n`);
	process.exit(code);
};
// What was asked for, for tests that want to know.
if (process.env.CALLS) appendFileSync(process.env.CALLS, `${JSON.stringify(process.argv.slice(2))}\n`);
const token = process.env.GH_TOKEN || process.env.GITHUB_TOKEN;
if (!token) fail('To use GitHub CLI in a GitHub Actions workflow, set the GH_TOKEN environment variable.', 4);

const request = async (method, path, body) => {
	const response = await fetch(`${process.env.GITHUB_API_URL}/${path.replace(/^\//, '')}`, {
		method,
		headers: {authorization: `bearer ${token}`, 'content-type': 'application/json'},
		...(body !== undefined && {body: JSON.stringify(body)}),
	});
	const text = await response.text();
	if (!response.ok) {
		process.stdout.write(text);
		let message = text;
		try {
			message = JSON.parse(text).message;
		} catch {}
		fail(`${message} (HTTP ${response.status})`);
	}
	return text === '' ? null : JSON.parse(text);
};

/** What of jq is more than a path, word for word: an expression that is not here is a failure, not a guess. */
const expressions = {
	'.[].ref | sub("^refs/heads/"; "")': value => value.map(({ref}) => ref.replace(/^refs\/heads\//, '')),
	'.workflow_runs[].head_sha': value => value.workflow_runs.map(run => run.head_sha),
	'.[] | "\\(.id) \\(.sha)"': value => value.map(({id, sha}) => `${id} ${sha}`),
};

/** `.a.b[0].c` and `.a[].b`, nothing more; all that it leads to. */
const pick = (value, filter) => {
	if (!/^\.(?:[\w-]+|\[\d*\])?(?:\.[\w-]+|\[\d*\])*$/.test(filter))
		fail(`this --jq is not known here: ${filter}`, 64);
	let values = [value];
	for (const [, name, index] of filter.matchAll(/\.?([\w-]+)|\[(\d*)\]/g))
		values = index === '' ? values.flatMap(each => each ?? []) : values.map(each => each?.[name ?? Number(index)]);
	return values;
};

const typed = text =>
	text === 'true'
		? true
		: text === 'false'
			? false
			: text === 'null'
				? null
				: /^-?\d+$/.test(text)
					? Number(text)
					: text;
const put = (body, assignment, convert) => {
	const at = assignment.indexOf('=');
	body[assignment.slice(0, at)] = convert(assignment.slice(at + 1));
};

const api = async args => {
	let [method, path, filter, silent, input] = [null, null, null, false, null];
	const body = {};
	for (let at = 0; at < args.length; at++) {
		const word = args[at];
		const value = () => args[++at];
		if (word === '-X' || word === '--method') method = value();
		else if (word === '-f' || word === '--raw-field') put(body, value(), text => text);
		else if (word === '-F' || word === '--field') put(body, value(), typed);
		else if (word === '-q' || word === '--jq') filter = value();
		else if (word === '-H' || word === '--header') value();
		else if (word === '--silent') silent = true;
		else if (word === '--input') input = value();
		else if (word.startsWith('-')) fail(`this flag is not known here: ${word}`, 64);
		else path = word;
	}
	const sent = input === null ? body : JSON.parse(readFileSync(input === '-' ? 0 : input, 'utf8'));
	const has = input !== null || Object.keys(body).length > 0;
	// Fields of a question stand in its address.
	const isQuestion = method === 'GET' && has;
	const answer = await request(
		method ?? (has ? 'POST' : 'GET'),
		isQuestion ? `${path}?${new URLSearchParams(sent)}` : path,
		has && !isQuestion ? sent : undefined,
	);
	if (silent || answer === null) return;
	for (const chosen of filter === null ? [answer] : (expressions[filter]?.(answer) ?? pick(answer, filter)))
		process.stdout.write(
			`${typeof chosen === 'object' && chosen !== null ? JSON.stringify(chosen) : (chosen ?? '')}\n`,
		);
};

const runWorkflow = async args => {
	let [file, ref, repository] = [null, null, process.env.GH_REPO ?? process.env.GITHUB_REPOSITORY];
	const inputs = {};
	for (let at = 0; at < args.length; at++) {
		const word = args[at];
		if (word === '--ref' || word === '-r') ref = args[++at];
		else if (word === '--repo' || word === '-R') repository = args[++at];
		else if (['-f', '--raw-field', '-F', '--field'].includes(word)) put(inputs, args[++at], text => text);
		else if (word.startsWith('-')) fail(`this flag is not known here: ${word}`, 64);
		else file = word;
	}
	await request('POST', `repos/${repository}/actions/workflows/${file}/dispatches`, {
		ref: ref ?? (await request('GET', `repos/${repository}`)).default_branch,
		inputs,
	});
};

const [command, ...rest] = process.argv.slice(2);
if (command === 'api') await api(rest);
else if (command === 'workflow' && rest[0] === 'run') await runWorkflow(rest.slice(1));
else fail(`this command is not known here: ${process.argv.slice(2).join(' ')}`, 64);
