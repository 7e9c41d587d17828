import 'reflect-metadata';
import { runService } from '@meterbook/host/service-main';
import { usageIngestService } from './usage-ingest-service';

runService(usageIngestService);
