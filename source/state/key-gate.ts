/** Whether a key may act now, and if not, why. */
import type {State} from './state.ts';

/** The same answer greys the footer, replies to the key press and guards the effect. */
export type Gate = {open: true} | {open: false; because: string; hint?: string};

export const open: Gate = {open: true};
export const shut = (because: string, hint?: string): Gate => ({open: false, because, ...(hint && {hint})});

/** Whether this program may change anything at all. */
export const mayOperate = ({operations: {availability, reading}, readOnly, settings}: State): Gate => {
	if (readOnly) return shut('this screen only looks', 'Start it without --read-only.');
	if (settings.readOnly) return shut('the project is set to look only', 'readOnly in deployctl.yml says so.');
	if (availability === 'absent') return shut('there is nothing here to operate with', 'Start deployctl in a checkout of the repository.');
	if (availability === 'unknown' || reading === null) return shut('the journal is still being read');
	return reading.problem === null ? open : shut(reading.problem.replace(/\.$/, ''), 'Until then nothing is begun here.');
};

/** Looking needs less. */
export const hasOperations = ({operations: {availability}}: State): Gate =>
	availability === 'absent' ? shut('there are no operations here', 'Start deployctl in a checkout of the repository.') : availability === 'unknown' ? shut('the journal is still being read') : open;
