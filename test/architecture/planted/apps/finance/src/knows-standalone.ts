import { standalone } from '../../standalone/src/standalone';

export const host = [standalone];
