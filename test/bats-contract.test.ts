/** What deployctl and people rely on: arguments, configuration, the shape of lines, and that questions change nothing. */
import {batsFile} from './helpers/bats.ts';

await batsFile('contract.bats');
