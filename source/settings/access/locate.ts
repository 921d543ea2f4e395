/** Which repository, on which host. The token for it is found in `token.ts`. */
import {sanitise} from '../../core/text/sanitise.ts';
import {Failure, exitCodes, usageFailure} from '../../errors.ts';
import type {Environment} from '../hosts/endpoints.ts';
import type {Files} from '../checkout/files.ts';
import {findOrigin, unknownAlias} from '../checkout/origin.ts';
import {hostFrom, parseRepositoryName} from '../hosts/repository-name.ts';
import type {PartialRepositoryName, RepositoryName} from '../hosts/repository-name.ts';
import type {Run} from '../checkout/run.ts';
import {waysOn} from './ways-on.ts';

export type LocatedRepository = RepositoryName & {
	source: '--repo' | 'GH_REPO' | 'deployctl.yml' | 'origin';
	/** Whether the person named the host, rather than a file of the checkout. */
	isExplicit: boolean;
};

export type RepositoryQuestion = {
	/** What `--repo` says; null without it. */
	flag: string | null;
	/** `repository` of the settings. */
	configured: string | null;
	directory: string;
	env: Environment;
	files: Files;
	run: Run;
};

type Named = {source: LocatedRepository['source']; text: string};

const namedBy = ({flag, env, configured}: RepositoryQuestion): Named | null => {
	if (flag !== null) {
		return {source: '--repo', text: flag};
	}

	if (env['GH_REPO']) {
		return {source: 'GH_REPO', text: env['GH_REPO']};
	}

	return configured === null ? null : {source: 'deployctl.yml', text: configured};
};

const parsedName = ({source, text}: Named): PartialRepositoryName => {
	const repository = parseRepositoryName(text);
	if (repository === null) {
		throw usageFailure(
			`${source} names no repository: "${sanitise(text, 80)}"`,
			'write [HOST/]OWNER/NAME, such as acme/auto-author',
		);
	}

	return repository;
};

/** null: the variable is not set. Throws a `Failure` (usage) when it holds no host. */
const hostVariable = (env: Environment): string | null => {
	const text = env['GH_HOST'];
	if (!text) {
		return null;
	}

	const host = hostFrom(text);
	if (host === null) {
		throw usageFailure(
			`GH_HOST names no host: "${sanitise(text, 80)}"`,
			'write the host alone, such as github.example.org',
		);
	}

	return host;
};

/** Nothing here says which repository is meant. */
export const nowhere = () =>
	new Failure('There is no repository in this folder', {
		because: 'it is in no checkout whose origin remote is a repository on GitHub, and none was named',
		next: 'go into a checkout; or name it with --repo OWNER/NAME (or GH_REPO); or write "repository: OWNER/NAME" into deployctl.yml',
		ways: waysOn,
		exitCode: exitCodes.usage,
	});

/** `--repo` with what the address says of the repository, where that is one. */
const behindAlias = ({alias, path}: {alias: string; path: string}) => {
	const name = parseRepositoryName(path.replace(/^\//, ''));
	const repository = name === null ? 'OWNER/NAME' : `${name.owner}/${name.name}`;
	return new Failure('The host of the repository is not known', {
		because: `the origin remote calls it "${sanitise(alias, 60)}", and ssh knows no host of that name here`,
		next: `name it: --repo ${repository} (on github.com) or --repo HOST/${repository}; or add HostName for ${sanitise(alias, 60)} to ~/.ssh/config`,
		exitCode: exitCodes.usage,
	});
};

const fromOrigin = async (question: RepositoryQuestion, wanted: string | null): Promise<LocatedRepository> => {
	const origin = await findOrigin(question);
	if (origin === null) {
		const unknown = await unknownAlias(question);
		throw unknown === null ? nowhere() : behindAlias(unknown);
	}

	if (wanted !== null && wanted !== origin.host) {
		throw usageFailure(
			`GH_HOST is ${wanted}, but the origin remote is on ${origin.host}`,
			'unset GH_HOST, or name the repository with --repo HOST/OWNER/NAME',
		);
	}

	return {...origin, source: 'origin', isExplicit: false};
};

/**
The repository, from the first of `--repo`, `GH_REPO`, `deployctl.yml` and the origin remote that is there. Its host: named there, else
`GH_HOST`, else (for `deployctl.yml`, which lies in the checkout) the origin remote's, else github.com. Throws a `Failure` (usage).
*/
export const locateRepository = async (question: RepositoryQuestion): Promise<LocatedRepository> => {
	const wanted = hostVariable(question.env);
	const named = namedBy(question);
	if (named === null) {
		return fromOrigin(question, wanted);
	}

	const {host, owner, name} = parsedName(named);
	const {source} = named;
	if (host !== null) {
		return {host, owner, name, source, isExplicit: source !== 'deployctl.yml'};
	}

	const fallback = wanted === null && source === 'deployctl.yml' ? (await findOrigin(question))?.host : undefined;
	return {host: wanted ?? fallback ?? 'github.com', owner, name, source, isExplicit: wanted !== null};
};
