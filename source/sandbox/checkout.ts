/** What lies in the sandbox's folder: a checkout with the scripts and their configuration, and what a build makes of each commit. */
import {chmodSync, cpSync, mkdirSync, rmSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {defaultSettings, type SignOffRule, type Strategy} from '../core/settings/settings.ts';
import {type Behaviour, behaviours, good} from './behaviours.ts';
import {sandboxEnvironments, type SandboxEnvironment, type SandboxPlace} from './place.ts';

/** `alias`: the scenario's own name for the commit. */
export type Commit = {sha: string; alias: string; message: string};

export type Program = {
	/** Node.js, with what it needs before the file. */
	node: readonly string[];
	/** The built `app.ts`. */
	app: string;
	/** The folder of the templates' scripts. */
	scripts: string;
};

/** For a shell, whatever is in the text. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
const commandLine = (words: readonly string[]): string => words.map(quoted).join(' ');

/** What every commit becomes when it is "built". Those that the sandbox does not know are good. */
const build = (catalogue: string): string => `#!/usr/bin/env bash
# Stands in for a real build, which would fill the directory OUT with the commit SHA: what each release is like stands in a catalogue.
set -euo pipefail
for known in ${quoted(catalogue)}/"$SHA"*.json; do
	if [ -f "$known" ]; then
		cp "$known" "$OUT/release.json"
		exit
	fi
done
printf '{"sha":"%s","message":"A commit that the demo does not know","behaviour":{"kind":"good"}}\\n' "$SHA" >"$OUT/release.json"
`;

const confOf = (place: SandboxPlace, name: SandboxEnvironment, {node, app}: Program): string => {
	const {front, blue, green} = place.ports[name];
	const root = join(place.hosts, name);
	return `# ${name} of the demo. What the keys mean: docs/scripts.md
ROOT=${root}
KEEP=5
MODE=blue-green
PORTS=${blue},${green}
TRAFFIC=proxy
START_CMD=exec ${commandLine([...node, app, place.heartbeat, 'service'])} "$RELEASE_DIR" "$PORT" ${name}
HEALTH_URL=http://127.0.0.1:{port}/health
VERSION_URL=http://127.0.0.1:{port}/version
FRONT_URL=http://127.0.0.1:${front}/version
HEALTH_DEADLINE=6
IDENTITY=required
BUILD_CMD=exec bash ${quoted(join(place.checkout, 'build.sh'))}
`;
};

const settingsText = (
	repository: string,
	{ports}: SandboxPlace,
	strategy: Strategy,
	signOffs: readonly SignOffRule[],
): string => `# The demo's environments, for commands that are typed here.
repository: ${repository}
allowChangedScripts: true
promotion: {strategy: ${strategy}, signOffs: [${signOffs.map(({name}) => name).join(', ')}], soak: 20s, timeout: 5m}
environments:
${sandboxEnvironments
	.map(
		name => `  ${name}:
    url: http://127.0.0.1:${ports[name].front}
    health: [http://127.0.0.1:${ports[name].front}/health]
    version: [http://127.0.0.1:${ports[name].front}/version]
    deploy: {script: scripts/deploy.sh, timeout: 5m}
    rollback: {script: scripts/rollback.sh, timeout: 5m}
`,
	)
	.join('')}`;

const readme = (folder: string): string => `# The demo's environments

Two small HTTP services, staging and production, with the scripts that deployctl writes into repositories. They run as long as the demo
does, and are made anew with the next one. While it runs, they can be worked on by hand as well:

	scripts/deploy.sh --env staging --sha COMMIT
	scripts/rollback.sh --env staging
	scripts/rollback.sh --env production --list

What is done so is not an operation of deployctl: the demo shows it as drift. deployctl itself, in another terminal, takes part in the demo:

	cd ${quoted(join(folder, 'checkout'))} && . ./demo.env
	deployctl operations
	deployctl rollback staging

The releases are what stands in ${quoted(join(folder, 'catalogue'))}, commit by commit. Most are good.
`;

const write = (path: string, text: string, mode = 0o644) => writeFileSync(path, text, {mode});

/** Everything but what holds the folder: a lock on it stays a lock on it. */
const clear = (folder: string, keep: string): void => {
	for (const name of readdirSync(folder))
		if (name !== keep) rmSync(join(folder, name), {recursive: true, force: true});
};

export type CheckoutOptions = {
	place: SandboxPlace;
	program: Program;
	repository: string;
	commits: readonly Commit[];
	behaviourOf?: (commit: Commit) => Behaviour;
	/** A file that stays. */ keep: string;
	/** How commits are promoted here. */ strategy?: Strategy;
	/** Sign-offs that a promotion needs; whoever may write gives them. */ signOffs?: readonly SignOffRule[];
};

/** Makes the folder anew; what was there is gone. */
export const writeCheckout = ({
	place,
	program,
	repository,
	commits,
	behaviourOf = ({alias}) => behaviours[alias] ?? good,
	keep,
	strategy = defaultSettings.promotion.strategy,
	signOffs = [],
}: CheckoutOptions): void => {
	const {folder, checkout, hosts} = place;
	const catalogue = join(folder, 'catalogue');
	mkdirSync(folder, {recursive: true, mode: 0o700});
	clear(folder, keep);
	for (const directory of [checkout, catalogue]) mkdirSync(directory, {recursive: true});
	cpSync(program.scripts, join(checkout, 'scripts'), {recursive: true});
	// A package may have lost that they can be executed.
	for (const script of ['deploy.sh', 'rollback.sh']) chmodSync(join(checkout, 'scripts', script), 0o755);
	for (const commit of commits)
		write(
			join(catalogue, `${commit.sha}.json`),
			`${JSON.stringify({sha: commit.sha, message: commit.message, behaviour: behaviourOf(commit)})}\n`,
		);
	write(join(checkout, 'build.sh'), build(catalogue), 0o755);
	for (const name of sandboxEnvironments) {
		mkdirSync(join(hosts, name), {recursive: true});
		write(join(checkout, 'scripts', `deploy.${name}.conf`), confOf(place, name, program));
	}
	write(join(checkout, 'README.md'), readme(folder));
	write(join(checkout, 'deployctl.yml'), settingsText(repository, place, strategy, signOffs));
};
