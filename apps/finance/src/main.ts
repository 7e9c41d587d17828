import 'reflect-metadata';
import { runService } from '@meterbook/runtime/service-main';
import { financeService } from './finance-service';

runService(financeService);
