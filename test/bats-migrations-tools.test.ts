/** A failed migration loses nothing, whatever the tool is like: see migrations.bats. */
import {batsFile} from './helpers/bats.ts';

await batsFile('migrations-tools.bats');
