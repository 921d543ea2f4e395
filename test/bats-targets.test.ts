/** Where a rollback goes, and where it does not: by what was validated, never by names, times or what lies around. */
import {batsFile} from './helpers/bats.ts';

await batsFile('targets.bats');
