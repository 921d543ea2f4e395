/** How checks write findings, each in a line. */
import {sanitise} from '../../core/text/sanitise.ts';
import type {Area, Finding, Fix, Read, Severity} from './model.ts';

type More = {why?: string | null; how?: string | null; where?: string | null; fix?: Fix | null};

const text = (value: string | null | undefined): string | null => (value == null ? null : sanitise(value, 600));

/** Findings of one area: `say('error', 'workflows.disabled', …)`. Whatever came from outside is made safe here. */
export const sayingIn =
	(area: Area) =>
	(severity: Severity, id: string, what: string, {why, how, where, fix}: More = {}): Finding => ({
		id: `${area}.${id}`,
		area,
		severity,
		what: sanitise(what, 300),
		why: text(why),
		how: text(how),
		where: text(where),
		fix: fix ?? null,
	});

export type Say = ReturnType<typeof sayingIn>;

/** What could not be read is unknown, with GitHub's own words; what nobody asked for is not mentioned. */
export const unread = (
	say: Say,
	id: string,
	what: string,
	read: Extract<Read<unknown>, {ok: false}>,
	more: More = {},
): Finding => say('unknown', id, what, {why: read.because, how: read.next, ...more});

export const quoted = (name: string): string => `“${name}”`;
export const listed = (names: readonly string[], most = 4): string =>
	names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
