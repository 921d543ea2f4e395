/** What the state knows of its own recording. */
import type {Change} from '../../core/snapshot/changes.ts';

export type RecordPart = {
	isOn: boolean;
	/** Why nothing is recorded any more. */
	problem: string | null;
	/** The list of events shows what was recorded before, too. */
	showsPast: boolean;
};

export const notRecording: RecordPart = {isOn: false, problem: null, showsPast: false};

export type RecordMessage =
	/** null: it is recorded again. */
	| {type: 'recording-changed'; because: string | null}
	/** What was recorded before this program began, oldest first. */
	| {type: 'past-read'; changes: readonly Change[]};

export const recordingOnScreen: RecordPart = {isOn: true, problem: null, showsPast: true};
/** Told as lines, only what is news is told. */
export const recordingAsLines: RecordPart = {...recordingOnScreen, showsPast: false};
