/** A migration that is killed, stopped, or takes too long, on a real PostgreSQL: see migrating.bash. */
import {batsFile} from './helpers/bats.ts';

await batsFile('migrations-killed.bats');
