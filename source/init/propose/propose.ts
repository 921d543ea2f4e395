/** Every file of ours as it would be in this repository. Pure but for reading the templates: the same answers give the same files. */
import {sanitise} from '../../core/text/sanitise.ts';
import {usageFailure} from '../../errors.ts';
import {byHand} from './by-hand.ts';
import {configText} from './config.ts';
import {documentFiles} from './documents.ts';
import {isAddress} from '../inspect/hosts.ts';
import type {Answers, GeneratedFile, Inspection, Mapping, Proposal} from '../model.ts';
import {namesOf} from './names.ts';
import {scriptFiles, scriptsOf} from './scripts.ts';
import {workflowFiles} from './workflows.ts';

export {defaultAnswers} from './answers.ts';

/** As git allows it, without what a shell, YAML or a workflow would read. */
const isBranch = (name: string): boolean =>
	/^(?![-./])[\w./+@-]{1,200}$/.test(name) &&
	!name.includes('..') &&
	!name.includes('//') &&
	!/(?:\/|\.|\.lock)$/.test(name);

const checked = ({staging, production, shards, urls}: Answers): void => {
	for (const [which, name] of [
		['staging', staging],
		['production', production],
	] as const)
		if (!isBranch(name))
			throw usageFailure(
				`${sanitise(name, 80)} is not a name for the ${which} branch`,
				'Name a branch of letters, digits and ./-_',
			);
	if (staging === production)
		throw usageFailure(
			`Staging and production are both ${sanitise(staging, 80)}`,
			'Name two branches: what is pushed to the first goes to staging, what reaches the second to production.',
		);
	if (!Number.isInteger(shards) || shards < 1 || shards > 64)
		throw usageFailure(`${shards} shards are not possible`, 'Name a number from 1 to 64.');
	for (const [name, url] of Object.entries(urls))
		if (!isAddress(url))
			throw usageFailure(
				`${sanitise(url, 120)} is not a URL for ${sanitise(name, 40)}`,
				'Expected one such as https://staging.example.org, without user, query or spaces.',
			);
};

/** Throws a Failure for answers that cannot be. */
export const propose = (inspection: Inspection, answers: Answers, mapping: Mapping): Proposal => {
	checked(answers);
	const names = namesOf(inspection, answers, mapping);
	const scripts = scriptsOf(inspection);
	const hasSmoke =
		names.mapped('smoke') !== null || (inspection.e2e !== null && inspection.e2e.smokeCommand !== null);
	const config: GeneratedFile = {
		path: 'deployctl.yml',
		content: configText(inspection, answers, names, scripts, hasSmoke),
		mode: 0o644,
		group: 'config',
		why: 'What deployctl knows about this repository',
		isToFillIn: true,
	};
	const files = [config, ...workflowFiles(inspection, answers, names, scripts), ...scriptFiles(inspection, answers)];
	const todo = byHand(inspection, answers, names, scripts);
	return {
		inspection,
		answers,
		mapping,
		files: [...files, ...documentFiles(inspection, answers, names, scripts, files, todo, hasSmoke)],
		byHand: todo,
	};
};
