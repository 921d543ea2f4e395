/** How a job is called where it has to be told from others. Pure. */

type Named = {id: number; name: string};

/** Its name; with its number where another job of the run has the same: a matrix may give all of its jobs one name. */
export const jobTitle = (job: Named, all: readonly Named[]): string =>
	all.some(({id, name}) => id !== job.id && name === job.name) ? `${job.name} (job ${job.id})` : job.name;

/** `123 (failed), 124 (passed)`: for whoever has named several at once. */
export const numbersOf = (jobs: ReadonlyArray<{id: number; status: string}>): string =>
	jobs.map(({id, status}) => `${id} (${status})`).join(', ');
