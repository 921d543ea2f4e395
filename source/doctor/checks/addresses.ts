/** The environments' addresses, the webhook that is told, and the repository's own webhooks. */
import {sanitise} from '../../core/text/sanitise.ts';
import {sayingIn} from '../model/findings.ts';
import type {AddressReading, Finding, Readings} from '../model/model.ts';

const say = sayingIn('addresses');

const one = ({environment, kind, shown, answer}: AddressReading): Finding => {
	const where = {where: `${environment} ${shown}`};
	if (!answer.ok) {
		if (answer.kind === 'not-asked')
			return say('unknown', kind, `${shown} was not asked`, {why: answer.because, ...where});
		return kind === 'webhook'
			? say('error', 'webhook', `The webhook for announcements cannot be reached (${shown})`, {
					why: `${answer.because}. Announcements wait in the outbox until it can.`,
					how: answer.next,
					...where,
				})
			: say('error', kind, `The ${kind} address of ${environment} does not answer: ${shown}`, {
					why: `${answer.because}. ${kind === 'health' ? 'Then it counts as unhealthy.' : "Then what it runs is unknown, and so is every deployment's outcome."}`,
					how: answer.next,
					...where,
				});
	}
	const {status, hasSha, said = null, path = null} = answer.value;
	if (kind === 'webhook') return say('ok', 'webhook', `${shown} can be reached; nothing was posted`, where);
	if (status === null || status < 200 || status > 299)
		return say('error', kind, `The ${kind} address of ${environment} answers ${status}: ${shown}`, {
			why: kind === 'health' ? 'Then it counts as unhealthy.' : 'Then what it runs is unknown.',
			how: `curl -i ${shown}`,
			...where,
		});
	const read =
		said === null
			? path === null
				? 'No version is read in its answer'
				: `Its answer has nothing at ${path}`
			: `“${sanitise(said, 60)}” is read there, which is not a commit`;
	return kind === 'version' && !hasSha
		? say('error', 'version', `The version address of ${environment} names no commit: ${shown}`, {
				why: `${read}: no deployment can be proven, and each ends as interrupted.`,
				how: `Let the application answer with the commit that it was built from (at least 7 digits), or say where it stands: environments.${environment}.versionPath in deployctl.yml, like git.commit.id.`,
				...where,
			})
		: say('ok', kind, `The ${kind} address of ${environment} answers`, where);
};

const unset = ({settings}: Readings): readonly Finding[] =>
	settings.environments.flatMap(({name, health, version}) => [
		...(version.length > 0
			? []
			: [
					say('note', 'no-version', `${name} cannot be asked what it runs`, {
						why: "Without environments.NAME.version the outcome of a deployment goes by the script's word alone.",
						how: `environments: {${name}: {version: https://…}} in deployctl.yml.`,
						where: name,
					}),
				]),
		...(health.length > 0
			? []
			: [
					say(
						name === 'production' ? 'warning' : 'note',
						'no-health',
						`${name} cannot be asked whether it is healthy`,
						{
							why:
								name === 'production'
									? "The gate's condition “production is healthy” stays unknown, and nothing is rolled back by itself."
									: 'A deployment counts as healthy when its script says so.',
							how: `environments: {${name}: {health: https://…}} in deployctl.yml.`,
							where: name,
						},
					),
				]),
	]);

const hooks = ({github}: Readings): readonly Finding[] => {
	if (github === null || !github.repository.ok) return [];
	// Nothing of ours depends on them, and only administrators may see them.
	if (!github.hooks.ok)
		return [
			say(
				github.hooks.kind === 'unreachable' ? 'unknown' : 'note',
				'hooks',
				"The repository's webhooks are not shown to this token",
				{why: github.hooks.because},
			),
		];
	const bad = github.hooks.value.filter(
		({active, lastCode}) => active && lastCode !== null && (lastCode < 200 || lastCode > 299),
	);
	return bad.length === 0
		? [say('ok', 'hooks', `Webhooks of the repository: ${github.hooks.value.length}`)]
		: bad.map(({host, lastCode, lastMessage}) =>
				say('warning', 'hooks', `GitHub's last delivery to ${host} was answered with ${lastCode}`, {
					why: lastMessage,
					how: 'Settings, Webhooks: look at the recent deliveries.',
					where: host,
				}),
			);
};

export const checkAddresses = (readings: Readings): readonly Finding[] => [
	...readings.addresses.map(one),
	...unset(readings),
	...hooks(readings),
];
