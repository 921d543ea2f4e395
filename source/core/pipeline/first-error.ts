/** The reason of a failure in one line, from what GitHub shows of its jobs. Pure. */
import type {Job, Tier} from './pipeline.ts';
import type {Annotation} from '../github/facts.ts';

/** Says only that a step failed, which the job says already. */
const saysNothing = ({message}: Annotation): boolean =>
	/^Process completed with exit code \d+\.?$/.test(message.trim());

/** `reason` stands first, because what follows is cut first; `where` is empty where GitHub names no file. */
export type FirstError = {job: string; reason: string; where: string};

/** The first that says why; null: nothing has been read, or nothing says so. */
export const firstErrorOf = (jobs: readonly Pick<Job, 'name' | 'status' | 'annotations'>[]): FirstError | null => {
	for (const {name, status, annotations} of jobs) {
		const note =
			status === 'failed'
				? (annotations ?? []).find(each => each.level === 'failure' && !saysNothing(each))
				: undefined;
		if (note === undefined) continue;
		const where =
			note.path === '' || note.path === '.github'
				? ''
				: `${note.path}${note.line === null ? '' : `:${note.line}`}`;
		return {job: name, reason: note.message.split('\n')[0]!.trim(), where};
	}
	return null;
};

/** Of a tier that is red. */
export const firstError = (tier: Pick<Tier, 'status' | 'jobs'>): FirstError | null =>
	tier.status === 'failed' ? firstErrorOf(tier.jobs) : null;
