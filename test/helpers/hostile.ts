/**
Lines that act on a terminal: every CSI final byte of ECMA-48 with and without private marks and intermediates, xterm's modes,
every ESC and C1 function, the strings (OSC, DCS, APC, PM, SOS) in seven and eight bits with each end or none, and characters
that reorder, join or hide text.
*/
const esc = '\u001B';
const range = (from: number, to: number) => Array.from({length: to - from + 1}, (_, index) => String.fromCodePoint(from + index));

/** xterm's private modes that programs set, and the reports that a terminal answers. */
const modes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 18, 19, 25, 30, 35, 38, 40, 41, 42, 44, 45, 46, 47, 66, 67, 69, 80, 95, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1010, 1015, 1016, 1034, 1035, 1036, 1037, 1039, 1040, 1042, 1043, 1047, 1048, 1049, 1050, 1051, 1060, 1061, 2004, 2026, 2027, 2031, 9001];
/** OSC numbers of xterm, iTerm2, kitty, VTE, ConEmu, rxvt. */
const oscs = ['0;title', '1;icon', '2;title', '3;X=1', '4;1;?', '5;0;?', '6;1;1', '7;file://h/p', '8;;https://evil.example', '8;id=1;javascript:alert(1)', '9;note', '9;4;1;50', '10;?', '11;?', '12;?', '13;red', '17;?', '19;?', '22;pointer', '46;/tmp/log', '50;font', '51;call', '52;c;aGk=', '52;c;?', '60', '66;s=2;big', '99;i=1;x', '104', '105', '110', '111', '112', '117', '133;A', '133;D;1', '176;app', '555', '633;P;x', '697;x', '701', '702', '710;f', '776', '777;notify;a;b', '1337;File=inline=1:AAAA', '1337;SetMark', '1337;CopyToClipboard=', '5522;type=read', 'l', 'Ltitle', 'I'];
const strings: ReadonlyArray<readonly [seven: string, eight: string, bodies: readonly string[]]> = [
	[']', '\u009D', oscs], ['P', '\u0090', ['q#0;2;0;0;0#0~~', '$q"p', '+q544e', '1$r', '1000p', '>|x', '{x', '=1s', 'tmux;\u001B\u001B]0;x\u0007']], ['_', '\u009F', ['Gf=24,s=1,v=1;AAAA', 'apc']], ['^', '\u009E', ['pm']], ['X', '\u0098', ['sos']],
];
const ends = ['\u0007', `${esc}\\`, '\u009C', '', '\u0018', '\u001A', esc, '\r', ` ${esc}[31m`];

export const hostileLines = (): readonly string[] => [
	...range(0x40, 0x7E).flatMap(final => ['', '0', '5', '999', '1;2;3', '?1', '>1', '=1', '<1', '38;5', '4:3', '1:2:3:4:5:6'].flatMap(parameters => [`a${esc}[${parameters}${final}b`, `a\u009B${parameters}${final}b`])),
	...range(0x20, 0x2F).flatMap(between => ['p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', '{', '|', '}', '~', 'm', '@', 'A'].map(final => `a${esc}[1;2${between}${final}b`)),
	...modes.flatMap(mode => [`a${esc}[?${mode}hb`, `a${esc}[?${mode}lb`, `a${esc}[?${mode}sb`, `a${esc}[?${mode}rb`, `a${esc}[?${mode}$pb`]),
	...range(0x20, 0x7E).map(final => `a${esc}${final}b`),
	...range(0x20, 0x2F).flatMap(between => range(0x30, 0x7E).filter((_, index) => index % 7 === 0).map(final => `a${esc}${between}${final}b`)),
	...range(0x00, 0x1F).filter(character => character !== '\n').map(character => `a${character}b`), ...range(0x7F, 0x9F).map(character => `a${character}b`), ...range(0x80, 0x9F).map(character => `a${character}1;2Hb`),
	...strings.flatMap(([seven, eight, bodies]) => bodies.flatMap(body => ends.flatMap(end => [`a${esc}${seven}${body}${end}b`, `a${eight}${body}${end}b`]))),
	// Sequences within sequences, cut off ones, and such as come together only when another is taken out.
	...['[', ']', 'P', '_', '^', 'X', 'N', 'O', '(', ' ', '#', '%', '[3', '[?', '[38;5;', ']8;;', 'P1$', '[1;'].map(cut => `a${esc}${cut}`),
	`a😀\u009D${esc}`, `a😀\u0090${esc}[1mb`, `a${esc}${esc}[2Jb`, `a${esc}[${esc}[2J2Jb`, `a${esc}${esc}${esc}]0;x\u0007b`, `a${esc}]0;${esc}]52;c;eA==\u0007\u0007b`, `a${esc}[3${esc}[31m1mb`, `a\u009B${esc}[?1049h?1049hb`, `${esc}[${'1;'.repeat(5000)}Hb`, `${esc}]0;${'x'.repeat(20_000)}\u0007b`, `a${esc}\u0000[2Jb`, `a${esc}[2\u0000Jb`, `a${esc}[2\u0008Jb`, `a${esc}[\u0018b`, `a${esc}\r[2Jb`,
	...['\u202A', '\u202B', '\u202C', '\u202D', '\u202E', '\u2066', '\u2067', '\u2068', '\u2069', '\u200E', '\u200F', '\u061C', '\u200B', '\u200C', '\u200D', '\u2060', '\u2061', '\u2062', '\u2063', '\u2064', '\u206A', '\u206F', '\uFEFF', '\u00AD', '\u034F', '\u115F', '\u1160', '\u17B4', '\u180E', '\u2028', '\u2029', '\u3164', '\uFFA0', '\uFE0F', '\uFE0E', '\u{E0001}', '\u{E0041}', '\u{E007F}', '\uE000', '\uFFF9', '\uFFFA', '\uFFFB', '\uD800', '\uDC00', '\uFDD0', '\uFFFF', '\u{1D173}', '\u20E3'].map(character => `a${character}b${character}${character}c`),
	`a${'\u0301'.repeat(300)}b`, `a${'\u0301\u001B[1m'.repeat(300)}b`,
	// The same after a mark of GitHub's.
	`##[group]${esc}]0;x\u0007name`, `##[error]${esc}[2J${esc}[Hgone`, `::error::${esc}[1A${esc}[2Kgone`, `##[command]${esc}P+q544e${esc}\\x`,
];
