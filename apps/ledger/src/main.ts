import 'reflect-metadata';
import { runService } from '@meterbook/host/service-main';
import { ledgerService } from './ledger-service';

runService(ledgerService);
