import original from 'original:widest-line';
import {memo} from './memo.ts';

/** Ink asks for the width of every text in every frame. */
export default memo(original, 2048);
