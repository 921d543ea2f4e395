/** Every exit code, and what is true on the host when it is given. */
import {batsFile} from './helpers/bats.ts';

await batsFile('outcomes.bats');
