/** How this repository is deployed and rolled back: by the scripts of the templates, or by its own. */
import type {Answers, GeneratedFile, Inspection, Part} from '../model.ts';
import {fill, template, templatesIn} from '../files/text.ts';

export type Scripts = {
	/** Paths; null: the repository has a way of its own to deploy, and none to go back. */
	deploy: string;
	rollback: string | null;
	/** Whether they are those of the templates, or keep their contract. */
	isContract: boolean;
	/** The template's files are part of the proposal. */
	isOurs: boolean;
};

const ours = {deploy: 'scripts/deploy.sh', rollback: 'scripts/rollback.sh'} as const;

/** A script of the repository's own that deploys is kept: nobody replaces by a guess what brings an application to its hosts. */
export const scriptsOf = ({scripts}: Inspection): Scripts => {
	const usable = scripts.filter(({path}) => /^[\w./-]+$/.test(path));
	const foreign =
		usable.find(({path, contract}) => path === ours.deploy && contract === null) ??
		(usable.some(({path}) => path === ours.deploy)
			? undefined
			: usable.find(
					({path, contract, isExecutable}) =>
						contract === null && isExecutable && /(?:^|\/)deploy(?:\.sh|\.bash)?$/i.test(path),
				));
	if (foreign === undefined) return {...ours, isContract: true, isOurs: true};
	const back = usable.find(({path}) => /(?:^|\/)rollback(?:\.sh|\.bash)?$/i.test(path));
	return {deploy: foreign.path, rollback: back?.path ?? null, isContract: false, isOurs: false};
};

export const deployCommand = ({deploy, isContract}: Scripts, environment: string): string =>
	isContract
		? `${deploy} --env ${environment} --sha "$SHA" --run "gh-$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT"`
		: `${deploy} ${environment} "$SHA"`;

/** A script of the repository's own wants a target, which only people and deployctl know: the step says who has to act. */
export const rollbackCommand = ({rollback, isContract}: Scripts, environment: string): string =>
	isContract && rollback !== null
		? `${rollback} --env ${environment} --run "gh-$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT-back"`
		: `"echo '::error title=Rollback::Somebody has to look: deployctl rollback ${environment}'; exit 1"`;

/** What is started, where nobody says otherwise; a line of a configuration file. */
const prepareOf = (part: Part | undefined): string => {
	switch (part?.language) {
		case 'node':
			return part.tasks.build === undefined
				? part.packageManager === 'npm'
					? 'PREPARE_CMD=npm ci --omit=dev'
					: `PREPARE_CMD=${part.install ?? ''}`
				: `PREPARE_CMD=${part.install ?? ''} && ${part.tasks.build.command}`;
		case 'python':
			return '#PREPARE_CMD=python3 -m venv .venv && .venv/bin/pip install -r requirements.txt';
		case 'ruby':
			return '#PREPARE_CMD=bundle install';
		case 'php':
			return '#PREPARE_CMD=composer install --no-dev';
		default:
			return '#PREPARE_CMD=';
	}
};

const configuration = (environment: string, {parts, remote}: Inspection, {urls}: Answers): string => {
	const name = (remote?.name ?? 'app').replaceAll(/[^\w.-]/g, '-');
	// The health address that the world sees may stand behind a proxy; on the host the port is asked.
	const path = URL.parse(urls[`${environment}.health`] ?? '')?.pathname ?? '/health';
	const version = URL.parse(urls[`${environment}.version`] ?? '')?.pathname;
	return (
		template('scripts/deploy.example.conf')
			.replace(
				/^# Copy to .*$/m,
				`# How ${environment} is deployed: scripts/deploy.sh --env ${environment} reads it.`,
			)
			.replace(
				/^# Everything is explained in .*$/m,
				'# Everything is explained in https://unpkg.com/deployctl/docs/scripts.md. What is commented out shows the default.',
			)
			.replace(/^ROOT=.*$/m, `ROOT=/srv/${name}`)
			.replace(/^SYSTEMD_UNIT=.*$/m, `SYSTEMD_UNIT=${name}`)
			.replace(/^HEALTH_URL=.*$/m, `HEALTH_URL=http://127.0.0.1:3000${path}`)
			// A restart that did nothing leaves an old process that is as healthy as ever: an answer has to say whose it is.
			.replace(
				/^#VERSION_URL=.*$/m,
				version === undefined
					? '#VERSION_URL=http://127.0.0.1:3000/version'
					: `VERSION_URL=http://127.0.0.1:3000${version}`,
			)
			.replace(/^#IDENTITY=.*$/m, 'IDENTITY=required')
			.replace(/^#PREPARE_CMD=.*$/m, prepareOf(parts.find(({directory}) => directory === '.')))
	);
};

export const scriptFiles = (inspection: Inspection, answers: Answers): readonly GeneratedFile[] => {
	if (!scriptsOf(inspection).isOurs) return [];
	const about = (path: string): string =>
		path === 'deploy.sh'
			? 'Deploys a commit; works by hand, too'
			: path === 'rollback.sh'
				? 'Goes back to the release that was healthy before; works by hand, too'
				: 'A part of the two scripts';
	return [
		...templatesIn('scripts')
			.filter(path => !path.endsWith('.conf'))
			.map((path): GeneratedFile => ({
				path: `scripts/${path}`,
				content: template(`scripts/${path}`),
				mode: /\.(?:sh|mjs)$/.test(path) ? 0o755 : 0o644,
				group: 'scripts',
				why: about(path),
			})),
		...['staging', 'production'].map((environment): GeneratedFile => ({
			path: `scripts/deploy.${environment}.conf`,
			content: configuration(environment, inspection, answers),
			mode: 0o644,
			group: 'scripts',
			why: `Where and how ${environment} runs: fill it in`,
			isToFillIn: true,
		})),
	];
};

export const filled = (path: string, values: Parameters<typeof fill>[1]): string => fill(template(path), values);
