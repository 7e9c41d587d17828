import 'reflect-metadata';
import { runService } from '@meterbook/runtime/service-main';
import { ledgerService } from './ledger-service';

runService(ledgerService);
