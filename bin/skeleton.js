// The skeleton: the last frame that the screen showed, painted before the program itself is loaded, so that something
// true is on the screen after a few milliseconds. Written by the app (source/tuning/skeleton.ts), read by the launcher.
// A file exists only for a command line that opened the screen before, so that no other command ever shows one.
'use strict';

const fs = require('fs');
const os = require('os');
const path = require('path');

/** Bytes; a frame of 500 × 150 coloured cells fits. */
const LIMIT = 512 * 1024;

/** Whatever changes what the first frame looks like, apart from the size. */
const ENVIRONMENT = ['GH_REPO', 'GH_HOST', 'NO_COLOR', 'FORCE_COLOR', 'COLORTERM', 'TERM', 'CI', 'INK_SCREEN_READER'];

/** A folder inside the user's cache folder of deployctl. */
function folder(name) {
	const home = os.homedir();
	let base = process.env.XDG_CACHE_HOME;
	if (!base || !path.isAbsolute(base)) {
		if (process.platform === 'darwin') {
			base = path.join(home, 'Library', 'Caches');
		} else if (process.platform === 'win32') {
			base = process.env.LOCALAPPDATA || path.join(home, 'AppData', 'Local');
		} else {
			base = path.join(home, '.cache');
		}
	}
	return path.join(base, 'deployctl', name);
}

/** Every folder from the top down to this one. */
function way(target) {
	const folders = [target];
	for (let at = path.dirname(target); at !== folders[0]; at = path.dirname(at)) {
		folders.unshift(at);
	}
	return folders;
}

/** Whether nobody but us (and root) can put anything into a folder that exists, or put another in its place. */
function isOursAlone(target) {
	const us = process.geteuid();
	return [...new Set([...way(target), ...way(fs.realpathSync(target))])].every(each => {
		const found = fs.lstatSync(each);
		if (each === target) {
			return found.isDirectory() && found.uid === us && (found.mode & 0o022) === 0;
		}
		// Where everybody may write, the sticky bit keeps others from what is ours. A link's own mode means nothing.
		const isOpen = !found.isSymbolicLink() && (found.mode & 0o022) !== 0 && (found.mode & 0o1000) === 0;
		return (found.uid === us || found.uid === 0) && !isOpen;
	});
}

/**
 * A folder inside the user's cache folder for what will be run, made if need be, and null where somebody else could have
 * put something into it: then there is no cache, and nothing else. Whatever the umask is, it is for the user alone.
 */
function ownFolder(name) {
	try {
		const target = folder(name);
		fs.mkdirSync(target, {recursive: true, mode: 0o700});
		return typeof process.geteuid !== 'function' || isOursAlone(target) ? target : null;
	} catch {
		return null;
	}
}

/** FNV-1a, 2 × 32 bits: small, and no crypto module has to be loaded. */
function hash(text) {
	let a = 0x811c9dc5;
	let b = 0x01000193;
	for (let index = 0; index < text.length; index++) {
		const code = text.charCodeAt(index);
		a = Math.imul(a ^ code, 0x01000193);
		b = Math.imul(b ^ code ^ (a >>> 13), 0x85ebca6b);
	}
	return (a >>> 0).toString(16).padStart(8, '0') + (b >>> 0).toString(16).padStart(8, '0');
}

/** Where the frame of this command line, in this folder, at this size is kept. */
function file(argv, columns, rows) {
	const names = ENVIRONMENT.concat(
		Object.keys(process.env)
			.filter(name => name.startsWith('DEPLOYCTL_'))
			.sort(),
	);
	const parts = [
		process.cwd(),
		...argv,
		...names.map(name => `${name}=${process.env[name] === undefined ? '' : process.env[name]}`),
	];
	return path.join(folder('skeletons'), `${hash(parts.join('\0'))}-${columns}x${rows}.txt`);
}

const heading = version => `deployctl skeleton ${version}\n`;

/** The frame of exactly this version, or null for a file that is missing, foreign, cut off or too large. */
function load(version, argv, columns, rows) {
	try {
		const name = file(argv, columns, rows);
		const found = fs.lstatSync(name);
		// Another user's frame could say of production what it likes.
		if (
			!found.isFile() ||
			found.size > LIMIT ||
			(typeof process.geteuid === 'function' && (found.uid !== process.geteuid() || (found.mode & 0o022) !== 0))
		) {
			return null;
		}
		const text = fs.readFileSync(name, 'utf8');
		const start = heading(version);
		const end = '\nend\n';
		if (!text.startsWith(start) || !text.endsWith(end) || text.length < start.length + end.length) {
			return null;
		}
		const frame = text.slice(start.length, -end.length);
		return isPlainFrame(frame) && frame.split('\n').length <= rows ? frame : null;
	} catch {
		return null;
	}
}

/** Text and colours only: a file that was tampered with must not be able to drive the terminal. */
function isPlainFrame(frame) {
	return (
		!/[\x00-\x09\x0B-\x1A\x1C-\x1F\x7F-\x9F]/.test(frame.replace(/\x1B\[[0-9;]*m/g, '')) &&
		!/\x1B(?!\[[0-9;]*m)/.test(frame)
	);
}

/** Never throws: a full or read-only disk means no skeleton next time, nothing else. Readable by the user alone. */
function save(version, argv, columns, rows, frame) {
	try {
		const text = `${heading(version)}${frame}\nend\n`;
		if (Buffer.byteLength(text) > LIMIT || !isPlainFrame(frame)) {
			return false;
		}
		const name = file(argv, columns, rows);
		fs.mkdirSync(path.dirname(name), {recursive: true, mode: 0o700});
		const temporary = `${name}.${process.pid}`;
		fs.writeFileSync(temporary, text, {mode: 0o600});
		fs.renameSync(temporary, name);
		return true;
	} catch {
		return false;
	}
}

// Without wrapping: a row that the terminal shows wider than we thought must not push down those below it.
const ENTER = '\x1B[?1049h\x1B[?7l\x1B[?25l\x1B[H';
const LEAVE = '\x1B[0m\x1B[?1049l\x1B[?7h\x1B[?25h';

/**
 * Paints the skeleton if there is one, and keeps the terminal restorable until the app's own guard takes over.
 * What comes back is handed to `main`: `release` ends this guard and leaves the screen alone, `restore` leaves the screen.
 */
function show(version, argv) {
	const none = {skeletonShown: false, release() {}, restore() {}};
	if (process.stdout.isTTY !== true || process.stdin.isTTY !== true) {
		return none;
	}
	const columns = process.stdout.columns;
	const rows = process.stdout.rows;
	const frame = load(version, argv, columns, rows);
	if (frame === null) {
		return none;
	}
	let isOurs = true;
	const restore = () => {
		if (isOurs) {
			release();
			try {
				fs.writeSync(1, LEAVE);
			} catch {
				// The terminal is gone: nothing to restore.
			}
		}
	};
	const onSignal = signal => {
		restore();
		process.kill(process.pid, signal);
	};
	const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
	const release = () => {
		isOurs = false;
		process.removeListener('exit', restore);
		for (const signal of signals) {
			process.removeListener(signal, onSignal);
		}
	};
	process.on('exit', restore);
	for (const signal of signals) {
		process.on(signal, onSignal);
	}
	process.stdout.write(ENTER + frame);
	return {skeletonShown: true, release, restore};
}

module.exports = {LIMIT, folder, ownFolder, file, load, save, show};
