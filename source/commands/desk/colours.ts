/** Whether lines that are printed may be coloured, and how. */
import type {Preferences} from '../../core/settings/preferences.ts';
import {backgroundFrom, type Look, lookOf} from '../../ui/lines/theme.ts';
import type {Context} from './context.ts';

/** null: none. A pipe gets colours only when they are asked for with --color always. */
export const coloursFor = (
	{stdout, env}: Context,
	when: 'auto' | 'always' | 'never',
	preferences: Preferences,
): Look['colours'] =>
	when === 'never' || (when === 'auto' && !stdout.isTTY)
		? null
		: lookOf(preferences, backgroundFrom(env['COLORFGBG']), 0).colours;
