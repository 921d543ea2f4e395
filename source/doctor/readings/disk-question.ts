/** What of the checkout is examined. */
import type {Settings} from '../../core/settings/settings.ts';
import type {Execute} from './execute.ts';

export type DiskQuestion = {
	root: string;
	settings: Settings;
	env: Readonly<Record<string, string | undefined>>;
	execute: Execute;
	/** The line that scripts of the contract carry, among their first twenty. */
	contractLine: string;
	/** A script's template by its file name; null: there is none. */
	template: (name: string) => Promise<string | null>;
	/** The gate as this deployctl would write it; null, or left out: not known. */
	gate?: Promise<Buffer | null>;
};
