import 'reflect-metadata';
import { runService } from '@meterbook/host/service/run-service';
import { financeService } from './finance-service';

runService(financeService);
