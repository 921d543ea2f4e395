/** Tests of a tier for ears: shards and failing tests as sentences, without what ticks. */
import {flakyText} from '../../core/tests/flaky.ts';
import {type Tier, tierTitles, type Shard} from '../../core/pipeline/pipeline.ts';
import {sentence} from '../../core/text/sanitise.ts';
import {tierInView} from '../../state/questions/select.ts';
import type {State} from '../../state/model/state.ts';
import {chosenFailure, type Failing, failingOf, failuresInView, unnamedOf} from '../../state/tests/test-select.ts';
import {plural} from '../../core/text/plural.ts';

/** In steps of a tenth: what changes every second would be read every second. */
const share = (done: number, total: number): string =>
	`${total === 0 ? 0 : Math.floor((done / total) * 10) * 10}% of ${total} tests done`;

const shardSentence = ({index, total, status, progress}: Shard): string => {
	const counts =
		progress === null
			? ', nothing published'
			: `, ${share(progress.done, progress.total)}${progress.failed > 0 ? `, ${progress.failed} failed` : ''}${progress.flaky > 0 ? `, ${progress.flaky} flaky` : ''}`;
	return `Shard ${index} of ${total}: ${status === 'none' ? 'not started' : status}${counts}.`;
};

export const failureSentence = (
	{kind, attempt, location, title, message, mark, shard}: Failing,
	isChosen: boolean,
): string =>
	`${isChosen ? 'Chosen: ' : ''}${kind === 'flaky' ? 'Flaky' : kind === 'before' ? `Failed in attempt ${attempt}` : 'Failed'}${shard === null ? '' : ` in shard ${shard}`}: ${title}${location === '' ? '' : `, ${location}`}${message === '' ? '' : `, ${message.replace(/(?<![.\s])[.\s]+$/, '')}`}. ${sentence(flakyText(mark))}`;

/** On the board: how many, and the first. */
export const failingSentences = (state: State, tier: Tier): readonly string[] => {
	const failing = failingOf(state, tier).filter(({kind}) => kind === 'test');
	return failing.length === 0
		? []
		: [
				`${tierTitles[tier.name]}: ${plural(failing.length, 'failing test')} known. ${failureSentence(failing[0]!, false)}`,
			];
};

export const testSentences = (state: State): readonly string[] => {
	const tier = tierInView(state);
	if (!tier) return ['This commit has no such tier.'];
	const failures = failuresInView(state);
	const chosen = chosenFailure(state)?.key;
	return [
		`Tests of ${tierTitles[tier.name]}, ${tier.status === 'none' ? 'not started' : tier.status}.`,
		...tier.shards.map(shardSentence),
		...(tier.shards.length === 0 && tier.status !== 'none'
			? [
					...tier.jobs.map(({name, status}) => `${name}, ${status}.`),
					'GitHub gives no log and no list of tests of a job that runs. deployctl/playwright-reporter publishes both.',
				]
			: []),
		...failures.map(failing => failureSentence(failing, failing.key === chosen)),
		...(failures.length === 0 && tier.status !== 'none' ? ['No failure is known.'] : []),
		...tier.shards.flatMap(shard => {
			const count = unnamedOf(shard, failures);
			return count === 0 ? [] : [`${count} more failed in shard ${shard.index}, not known by name yet.`];
		}),
	];
};
