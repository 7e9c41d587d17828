import { finance } from '@meterbook/finance/finance';

export const reports = [finance];
