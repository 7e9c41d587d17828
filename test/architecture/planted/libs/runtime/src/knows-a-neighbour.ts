import { floats } from '@meterbook/domain/neighbour';

export const neighbours = [floats];
