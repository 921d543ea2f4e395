/** The JSON Schema of `deployctl.yml`: validator, source of suggestions, and `docs/deployctl.schema.json` for editors. */
import {tierNames, tierTitles} from '../../core/pipeline/pipeline.ts';
import type {TierName} from '../../core/pipeline/pipeline.ts';
import {defaultSettings, environmentDefaults} from '../../core/settings/settings.ts';
import type {ScriptSettings} from '../../core/settings/settings.ts';
import {settingText} from './durations.ts';
import {
	branchText,
	durationField,
	environmentName,
	list,
	mapping,
	patternsText,
	repositoryText,
	scriptField,
	secretUrlText,
	text,
	urlsText,
	urlText,
	variableText,
	workflowText,
	yesOrNo,
} from './schema-parts.ts';
import type {Schema} from './schema-parts.ts';
import {promotionSchema} from './schema-promotion.ts';

const tier = (name: TierName): Schema => {
	const {workflow, budgetSeconds, alertAfterSeconds} = defaultSettings.tiers[name];
	return mapping(`The tier “${tierTitles[name]}”.`, {
		workflow: workflowText('File name of the workflow under `.github/workflows/`.', workflow),
		jobs: text(
			'Pattern over job names (`*` any text, `?` one character), when tiers share one workflow. Without it, all jobs of the workflow.',
			{examples: ['e2e*']},
		),
		maySkip: patternsText(
			'Jobs that a green run may leave out, such as those of `if: failure()` or of a path filter: a pattern over job names, or a list. At least one job that does the work has to pass all the same.',
			['notify*', 'docs'],
		),
		notWork: patternsText(
			'Jobs that only decide what runs, sum up or notify, where their names do not tell: a pattern over job names, or a list. That they pass proves nothing; a green run may leave them out.',
			['what-to-test', 'post-to-chat'],
		),
		budget: durationField('How long the tier is expected to take.', settingText(budgetSeconds)),
		alertAfter: durationField(
			'When a running tier counts as too slow; not shorter than the budget.',
			settingText(alertAfterSeconds),
		),
	});
};

const script = (description: string, {path, timeoutSeconds, graceSeconds}: ScriptSettings): Schema =>
	scriptField(description, {path, timeout: settingText(timeoutSeconds), grace: settingText(graceSeconds)});

const byDefault = environmentDefaults('staging');
const environment: Schema = mapping('One environment.', {
	url: urlText('Where people open it.', 'https://example.org'),
	health: list(
		'Addresses that are asked for its health; 2xx is healthy.',
		urlText('One address.', 'https://example.org/health'),
		true,
	),
	version: urlsText(
		'Address that tells the running commit: the SHA itself or its first digits, a version with it (`sha-1a2b3c4`, `1.4.0+1a2b3c4`, `v1.2.3-4-g1a2b3c4`), or JSON with it under a usual name (`sha`, `commit`, `gitSha`, `revision`, `git.commit.id`, `version`). With several instances a list, one address each.',
		'https://example.org/version',
	),
	versionPath: text(
		'Where the commit stands in the JSON of a version address, when it does not stand under one of the usual names: keys with dots between them, numbers for places in a list. Nothing else of the answer counts then.',
		{
			pattern: '^[^.\\s]+(\\.[^.\\s]+)*$',
			patternErrorMessage: 'Expected keys with dots between them, such as git.commit.id.',
			examples: ['git.commit.id'],
		},
	),
	deploy: script('Script that deploys a commit: its path, or a mapping.', byDefault.deploy),
	rollback: script('Script that goes back to an earlier release: its path, or a mapping.', byDefault.rollback),
	protected: yesOrNo(
		'Whether a phrase must be typed before anything is done to it. Of `production` always.',
		byDefault.isProtected,
	),
});

export const settingsSchema: Schema = {
	$schema: 'http://json-schema.org/draft-07/schema#',
	$id: 'https://unpkg.com/deployctl/docs/deployctl.schema.json',
	title: 'deployctl.yml',
	...mapping('What deployctl knows about a project. Every key may be left out.', {
		repository: repositoryText('The repository on GitHub. Without it, that of the origin remote.'),
		branches: mapping('The two branches between which commits are promoted.', {
			staging: branchText('Every green push to it is deployed to staging.', defaultSettings.branches.staging),
			production: branchText('What production runs.', defaultSettings.branches.production),
		}),
		tiers: mapping(
			'The workflows that test and deploy a commit.',
			Object.fromEntries(tierNames.map(name => [name, tier(name)])),
		),
		environments: {
			type: 'object',
			description: 'The environments by name. `staging` and `production` always exist; more may be added.',
			propertyNames: environmentName,
			properties: {staging: environment, production: environment},
			additionalProperties: environment,
		},
		promotion: promotionSchema,
		notifications: mapping('Where deployments and rollbacks are announced.', {
			webhook: {
				...mapping(
					'An address that gets a POST with JSON for each announcement. Exactly one of its two keys.',
					{
						url: secretUrlText(
							'The address. Who knows it can post to it: better keep it out of the file with `urlFrom`.',
						),
						urlFrom: variableText(
							'Name of the environment variable that holds the address.',
							'DEPLOYCTL_WEBHOOK',
						),
					},
				),
				minProperties: 1,
				maxProperties: 1,
				patternErrorMessage: 'Expected either "url" or "urlFrom".',
			},
		}),
		readOnly: yesOrNo(
			'Look only: every action is refused, whatever the command line says.',
			defaultSettings.readOnly,
		),
		allowChangedScripts: yesOrNo(
			'Whether production may be deployed with scripts that differ from those of the commit.',
			defaultSettings.allowChangedScripts,
		),
	}),
};
