/** Other hosts, by a real sshd with throw-away keys. Several hosts are several names for it, each with its own directory. */
import {batsFile} from './helpers/bats.ts';

await batsFile('ssh.bats');
