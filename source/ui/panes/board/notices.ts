/** Lines below the header: what runs, what was interrupted, what is not as it should be. */
import {noticesOf} from '../../../state/view/notices.ts';
import type {State} from '../../../state/model/state.ts';
import {cut, type Line, span} from '../../lines/text.ts';
import type {Look} from '../../lines/theme.ts';

export const noticeLines = (state: State, look: Look, width: number): readonly Line[] =>
	noticesOf(state).map(({tone, text}): Line => {
		const mark =
			tone === 'busy'
				? look.turningMarkOf('running').text
				: tone === 'good'
					? look.outcomeMarkOf('succeeded').text
					: look.glyphs.warn;
		return [
			span(` ${mark} `, tone, {bold: true}),
			span(cut(text, width - 4, look.glyphs.ellipsis), tone, {bold: tone === 'bad'}),
		];
	});
