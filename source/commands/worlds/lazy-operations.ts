/** Operations that are made when they are first used: they cost nothing at the start. */
import type {OperationLog, Operations} from '../../world.ts';

export const lazyOperations = (make: () => Promise<Operations>): Operations => {
	let made: Promise<Operations> | undefined;
	const real = () => (made ??= make());
	const logOf = (operation: string): OperationLog => {
		let opened: Promise<OperationLog> | undefined;
		const log = () => (opened ??= real().then(operations => operations.log(operation)));
		return {
			grow: async () => (await log()).grow(),
			lines: async (from, count) => (await log()).lines(from, count),
			find: async (...search) => (await log()).find(...search),
			count: async (...search) => (await log()).count(...search),
			close: async () => {
				if (opened) await (await opened).close();
			},
		};
	};
	return {
		read: async () => (await real()).read(),
		refresh: async (...about) => (await real()).refresh(...about),
		changed: async (...wait) => (await real()).changed(...wait),
		observe: async (...about) => (await real()).observe(...about),
		plan: async (...wish) => (await real()).plan(...wish),
		start: async (...plan) => (await real()).start(...plan),
		stop: async (...which) => (await real()).stop(...which),
		lock: async (...what) => (await real()).lock(...what),
		unlock: async (...what) => (await real()).unlock(...what),
		unpin: async (...what) => (await real()).unpin(...what),
		judge: async question => (await real()).judge(question),
		signOff: async wanted => (await real()).signOff(wanted),
		review: async wanted => (await real()).review(wanted),
		hotfixes: async (...signal) => (await real()).hotfixes(...signal),
		log: logOf,
	};
};
