/** What the token of a request may do. A token's name may say it: `sim_classic:repo,workflow`, `sim_fine-grained:actions=read`, `sim_app:checks=read,…`. */
import {type DocumentNode, getNamedType, type GraphQLSchema, Kind, TypeInfo, visit, visitWithTypeInfo} from 'graphql';
import {
	fieldNeeds,
	type Grants,
	type Level,
	mayDo,
	needOf,
	type Permission,
	type Permissions,
	typeScopes,
} from '../../core/github/needs.ts';
import {hasScope} from '../../core/github/oauth-scopes.ts';
import {filesOf} from '../model/files.ts';
import {compare, type RefChange} from '../model/git.ts';
import type {State} from '../model/model.ts';
import {message, notFound, type Reply} from './rest-reply.ts';
import type {TokenKind} from '../model/scenario.ts';

const listOf = (text: string): string[] => text.split(',').filter(one => one !== '');
const permissionsIn = (text: string): Permissions =>
	Object.fromEntries(listOf(text).map(one => one.split('=') as [Permission, Level]));

/** Scopes of `sim_classic`: what the documents ask for. Kinds that are no list of grants are refused by themselves, elsewhere. */
export function grantsOf(token: string, kind: TokenKind): Grants {
	const [, sort, list] = /^sim_(classic|fine-grained|app):(.*)$/.exec(token) ?? [];
	const scopes = sort === 'classic' ? listOf(list!) : kind === 'classic' ? ['repo', 'workflow'] : null;
	return {
		scopes,
		permissions: sort === undefined || sort === 'classic' ? null : permissionsIn(list!),
		isFineGrained: sort === 'fine-grained',
	};
}

export const notAccessible = ({isFineGrained}: Grants): string =>
	`Resource not accessible by ${isFineGrained ? 'personal access token' : 'integration'}`;

/** As GitHub refuses over REST: a private repository is hidden from classic tokens without the scope, others are told what they lack. */
export function refuseRest(grants: Grants, method: string, path: string): Reply | null {
	const need = needOf(method, path);
	if (need === undefined || mayDo(grants, need)) {
		return null;
	}
	return grants.scopes === null
		? {
				...message(403, notAccessible(grants)),
				headers: {'x-accepted-github-permissions': `${need.permission}=${need.level}`},
			}
		: notFound();
}

/** Moving a branch to commits that change a workflow needs more than writing. */
export function refuseWorkflows(
	state: State,
	{scopes, permissions, isFineGrained}: Grants,
	changes: readonly RefChange[],
): {type: string; because: string} | null {
	const may =
		(scopes === null || scopes.includes('workflow')) && (permissions === null || permissions.workflows === 'write');
	const path = may
		? undefined
		: changes
				.flatMap(({name, after}) => {
					const from = state.refs.get(name);
					return name.startsWith('refs/heads/') && from !== undefined && state.commits.has(after)
						? filesOf(compare(state, from, after).commits)
						: [];
				})
				.find(file => file.path.startsWith('.github/workflows/'))?.path;
	const [who, what] =
		scopes === null
			? [isFineGrained ? 'a fine-grained personal access token' : 'a GitHub App', '`workflows` permission']
			: ['a Personal Access Token', '`workflow` scope'];
	return path === undefined
		? null
		: {
				type: 'FORBIDDEN',
				because: `refusing to allow ${who} to create or update workflow \`${path}\` without ${what}`,
			};
}

/** What classic tokens are told with every answer. */
export const scopeHeaders = (grants: Grants, method: string, path: string): Record<string, string> =>
	grants.scopes === null
		? {}
		: {
				'x-oauth-scopes': grants.scopes.join(', '),
				'x-accepted-oauth-scopes': (needOf(method, path)?.scopes ?? []).join(', '),
			};

export const mayRead = (grants: Grants, field: string): boolean => {
	const need = fieldNeeds[field];
	return need === undefined || mayDo(grants, need);
};

/** The first field that needs a scope which the token lacks: GitHub refuses the whole document before it looks at anything. */
export function refuseDocument(
	schema: GraphQLSchema,
	document: DocumentNode,
	{scopes}: Grants,
): {type: string; locations: unknown; message: string} | null {
	const types = new TypeInfo(schema);
	let refusal: {type: string; locations: unknown; message: string} | null = null;
	if (scopes !== null) {
		visit(
			document,
			visitWithTypeInfo(types, {
				[Kind.FIELD](node) {
					const parent = types.getParentType();
					const needed = (parent && typeScopes[getNamedType(parent).name]) ?? [];
					if (refusal === null && node.name.value !== '__typename' && !hasScope(scopes, needed)) {
						const list = (all: readonly string[]) => `[${all.map(one => `'${one}'`).join(', ')}]`;
						refusal = {
							type: 'INSUFFICIENT_SCOPES',
							locations: [
								{line: node.loc?.startToken.line ?? 1, column: node.loc?.startToken.column ?? 1},
							],
							message: `Your token has not been granted the required scopes to execute this query. The '${node.name.value}' field requires one of the following scopes: ${list(needed)}, but your token has only been granted the: ${list(scopes)} scopes. Please modify your token's scopes at: https://github.com/settings/tokens.`,
						};
					}
				},
			}),
		);
	}
	return refusal;
}
