import { ledger } from '@meterbook/ledger/ledger';

export const host = [ledger];
