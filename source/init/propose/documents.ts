/** The pages under docs/deployment/, filled in for this repository. */
import type {Answers, GeneratedFile, Inspection, Part, Proposal, Task} from '../model.ts';
import type {Names} from './names.ts';
import {filled, type Scripts} from './scripts.ts';
import {busyParts} from './suite.ts';

const titles: Readonly<Record<Task, string>> = {lint: 'lint', typecheck: 'types', unit: 'unit tests', build: 'build'};

const code = (text: string): string => `\`${text.replaceAll('`', "'").replaceAll('|', String.raw`\|`)}\``;

const tested = (parts: readonly Part[], {e2e}: Inspection): string => {
	const rows = busyParts(parts).flatMap(({name, directory, tasks}) =>
		(Object.keys(titles) as Task[]).flatMap(task =>
			tasks[task] === undefined
				? []
				: [`| ${name} | ${code(directory)} | ${titles[task]} | ${code(tasks[task].command)} |`],
		),
	);
	return [
		...(rows.length === 0
			? ['Nothing yet: there is no lint, no unit test and no build. The fast tests are red until there is.']
			: ['| part | folder | what | by |', '| --- | --- | --- | --- |', ...rows]),
		'',
		e2e === null
			? 'There are no end-to-end tests yet: E2E only asks whether staging answers.'
			: `End to end: ${code(e2e.command)} in ${code(e2e.directory)}, against live staging.`,
	].join('\n');
};

const byHand = ({isOurs}: Scripts): string =>
	isOurs
		? `1. \`deployctl lock production -m "by hand"\`, or say so where everybody reads it.
2. \`scripts/rollback.sh --env production --status\`: what is live, who is at work, what was interrupted.
3. It was cut off: run it once more. It goes to where the interrupted run came from.
4. Its target is unhealthy: \`scripts/rollback.sh --env production --list\`, then \`--to RELEASE\`.
5. It cannot run at all: on each host, in the folder \`ROOT\` of \`scripts/deploy.production.conf\`:

   \`\`\`console
   readlink current; ls -1r releases
   grep ' ok ' .deployctl/history | tail -n 5
   ln -s releases/ID .by-hand && mv -Tf .by-hand current
   \`\`\`

   and restart the application as the file's \`RESTART\` says. All of it: https://unpkg.com/deployctl/docs/scripts.md`
		: '1. Keep others away: `deployctl lock production -m "by hand"`, or say so where everybody reads it.\n2. Write down here, before it is needed, how this application is brought back by hand: which hosts, which folder, which command.';

const withoutGithub = ({isOurs, deploy}: Scripts): string =>
	isOurs
		? `The scripts need no GitHub: from a checkout of the commit, \`${deploy} --env production --sha SHA\`; back with \`scripts/rollback.sh --env production\`. Nobody asks the gate then: have a second person read along.`
		: `\`${deploy} production SHA\` needs no GitHub, if it can reach the hosts. Nobody asks the gate then: have a second person read along.`;

export const documentFiles = (
	inspection: Inspection,
	answers: Answers,
	names: Names,
	scripts: Scripts,
	files: readonly GeneratedFile[],
	todo: Proposal['byHand'],
	hasSmoke: boolean,
): readonly GeneratedFile[] => {
	const {remote, defaultBranch, workflows} = inspection;
	const {urls} = answers;
	const kept = workflows
		.map(({file}) => file)
		.filter(file => !files.some(({path}) => path === `.github/workflows/${file}`))
		.toSorted();
	const values = {
		name: remote?.name ?? 'this repository',
		staging: answers.staging,
		production: answers.production,
		fastFile: names.file('fast'),
		deployFile: names.file('deploy'),
		e2eFile: names.file('e2e'),
		smokeFile: names.file('smoke'),
		productionFile: names.file('production'),
		smoke: hasSmoke,
		smokeArrow: hasSmoke ? ', smoke tests' : '',
		tested: tested(inspection.parts, inspection),
		versionToo:
			urls['staging.version'] === undefined
				? ', as soon as `environments.staging.version` is set in `deployctl.yml` and `deployctl init` was run once more.'
				: `, at ${urls['staging.version']}.`,
		stagingUrl: urls['staging'] ?? 'not known yet',
		productionUrl: urls['production'] ?? 'not known yet',
		deployScript: scripts.deploy,
		rollbackScript: scripts.rollback ?? 'nothing yet',
		rollbackLine: scripts.isOurs
			? 'without deployctl: scripts/rollback.sh --env production'
			: `without deployctl: ${scripts.rollback ?? 'write down here how'}`,
		rollbackStaging: scripts.isOurs ? ' or `scripts/rollback.sh --env staging`' : '',
		rollbackByHand: scripts.isOurs ? ', or `scripts/rollback.sh --env production`' : '',
		byHand: byHand(scripts),
		withoutGithub: withoutGithub(scripts),
		todo: todo.map(({what, how}) => `- [ ] ${what}: ${how}`).join('\n'),
		defaultBranch: defaultBranch === null ? '' : ` (${defaultBranch})`,
		files: files
			.filter(({path}) => !path.startsWith('scripts/deployctl/'))
			.map(({path}) => `- \`${path}\``)
			.concat(files.some(({path}) => path.startsWith('scripts/deployctl/')) ? ['- `scripts/deployctl/`'] : [])
			.join('\n'),
		existing:
			kept.length === 0
				? 'Nothing else was there: before this there were no workflows.'
				: `The workflows that were there before and were left alone: ${kept.map(code).join(', ')}.`,
	};
	const page = (name: string, why: string): GeneratedFile => ({
		path: `docs/deployment/${name}.md`,
		content: filled(`docs/${name}.md`, values),
		mode: 0o644,
		group: 'docs',
		why,
	});
	return [
		page('architecture', 'How a commit gets to production here'),
		page('runbook', 'What to do, by what one wants or sees'),
		page('rollback-decision-tree', 'Roll back, or fix forward'),
		page('checklist', 'To get started, before a promotion, after it'),
		page('way-back', 'How to get rid of all this'),
	];
};
