/** What is known of a line that is being typed into a dialog. */

/** How a phrase was typed: when its first character came (null: none is there), when it became whole (null: it is not), and whether it was no hand. */
export type Typing = {beganAt: number | null; completedAt: number | null; isPasted: boolean};
