import 'reflect-metadata';
import { runService } from '@meterbook/host/service-main';
import { financeService } from './finance-service';

runService(financeService);
