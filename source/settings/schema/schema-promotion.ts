/** The part of the schema about promotions, and the kinds of text that occur only there. */
import {defaultSettings, strategies} from '../../core/settings/settings.ts';
import type {MergeMethod, PromotionSettings} from '../../core/settings/settings.ts';
import {settingText} from './durations.ts';
import {
	durationField,
	list,
	localTimeText,
	mapping,
	nameText,
	patternsText,
	text,
	workflowText,
	yesOrNo,
} from './schema-parts.ts';
import type {Schema} from './schema-parts.ts';

const byDefault = defaultSettings.promotion;

const choice = <Word extends string>(description: string, words: readonly Word[], otherwise: Word): Schema => ({
	type: 'string',
	description,
	enum: words,
	default: otherwise,
});
const mergeMethods: readonly MergeMethod[] = ['merge', 'squash', 'rebase'];
const stagingReports: ReadonlyArray<PromotionSettings['stagingReport']> = ['required', 'optional'];

const freeze: Schema = mapping(
	'One window; local times of its timezone.',
	{
		from: localTimeText('First moment of the freeze.', '2026-12-24T12:00'),
		until: localTimeText('First moment after the freeze.', '2027-01-02T08:00'),
		timezone: text('Name of a timezone.', {
			examples: ['Europe/Berlin'],
			patternErrorMessage: 'Expected the name of a timezone such as Europe/Berlin or UTC.',
		}),
		reason: text('Shown to whoever is refused.', {examples: ['holidays']}),
	},
	['from', 'until', 'timezone'],
);

// GitHub's rule for logins; old accounts may end with a hyphen, those of managed organisations end with _SHORTCODE. A bot ("x[bot]") signs for nobody.
const loginText = text('A login.', {
	pattern: '^[A-Za-z0-9][A-Za-z0-9-]{0,38}(_[A-Za-z0-9]{1,39})?$',
	patternErrorMessage: 'Expected the login of a person on GitHub such as mira-okafor, without @.',
	examples: ['mira-okafor'],
});

const logins = (description: string): Schema => ({
	...list(description, loginText, true),
	default: undefined,
	minItems: 1,
	patternErrorMessage: 'Expected a list of logins on GitHub, at least one: [mira-okafor, lena-fischer].',
});

const signOff: Schema = {
	...nameText('Who or what signs off.'),
	...mapping(
		'Who or what signs off: its name, or a mapping.',
		{
			name: nameText('Name of the sign-off.'),
			by: logins('Logins on GitHub of those who may give it. Without it, whoever may write to the repository.'),
		},
		['name'],
	),
	type: ['string', 'object'],
	patternErrorMessage: 'Expected a short name in lower case such as qa, or a mapping with "name" and "by".',
};

// The part before the `*` is a branch's (see branchText), and complete: `hot*` would also take `hotel`.
const branchesText = (description: string, otherwise: string): Schema =>
	text(description, {
		pattern:
			'^(?![-./])(?!.*(\\.\\.|//|@\\{|/\\.|\\.lock/))[^\\u0000-\\u0020\\u007f-\\u009f~^:?*\\[\\\\]*[^\\u0000-\\u0020\\u007f-\\u009f~^:?*\\[\\\\./]/\\*$',
		patternErrorMessage:
			'Expected the beginning of the branches\' names, up to a "/", and one "*" at its end, such as hotfix/*.',
		default: otherwise,
	});

const globText = text('A pattern over paths of the repository.', {
	pattern: '^(?![!/])(?!\\./)(?!(.*/)?\\.\\.(/|$))[^\\u0000-\\u001f\\u007f-\\u009f\\\\]+$',
	patternErrorMessage:
		'Expected a pattern over paths such as config/** or "**/.env*", from the root of the repository, without "/", "./" or "!" before it.',
	examples: ['config/**'],
});

export const promotionSchema: Schema = mapping('How a tested commit gets to production.', {
	strategy: choice('How the production branch moves.', strategies, byDefault.strategy),
	workflow: workflowText('The workflow that deploys to production.', byDefault.workflow),
	maySkip: patternsText(
		'Its jobs that a good deployment may leave out, such as those of `if: failure()`: a pattern over job names, or a list. Where another one was skipped, the run proves nothing, and production itself has to report the commit.',
		['notify*', 'roll back'],
	),
	signOffs: list(
		'Sign-offs that the production gate asks for: names, or mappings with a name and who may give it.',
		signOff,
	),
	by: logins('Logins on GitHub of those who may promote. Without it, whoever may write to the repository.'),
	differentPeople: yesOrNo('Whether each sign-off has to come from somebody else.', byDefault.differentPeople),
	freeze: list('Windows in which nothing is promoted.', freeze),
	evidenceMaxAge: durationField(
		'How long a passed E2E run counts.',
		settingText(byDefault.evidenceMaxAgeSeconds),
		'7d, 36h or 1d12h',
	),
	stagingReport: choice(
		'Whether E2E has to have asked staging what it runs, before and after the tests. It is asked for only where `environments.staging.version` is set.',
		stagingReports,
		byDefault.stagingReport,
	),
	soak: durationField(
		'How long production has to stay healthy before the release counts as one to go back to; shorter than the timeout. May be `0s`.',
		settingText(byDefault.soakSeconds),
	),
	timeout: durationField(
		'How long the whole promotion may take, the soak included.',
		settingText(byDefault.timeoutSeconds),
	),
	mergeMethod: choice(
		'How a pull request is merged. Only `merge` keeps the tested commit itself in the history.',
		mergeMethods,
		byDefault.mergeMethod,
	),
	configuration: {
		...list(
			'Files whose change the plan names as a difference in configuration: patterns, `*` any text within a folder, `**` any folders.',
			globText,
			true,
		),
		default: byDefault.configuration,
	},
	hotfix: mapping('The way past staging for what is urgent.', {
		branches: branchesText('Which branches are hotfixes.', `${byDefault.hotfix.prefix}*`),
		signOffs: {
			...list(
				'The expedited review: the sign-offs that a hotfix needs, instead of those above, each from somebody else than who promotes it.',
				signOff,
			),
			default: byDefault.hotfix.signOffs.map(({name}) => name),
		},
	}),
	breakGlass: mapping('Going past what is not met.', {
		by: logins(
			'Logins on GitHub of those who may use break-glass. Without it, those of `promotion.by`; without these, nobody.',
		),
	}),
});
