/** What the program ends with: a promise to scripts; see docs/exit-codes. The scripts that it runs have codes of their own. */
export const exitCodes = {
	done: 0,
	failed: 1,
	usage: 2,
	refused: 3,
	notPermitted: 4,
	unreachable: 5,
	locked: 6,
	needsHuman: 7,
	bug: 70,
	interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
