/** The step `migrate` by itself: what counts as a position, and that no failure of whatever kind loses a table of the live release. */
import {batsFile} from './helpers/bats.ts';

await batsFile('migrate-model.bats');
