/** How an application learns of its new release: two colours behind a front, or a restart by whatever the project uses. */
import {batsFile} from './helpers/bats.ts';

await batsFile('restart.bats');
