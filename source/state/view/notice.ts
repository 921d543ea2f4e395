/** A line above the board. */

export type Notice = {tone: 'busy' | 'bad' | 'wait' | 'good'; text: string};
