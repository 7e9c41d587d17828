import { standalone } from '../../standalone/src/standalone';

export const started = [standalone];
