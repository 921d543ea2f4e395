/** The E2E tests of the simulated repository: 120, a quarter of them in each of four shards, always in the same order. */

export type ScriptedTest = {location: string; title: string};

/** File, describe block, titles. */
const suites: ReadonlyArray<readonly [file: string, block: string, ...titles: string[]]> = [
	[
		'preview',
		'preview',
		'shows the newest text',
		'turns pages with the arrow keys',
		'keeps its place when the window is resized',
		'prints footnotes on their own page',
		'marks what changed since the last version',
	],
	[
		'login',
		'log-in',
		'by password',
		'by single sign-on',
		'by a link in an e-mail',
		'tells a wrong password from a locked account',
		'ends the session on the other device',
	],
	[
		'editor',
		'editor',
		'saves while somebody types',
		'undoes across a reload',
		'pastes a table from a spreadsheet',
		'counts words of the selection',
		'finds and replaces with accents',
	],
	[
		'toolbar',
		'toolbar',
		'names every button',
		'wraps on a narrow screen',
		'is reached by the keyboard alone',
		'shows the style under the cursor',
		'stays when the page scrolls',
	],
	[
		'chapters',
		'chapters',
		'can be moved by dragging',
		'can be split at the cursor',
		'keep their notes when merged',
		'are numbered anew after a move',
		'come back from the bin',
	],
	[
		'images',
		'images',
		'are uploaded by dropping them',
		'keep their captions',
		'over ten megabytes are refused',
		'are turned as the camera says',
		'have alternative texts',
	],
	[
		'comments',
		'comments',
		'can be resolved from the margin',
		'mention somebody by name',
		'survive a rewrite of the paragraph',
		'are exported with the draft',
		'can be followed by e-mail',
	],
	[
		'sharing',
		'sharing',
		'lets an editor write',
		'lets a reader only read',
		'ends at once when it is taken back',
		'asks before a link becomes public',
		'shows who is here',
	],
	[
		'export',
		'export',
		'writes an EPUB that validates',
		'writes a PDF with page numbers',
		'keeps right-to-left chapters',
		'embeds the fonts',
		'names the file after the book',
	],
	[
		'import',
		'import',
		"reads a word processor's file",
		'reads Markdown with front matter',
		'warns of lost formatting',
		'stops at a broken archive',
		'goes on after a reload',
	],
	[
		'history',
		'history',
		'lists every version',
		'compares two versions',
		'restores a chapter alone',
		'says who wrote a sentence',
		'keeps ninety days',
	],
	[
		'offline',
		'offline',
		'writes on without a network',
		'merges when the network is back',
		'shows that it is offline',
		'keeps a draft through a crash',
		'does not lose a picture',
	],
	[
		'checkout',
		'checkout',
		'pays with a saved card',
		'pays with a new card',
		'refuses an expired card',
		'shows the tax of the country',
		'sends a receipt',
	],
	[
		'plans',
		'plans',
		'upgrades in the middle of a month',
		'downgrades at its end',
		'keeps books when a plan ends',
		'counts authors, not books',
		'shows the price with tax',
	],
	[
		'invoices',
		'invoices',
		'can be downloaded',
		"carry the company's address",
		'list every author',
		'are corrected by a credit note',
		'go to the accountant',
	],
	[
		'search',
		'search',
		'finds a word in a chapter',
		'finds a name with accents',
		'leads to the place',
		'leaves out what is deleted',
		'answers within a second',
	],
	[
		'outline',
		'outline',
		'follows the chapters',
		'opens and closes',
		'moves a whole part',
		'shows empty chapters',
		'prints as a list',
	],
	[
		'themes',
		'themes',
		'follow the system at night',
		'keep contrast',
		'are kept per device',
		'show no flash of white',
		'can be left alone',
	],
	[
		'settings',
		'settings',
		'change the language at once',
		'keep the time zone',
		'set the type size',
		'can be exported',
		'go back to the defaults',
	],
	['team', 'team', 'invites somebody', 'removes somebody', 'hands a book over', 'has roles', 'lists the last visits'],
	[
		'notifications',
		'notifications',
		'come once',
		'can be muted for a book',
		'wait for the morning',
		'lead to the comment',
		'are grouped',
	],
	[
		'publishing',
		'publishing',
		'checks the book first',
		'sends it to the shop',
		"shows the shop's answer",
		'can be taken back',
		'keeps the old edition',
	],
	[
		'glossary',
		'glossary',
		'finds terms by itself',
		'links the first use',
		'sorts by the language',
		'warns of two spellings',
		'is printed at the end',
	],
	[
		'help',
		'help',
		'opens beside the page',
		'finds an answer',
		'writes to support',
		'shows what is new',
		'can be read offline',
	],
];

const lineOf = (index: number) => 14 + index * 17;
/** Where the scenarios' own failures stand. */
const lines: Readonly<Record<string, number>> = {'preview 0': 22, 'checkout 0': 84};

const all: readonly ScriptedTest[] = suites.flatMap(([file, block, ...titles]) =>
	titles.map((title, index) => ({
		location: `e2e/${file}.spec.ts:${lines[`${file} ${index}`] ?? lineOf(index)}`,
		title: `${block} › ${title}`,
	})),
);

/** `index` from 1. As many as a shard is said to have: the list begins again when it is too short. */
export const testsOfShard = (
	{index, total}: {index: number; total: number},
	count: number,
): readonly ScriptedTest[] => {
	const first = Math.floor((all.length * (index - 1)) / total);
	return Array.from({length: count}, (_, at) => all[(first + at) % all.length]!);
};

const why = [
	"Timed out 5000ms waiting for expect(locator).toBeVisible()\n\nLocator: getByRole('status')\nExpected: visible\nReceived: <element(s) not found>",
	'expect(received).toBe(expected) // Object.is equality\n\nExpected: 200\nReceived: 503',
	"Test timeout of 30000ms exceeded while waiting for getByRole('button', {name: 'Save'})",
	'expect(locator).toHaveText(expected) failed\n\nExpected: "Saved"\nReceived: "Saving…"',
];
export const messageOf = (seed: number): string => why[seed % why.length]!;
