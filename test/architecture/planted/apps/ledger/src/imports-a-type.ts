import { Clock } from '@meterbook/runtime/clock'; // caught

export type Timed = (clock: Clock) => void;
