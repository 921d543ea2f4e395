/** Lists as GitHub pages them: `first` or `last` from 1 to 100, opaque cursors, and a refusal when neither is given. */
import {type GraphQLResolveInfo, Kind, type SelectionSetNode} from 'graphql';
import {githubError} from '../limits/limits.ts';

export type Paging = {first?: number | null; last?: number | null; after?: string | null; before?: string | null};

const cursorOf = (index: number) => Buffer.from(`cursor:v2:${index + 1}`).toString('base64');

function indexOf(cursor: string): number {
	const match = /^cursor:v2:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString());
	if (!match) {
		throw githubError('INVALID_CURSOR_ARGUMENTS', `\`${cursor}\` does not appear to be a valid cursor.`);
	}
	return Number(match[1]) - 1;
}

function selects(info: GraphQLResolveInfo, names: readonly string[]): boolean {
	const inside = (set: SelectionSetNode | undefined): boolean =>
		set?.selections.some(selection =>
			selection.kind === Kind.FIELD
				? names.includes(selection.name.value)
				: inside(
						selection.kind === Kind.INLINE_FRAGMENT
							? selection.selectionSet
							: info.fragments[selection.name.value]?.selectionSet,
					),
		) ?? false;
	return info.fieldNodes.some(node => inside(node.selectionSet));
}

export function connection<Item, View>(
	items: readonly Item[],
	paging: Paging,
	info: GraphQLResolveInfo,
	view: (item: Item) => View,
	more: object = {},
): object {
	const {first, last} = paging;
	const name = info.fieldName;
	if ((first ?? last ?? null) === null && selects(info, ['nodes', 'edges'])) {
		throw githubError(
			'MISSING_PAGINATION_BOUNDARIES',
			`You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`,
		);
	}
	for (const [word, value] of [
		['first', first],
		['last', last],
	] as const) {
		if (typeof value === 'number' && value > 100) {
			throw githubError(
				'EXCESSIVE_PAGINATION',
				`Requesting ${value} records on the \`${name}\` connection exceeds the \`${word}\` limit of 100 records.`,
			);
		}
		if (typeof value === 'number' && value < 1) {
			throw githubError(
				'INVALID_PAGINATION',
				`\`${word}\` on the \`${name}\` connection must be between 1 and 100, but is ${value}.`,
			);
		}
	}
	let from = paging.after ? indexOf(paging.after) + 1 : 0;
	let until = paging.before ? indexOf(paging.before) : items.length;
	if (typeof first === 'number') {
		until = Math.min(until, from + first);
	} else if (typeof last === 'number') {
		from = Math.max(from, until - last);
	}
	const page = items.slice(from, Math.max(from, until));
	let views: View[] | null = null;
	const nodes = () => (views ??= page.map(item => view(item)));
	return {
		totalCount: items.length,
		nodes,
		edges: () => nodes().map((node, index) => ({cursor: cursorOf(from + index), node})),
		pageInfo: {
			hasNextPage: from + page.length < items.length,
			hasPreviousPage: from > 0 && items.length > 0,
			startCursor: page.length > 0 ? cursorOf(from) : null,
			endCursor: page.length > 0 ? cursorOf(from + page.length - 1) : null,
		},
		...more,
	};
}
