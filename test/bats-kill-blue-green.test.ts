/** kill -9 at every step, blue-green mode: see kill.bash. */
import {batsFile} from './helpers/bats.ts';

await batsFile('kill-blue-green.bats');
