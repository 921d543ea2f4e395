/** All logs of a run in one zip, as GitHub packs them: for each job one file with everything, and a folder with a file for each step. */
import {logOf, neverBegan, plannedLog, stepLogs} from './job-log.ts';
import {type Job, type Run, type State, jobsOfAttempt, latestAttempt} from '../model/model.ts';
import {zipOf} from '../actions/zip.ts';

/** What a file must not be called on any system is left out of its name. */
const fileName = (name: string): string => name.replaceAll(/[/\\:<>"|*?]/g, '');

/** Each name once: jobs of one name have folders of their own, numbered from the second one on. */
function folderNames(jobs: readonly Job[]): string[] {
	const taken = new Set<string>();
	return jobs.map(job => {
		const base = fileName(job.shown ?? job.name);
		let name = base;
		for (let number = 2; taken.has(name.toLowerCase()); number++) {
			name = `${base} (${number})`;
		}
		taken.add(name.toLowerCase());
		return name;
	});
}

/** Of the newest attempt, with the jobs that it took over. Logs that are too large to be held, or expired, are not in it. */
export function archiveOf(state: State, run: Run): Uint8Array {
	const files: Record<string, string> = {};
	const jobs = jobsOfAttempt(run, latestAttempt(run).number).filter(
		job => job.status === 'completed' && !neverBegan(job) && plannedLog(state, job) === undefined,
	);
	const folders = folderNames(jobs);
	for (const [index, job] of jobs.entries()) {
		const folder = folders[index]!;
		files[`${index}_${folder}.txt`] = logOf(state, run, job);
		for (const {step, text} of job.output === undefined ? stepLogs(state, run, job) : []) {
			if (step) {
				files[`${folder}/${step.number}_${fileName(step.name)}.txt`] = `\uFEFF${text}`;
			}
		}
	}
	return zipOf(files);
}
