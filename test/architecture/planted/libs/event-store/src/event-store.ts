import { egg } from './egg';

export const eventStore = [egg];
