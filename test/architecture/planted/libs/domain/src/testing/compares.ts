import { isDeepStrictEqual } from 'node:util';

export const same = isDeepStrictEqual;
