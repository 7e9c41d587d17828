import { egg } from '@meterbook/event-store/egg';

export const neighbours = [egg];
