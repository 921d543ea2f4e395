/** What the launcher paints at the next start, before the program is loaded. The format and the place are in bin/skeleton.js. */
import files from '../../bin/skeleton.js';
import {version} from './version.ts';

/** In cells. */
export type Size = {columns: number; rows: number};

/** Hyperlinks (OSC 8): text and colours are all that a skeleton may hold. */
// eslint-disable-next-line no-control-regex -- That is what they are made of.
const links = /\u001B\]8;[^\u0007\u001B]*(?:\u0007|\u001B\\)/g;

/**
 * Keeps a frame (text and SGR colours, lines separated by \n) for the next start with the same arguments in the same
 * folder at the same size. False when it could not be kept; that is never an error.
 */
export const saveSkeleton = (frame: string, {columns, rows}: Size, argv: readonly string[] = process.argv.slice(2)) =>
	files.save(version, argv, columns, rows, frame.replaceAll(links, ''));
