import 'reflect-metadata';
import { runService } from '@meterbook/host/service/run-service';
import { webhooksService } from './webhooks-service';

runService(webhooksService);
