/** The production gate that a repository keeps a copy of: where it lies, and how a workflow names its content. */

/** Below `.github`, so that whoever owns the workflows owns it too. */
export const gatePath = '.github/deployctl/gate.mjs';

/** What stands in the template in place of a digest: of no file. */
export const noDigest = '0'.repeat(64);

/** The digests, SHA-256 in hexadecimal digits, that a workflow names; each once. */
export const digestsIn = (workflow: string): readonly string[] => [
	...new Set([...workflow.matchAll(/\bGATE_SHA256:[ ]?["']?([0-9a-f]{64})\b/g)].map(([, digest]) => digest!)),
];

/** The version of deployctl that it was built from, as its second line has it; null: it says none. */
export const versionOfGate = (text: string): string | null =>
	/^\/\/ deployctl (\d{1,6}\.\d{1,6}\.\d{1,6}\S{0,40})$/m.exec(text.slice(0, 400))?.[1] ?? null;
