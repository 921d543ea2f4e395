/** What the person likes, kept outside the repository. */
export type Preferences = {
	/** `auto`: dark or light as the terminal says, no colours with NO_COLOR. */
	theme: 'auto' | 'dark' | 'light' | 'mono';
	density: 'comfortable' | 'compact';
	symbols: 'unicode' | 'ascii';
	motion: 'full' | 'reduced';
	/** `quiet`: the terminal gets the picture alone: no title, no progress, no links. */
	terminal: 'full' | 'quiet';
};

export const defaultPreferences: Preferences = {
	theme: 'auto',
	density: 'comfortable',
	symbols: 'unicode',
	motion: 'full',
	terminal: 'full',
};
