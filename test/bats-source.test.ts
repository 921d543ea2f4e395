/** What goes live is the commit: all of its files, as a checkout has them, or nothing. */
import {batsFile} from './helpers/bats.ts';

await batsFile('source.bats');
