import { finance } from '@meterbook/finance/finance';
import { ledger } from '@meterbook/ledger/ledger';

export const standalone = [finance, ledger];
