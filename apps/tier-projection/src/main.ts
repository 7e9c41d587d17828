import 'reflect-metadata';
import { runService } from '@meterbook/runtime/service-main';
import { tierProjectionService } from './tier-projection-service';

runService(tierProjectionService);
