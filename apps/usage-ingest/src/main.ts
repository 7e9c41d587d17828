import 'reflect-metadata';
import { runService } from '@meterbook/runtime/service-main';
import { usageIngestService } from './usage-ingest-service';

runService(usageIngestService);
