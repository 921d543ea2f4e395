/**
Processes of this machine: who lives, who descends from whom, who holds a file open. A process is its number and its start time, because
numbers are given again. Linux tells by /proc; elsewhere `ps` does, which does not know who holds what.
*/
import {spawnSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync, readlinkSync} from 'node:fs';

export type ProcessIdentity = {
	pid: number;
	/** As the system writes it, with the id of the boot; only good for comparing. */
	startedAt: string;
};

export type ProcessEntry = ProcessIdentity & {parent: number; group: number};

const hasProc = existsSync('/proc/self/stat');
let boot: string | undefined;
const bootId = (): string => (boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());

/** Zombies are dead: they run nothing, and some systems leave them for seconds. */
const isDeadState = (state: string): boolean => /^[ZXx]/.test(state);

const entryFromProc = (pid: number): ProcessEntry | null => {
	try {
		const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
		// The name in parentheses may hold anything, also parentheses and spaces.
		const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
		return isDeadState(fields[0]!)
			? null
			: {pid, parent: Number(fields[1]), group: Number(fields[2]), startedAt: `${fields[19]}.${bootId()}`};
	} catch {
		return null;
	}
};

const psLine = /^(\d+) +(\d+) +(\d+) +(\S+) +(\S.*)$/;
const entriesFromPs = (selection: readonly string[]): ProcessEntry[] => {
	const {stdout} = spawnSync('ps', [...selection, '-o', 'pid=,ppid=,pgid=,stat=,lstart='], {
		encoding: 'utf8',
		env: {PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC'},
	});
	return (stdout ?? '').split('\n').flatMap(line => {
		const [, pid, parent, group, state, startedAt] = psLine.exec(line.trim()) ?? [];
		return pid === undefined || isDeadState(state!)
			? []
			: [
					{
						pid: Number(pid),
						parent: Number(parent),
						group: Number(group),
						startedAt: startedAt!.replaceAll(/\s+/g, ' '),
					},
				];
	});
};

/** null: there is no such process, or only its remains. */
export const processEntry = (pid: number): ProcessEntry | null =>
	hasProc ? entryFromProc(pid) : (entriesFromPs(['-p', String(pid)])[0] ?? null);

export const allProcesses = (): ProcessEntry[] =>
	hasProc
		? readdirSync('/proc').flatMap(name => (/^\d+$/.test(name) ? (entryFromProc(Number(name)) ?? []) : []))
		: entriesFromPs(['-ax']);

export const isAlive = ({pid, startedAt}: ProcessIdentity): boolean => processEntry(pid)?.startedAt === startedAt;

/** Children, their children and so on, as they are now. Who was given to another parent is not among them. */
export const descendantsOf = (root: ProcessIdentity): ProcessIdentity[] => {
	if (!isAlive(root)) return [];
	const children = Map.groupBy(allProcesses(), ({parent}) => parent);
	const found: ProcessIdentity[] = [];
	const seen = new Set([root.pid]);
	for (const queue = [root.pid]; queue.length > 0;) {
		for (const {pid, startedAt} of children.get(queue.shift()!) ?? []) {
			if (seen.has(pid)) continue;
			seen.add(pid);
			found.push({pid, startedAt});
			queue.push(pid);
		}
	}
	return found;
};

const hasVariable = (pid: number, variable: string): boolean => {
	try {
		return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(variable);
	} catch {
		// Gone meanwhile, or another user's.
		return false;
	}
};

const holdsOpen = (pid: number, path: string): boolean => {
	try {
		return readdirSync(`/proc/${pid}/fd`).some(descriptor => {
			try {
				return readlinkSync(`/proc/${pid}/fd/${descriptor}`) === path;
			} catch {
				return false;
			}
		});
	} catch {
		return false;
	}
};

/** The variable that every process of an operation's script inherits. */
export const operationVariable = 'DEPLOYCTL_OPERATION';

/** Processes of the operation, whoever their parent is now. Where the system does not tell, none. A daemon of it that lives on is one of them. */
export const processesOf = (operation: string, except = process.pid): ProcessIdentity[] =>
	hasProc
		? allProcesses().filter(({pid}) => pid !== except && hasVariable(pid, `${operationVariable}=${operation}`))
		: [];

/**
Processes of the operation that still write to its log: not finished, whatever their parent did. A daemon that was properly started has
streams of its own and is none of them. Without /proc: who is left of the process group.
*/
export const holdersOf = (
	operation: string,
	log: string,
	group: number | null,
	except = process.pid,
): ProcessIdentity[] =>
	hasProc
		? processesOf(operation, except).filter(({pid}) => holdsOpen(pid, log))
		: allProcesses().filter(entry => group !== null && group > 0 && entry.group === group && entry.pid !== except);

/** Whether it was sent. A process that is gone is no error; one that was replaced under its number is not touched. */
export const signalProcess = (identity: ProcessIdentity, signal: NodeJS.Signals): boolean =>
	isAlive(identity) && send(identity.pid, signal);

/** To the whole group; the caller knows that the leader's number has not been given to another. */
export const signalGroup = (leader: number, signal: NodeJS.Signals): boolean => send(-leader, signal);

const send = (pid: number, signal: NodeJS.Signals): boolean => {
	try {
		return process.kill(pid, signal);
	} catch {
		return false;
	}
};
