import 'reflect-metadata';
import { runService } from '@meterbook/host/service-main';
import { tierProjectionService } from './tier-projection-service';

runService(tierProjectionService);
