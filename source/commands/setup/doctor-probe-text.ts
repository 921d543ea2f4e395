/** The report of a first contact: as data, and for people. Neither names the repository, its server or the token, so that it can be sent on. Pure. */
import {safeText} from '../../core/text/safe-text.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import {
	type Contact,
	contactText,
	type Outcome,
	type QuestionContact,
	untried,
} from '../../doctor/first-contact/model.ts';
import type {TokenReading} from '../../doctor/model/model.ts';
import {mask} from '../../github/failures/failures.ts';
import {version} from '../../tuning/version.ts';
import {wrapped} from '../table/layout.ts';
import {plural} from '../../core/text/plural.ts';

type Names = {repository: string; host: string; token: string};
type Around = Names & {
	contact: Contact;
	asked: QuestionContact;
	exitCode: number;
	tokenKind: TokenReading['kind'];
	/** Wall time, milliseconds. */ at: number;
};

/** Words of a server may name the repository, its owner, or where it is. */
const discreet =
	({repository, host, token}: Names) =>
	(text: string): string => {
		const [owner = '', name = ''] = repository.split('/');
		const names: ReadonlyArray<readonly [string, string]> = [
			[repository, 'OWNER/NAME'],
			[host === 'github.com' ? '' : host, 'HOST'],
			[owner, 'OWNER'],
			[name, 'NAME'],
		];
		return names
			.filter(([known]) => known.length > 1)
			.reduce((safe, [known, instead]) => safe.replaceAll(known, instead), safeText(mask(text, token), 500));
	};

export const contactReport = ({contact, asked, exitCode, tokenKind, at, ...names}: Around) => {
	const safe = discreet(names);
	const safeOrNull = (text: string | null) => (text === null ? null : safe(text));
	return {
		probe: {
			program: `deployctl ${version}`,
			checkedAt: new Date(at).toISOString(),
			exitCode,
			server: {
				kind: names.host === 'github.com' ? 'github.com' : 'another host',
				version: contact.serverVersion,
				apiVersion: contact.apiVersion,
				skewMs: contact.skewMs,
			},
			token: {kind: tokenKind, scopes: contact.scopes, permissions: contact.permissions},
			answers: [
				...contact.told.map(({id, outcome, said}) => ({
					id,
					outcome: outcome as Outcome | 'not-tried',
					...contactText({id, outcome}),
					said: safeOrNull(said),
				})),
				...untried(contact.told).map(id => ({
					id,
					outcome: 'not-tried' as const,
					...contactText({id, outcome: 'unknown'}),
					said: null,
				})),
			],
			question: asked.ok
				? {...asked, partial: asked.partial.map(text => safe(text)), because: null}
				: {
						ok: false as const,
						path: null,
						cost: null,
						latencyMs: null,
						remaining: null,
						partial: [],
						because: safe(asked.because),
					},
			environments: contact.environments.map(({name, graphql, rest}) => ({
				name: sanitise(name, 100),
				graphql: safe(graphql),
				rest: safe(rest),
			})),
			// The names of what has to be deleted by hand are those of this probe.
			left: contact.left,
			abandoned: contact.abandoned,
			requests: contact.requests,
			tookMs: contact.tookMs,
		},
	};
};
export type ContactReport = ReturnType<typeof contactReport>;

const words: Readonly<Record<Outcome | 'not-tried', string>> = {
	'as-expected': 'yes',
	otherwise: 'NO',
	unknown: 'unknown',
	'not-tried': 'not tried',
};
const margin = 15;
const columns = 96;

const beside = (label: string, text: string): readonly string[] =>
	wrapped(text, columns - margin).map((line, index) => `${(index === 0 ? `  ${label}` : '').padEnd(margin)}${line}`);

const questionText = ({question: {ok, path, cost, latencyMs, partial, because}}: ContactReport['probe']): string => {
	if (!ok) return `could not be asked: ${because}`;
	const price = path === 'graphql' ? `${plural(cost, 'point')} of GraphQL` : `${cost} requests of REST`;
	return `${price}, ${latencyMs} ms${partial.length === 0 ? '' : `; left out: ${partial.join('; ')}`}`;
};

const tokenText = ({token: {kind, scopes, permissions}}: ContactReport['probe']): string =>
	[
		kind,
		scopes === null ? 'no scopes to name' : `scopes ${scopes.join(', ') || 'none'}`,
		permissions === null
			? 'what it may is not said'
			: permissions.admin
				? 'admin'
				: permissions.push
					? 'may write'
					: 'may only read',
	].join(', ');

export const contactReportText = ({probe}: ContactReport): string => {
	const {program, checkedAt, server, answers, environments, left, abandoned, requests, tookMs} = probe;
	return [
		`First contact with GitHub: ${program}, ${checkedAt.slice(0, 16).replace('T', ' ')} UTC`,
		'',
		...beside(
			'server',
			`${server.kind}${server.version === null ? '' : ` ${server.version}`}, API ${server.apiVersion ?? 'version not said'}${server.skewMs === null ? '' : `, clock ${Math.round(server.skewMs / 1000)} s off ours`}`,
		),
		...beside('token', tokenText(probe)),
		'',
		...answers.flatMap(({outcome, asked, said, meaning}) => [
			...beside(words[outcome], asked),
			...(said === null ? [] : beside('', said)),
			...(meaning === null ? [] : beside('', meaning)),
		]),
		'',
		...beside('one look', questionText(probe)),
		...environments.flatMap(({name, graphql, rest}) =>
			beside('environment', `${name}: GraphQL ${graphql}; REST ${rest}`),
		),
		'',
		...(abandoned === 0 ? [] : beside('', `${plural(abandoned, 'ref')} of an earlier probe taken away`)),
		...(left.length === 0
			? []
			: [
					'  LEFT, to be deleted by hand:',
					...left.map(name => `    gh api -X DELETE repos/OWNER/NAME/git/${name}`),
				]),
		`${requests} requests in ${(tookMs / 1000).toFixed(1)} s. This report names neither the repository nor the token: it can be sent on as it is.`,
		'',
	].join('\n');
};
