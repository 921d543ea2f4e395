/** What the launcher paints at the next start, before the program is loaded. The format and the place are in bin/skeleton.js. */
import files from '../../bin/skeleton.js';
import {version} from './version.ts';


/**
 * Keeps a frame (text and SGR colours, lines separated by \n) for the next start with the same arguments in the same
 * folder at the same size. False when it could not be kept; that is never an error. A demo, a test or a screen with a
 * dialog should not call it: what is painted next time must have been true.
 */
export const saveSkeleton = (frame: string, size: {columns: number; rows: number}, argv: readonly string[] = process.argv.slice(2)) =>
	files.save(version, argv, size.columns, size.rows, frame);
