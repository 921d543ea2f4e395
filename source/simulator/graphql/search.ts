/** Search as GraphQL has it, as far as pull requests go: issues, users and code do not exist here. A qualifier that is not known is an error, never a filter that is silently left out. */
import type {GraphQLResolveInfo} from 'graphql';
import {type Paging, connection} from './connection.ts';
import type {Context} from '../calls/context.ts';
import {githubError} from '../limits/limits.ts';
import type {PullRequest} from '../model/pull-model.ts';
import {pullView} from './view-pulls.ts';

type Holds = (pull: PullRequest) => boolean;

/** One word of a search; a quoted one may contain spaces. */
const word = /(?:(?<![\w-])([\w-]+):)?(?:"([^"]*)"|(\S+))/g;

function condition(context: Context, qualifier: string | undefined, value: string): Holds {
	const {repository} = context.state;
	const login = value === '@me' ? context.viewer.login : value;
	switch (qualifier) {
		case undefined:
			return pull => pull.title.toLowerCase().includes(value.toLowerCase());
		case 'repo':
			return () => value.toLowerCase() === `${repository.owner}/${repository.name}`.toLowerCase();
		case 'is':
		case 'state':
		case 'type':
			return pull =>
				[
					'pr',
					pull.state === 'OPEN' ? 'open' : 'closed',
					...(pull.state === 'MERGED' ? ['merged'] : []),
					...(pull.isDraft ? ['draft'] : []),
				].includes(value);
		case 'author':
			return pull => pull.author.login === login;
		case 'head':
			return pull => pull.head === value;
		case 'base':
			return pull => pull.base === value;
		// Nobody is ever asked by name.
		case 'review-requested':
		case 'assignee':
		case 'mentions':
			return () => false;
		default:
			throw githubError('UNPROCESSABLE', `The simulator cannot search by ${qualifier}`);
	}
}

export type SearchArguments = Paging & {query: string; type: string};

/** Newest first. */
export function search(context: Context, args: SearchArguments, info: GraphQLResolveInfo): object {
	const conditions = [...args.query.matchAll(word)].map(([, qualifier, quoted, plain]) =>
		condition(context, qualifier, quoted ?? plain ?? ''),
	);
	const pulls =
		['ISSUE', 'ISSUE_ADVANCED'].includes(args.type) && context.token !== 'no-access'
			? context.state.pulls.filter(pull => conditions.every(holds => holds(pull))).toReversed()
			: [];
	return connection(pulls, args, info, pull => pullView(context, pull), {
		issueCount: pulls.length,
		codeCount: 0,
		discussionCount: 0,
		repositoryCount: 0,
		userCount: 0,
		wikiCount: 0,
	});
}
