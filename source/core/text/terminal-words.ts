/** What a terminal is told beside the picture. */

/** `progress`: of what runs now; null: nothing does. `share`: 0 to 1; null: nobody can tell how far it is. */
export type TerminalWords = {title: string; progress: {share: number | null} | null};
