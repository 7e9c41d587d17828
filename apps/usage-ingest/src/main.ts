import 'reflect-metadata';
import { runService } from '@meterbook/host/service/run-service';
import { usageIngestService } from './usage-ingest-service';

runService(usageIngestService);
