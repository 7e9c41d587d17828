import { StoppedClock } from '@meterbook/runtime/testing/stopped-clock';

export const clock = new StoppedClock();
