/** File names of what comes from outside. */

/** One path segment from a name of a host, an owner or a repository: nothing in it leads out of the folder. Lower case, because GitHub ignores case. */
export const segment = (name: string): string => exactSegment(name.toLowerCase());

/** The same for names that are told apart by case, such as those of environments. */
export const exactSegment = (name: string): string => encodeURIComponent(name).replaceAll('.', '%2E');
