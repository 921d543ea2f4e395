/** Everything that can come in, and everything that can be wanted of the outside. Facts are past tense, wishes imperative. */
import type {Answer, Facts, Question} from '../core/facts.ts';
import type {TierName} from '../core/pipeline.ts';
import type {Preferences} from '../core/preferences.ts';
import type {Place, State} from './state.ts';

/** By this machine's clock, milliseconds since the epoch; update turns `now` into GitHub's. */
export type Times = {now: number; wallNow: number};

export type Message =
	// Facts
	| {type: 'started'; cached: {facts: Facts; savedAt: number} | null}
	| ({type: 'poll-came-due'; generation: number} & Times)
	| ({type: 'answered'; generation: number; answer: Answer; random: number} & Times)
	| ({type: 'ticked'} & Times)
	| {type: 'resized'; columns: number; rows: number}
	| {type: 'key-pressed'; key: string}
	| {type: 'pasted'; text: string}
	| {type: 'cache-save-failed'; because: string}
	| {type: 'opened'; url: string; ok: boolean}
	| {type: 'copied'; text: string; ok: boolean}
	// Wishes
	| {type: 'move'; by: number}
	| {type: 'jump'; to: 'first' | 'last'}
	| {type: 'page'; direction: -1 | 1; share: number}
	| {type: 'choose-tier'; tier: TierName}
	| {type: 'step-tier'; by: -1 | 1}
	| {type: 'step-job'; by: -1 | 1}
	| {type: 'enter'}
	| {type: 'go'; place: Place}
	| {type: 'back'}
	| {type: 'follow-active'}
	| {type: 'show'; overlay: 'help' | 'palette' | 'search'}
	| {type: 'dismiss'}
	| {type: 'accept'}
	| {type: 'write'; text: string}
	| {type: 'erase'; what: 'character' | 'all'}
	| {type: 'search-next'; direction: -1 | 1}
	| {type: 'refresh'}
	| {type: 'open-page'}
	| {type: 'open-site'; environment: string}
	| {type: 'copy-address'}
	| {type: 'copy-sha'}
	| {type: 'prefer'; preferences: Partial<Preferences>}
	| {type: 'suspend'}
	| {type: 'repaint'}
	| {type: 'quit'; exitCode: number};

/** What update wants done; `effects.ts` is the one file that does it. */
export type Effect =
	| {type: 'wait-for-poll'; generation: number; afterMs: number}
	| {type: 'ask'; generation: number; question: Question}
	| {type: 'tick'; afterMs: number}
	| {type: 'save-cache'; facts: Facts; savedAt: number}
	| {type: 'open'; url: string}
	| {type: 'copy'; text: string}
	| {type: 'save-preferences'; change: Partial<Preferences>}
	| {type: 'suspend'}
	| {type: 'repaint'}
	| {type: 'quit'; exitCode: number};

export type Next = readonly [state: State, effects: readonly Effect[]];
