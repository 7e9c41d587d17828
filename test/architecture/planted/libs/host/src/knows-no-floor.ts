import { stray } from '../../stray/src/stray';

export const host = [stray];
