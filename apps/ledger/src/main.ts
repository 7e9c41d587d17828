import 'reflect-metadata';
import { runService } from '@meterbook/host/service/run-service';
import { ledgerService } from './ledger-service';

runService(ledgerService);
