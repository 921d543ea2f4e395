/** Whether a key may act now, and if not, why. */
import {goneSha, selectedCandidate} from './select.ts';
import type {State} from '../model/state.ts';

/** The same answer greys the footer, replies to the key press and guards the effect. */
export type Gate =
	| {open: true}
	| {
			open: false;
			because: string;
			hint?: string;
			/** What it depends on is still being read: it will open, or be shut for another reason. */ isLoading?: true;
	  };

export const open: Gate = {open: true};
export const shut = (because: string, hint?: string): Gate => ({open: false, because, ...(hint && {hint})});

/** Not known yet; what is asked for here can wait for it. */
const loading = (because: string): Gate => ({open: false, because, isLoading: true});

/** Whether this program may change anything at all. */
export const mayOperate = ({operations: {availability, reading}, readOnly, settings, replay}: State): Gate => {
	if (replay !== null) return shut('this is a replay', 'What it shows has happened.');
	if (readOnly) return shut('this screen only looks', 'Start it without --read-only.');
	if (settings.readOnly) return shut('the project is set to look only', 'readOnly in deployctl.yml says so.');
	if (availability === 'absent')
		return shut('there is nothing here to operate with', 'Start deployctl in a checkout of the repository.');
	if (availability === 'unknown' || reading === null) return loading('loading local history');
	return reading.problem === null
		? open
		: shut(reading.problem.replace(/\.$/, ''), 'Until then nothing is begun here.');
};

/** Looking needs less. */
export const hasOperations = ({operations: {availability}}: State): Gate =>
	availability === 'absent'
		? shut('there are no operations here', 'Start deployctl in a checkout of the repository.')
		: availability === 'unknown'
			? shut('loading local history')
			: open;

export const isPresent = ({operations: {availability}}: State): boolean => availability === 'present';

/** The first that is shut says why. */
export const both =
	(...gates: ReadonlyArray<(state: State) => Gate>) =>
	(state: State): Gate =>
		gates.map(gate => gate(state)).find(gate => !gate.open) ?? open;

export const hasCommit = (state: State): Gate =>
	selectedCandidate(state)
		? open
		: goneSha(state) === null
			? shut('there is no commit yet', 'R asks GitHub again.')
			: shut('this commit is no longer among the newest', 'esc goes back.');

/** Whether what the dialog shows can be confirmed at all; whether it is too soon for that is said when it is tried. */
export const confirmable = (state: State): Gate => {
	const {dialog} = state;
	if (dialog === null || !('phase' in dialog)) return open;
	if (dialog.phase === 'starting') return shut('it is being done already');
	if (dialog.name === 'plan') {
		if (dialog.phase === 'planning') return shut('the plan is not ready yet');
		if (dialog.phase === 'refused') return shut('it was refused', 'r rebuilds the plan.');
		if (dialog.plan?.blocked) return shut(dialog.plan.blocked.because.replace(/\.$/, ''), dialog.plan.blocked.next);
		if (dialog.phase === 'checking') return shut('something has changed, the plan is being checked', 'A moment.');
	}
	return mayOperate(state);
};
