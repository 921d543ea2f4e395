/** Whether a commit takes another one back, by the words that git, GitHub and conventional commits use for it. Wants the whole message. */
export const isRevert = (message: string): boolean =>
	/^\s*(?:Revert "|revert(?:\([^)]*\))?!?:|Revert\b)/.test(message) ||
	/\bThis reverts commit [0-9a-f]{7,40}\b/.test(message);
