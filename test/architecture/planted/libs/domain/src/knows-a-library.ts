import type { Clock } from '@meterbook/runtime/clock';

export type Timed = (clock: Clock) => void;
