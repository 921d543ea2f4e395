/** How a file of ours is told from somebody else's. */
const marks = [
	'# Written by deployctl init; yours to change.',
	'<!-- Written by deployctl init; yours to change. -->',
	'# Deploys a commit to production: after the gate has said yes, in this very run',
] as const;

/** Also after somebody has changed it. */
export const isOurs = (text: string): boolean =>
	text.split('\n', 8).some(line => marks.some(mark => line.startsWith(mark)));
