// So many ports that nobody uses, in one line.
import {freePorts} from '../../source/sandbox/ports.ts';

console.log((await freePorts(Number(process.argv[2]))).join(' '));
