/** How every request of a command goes out. */
export {adoptNetworkOf} from '../../edges/network.ts';
