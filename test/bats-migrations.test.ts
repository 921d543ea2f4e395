/** A failed migration loses nothing, on a real PostgreSQL. */
import {batsFile} from './helpers/bats.ts';

await batsFile('migrations.bats');
