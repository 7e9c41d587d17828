import 'reflect-metadata';
import { runService } from '@meterbook/host/service/run-service';
import { tierProjectionService } from './tier-projection-service';

runService(tierProjectionService);
