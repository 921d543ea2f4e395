/** kill -9 at every step, restart mode: see kill.bash. */
import {batsFile} from './helpers/bats.ts';

await batsFile('kill-restart.bats');
