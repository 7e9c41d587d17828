import 'reflect-metadata';
import { failToStart } from '@meterbook/host/service/run-service';
import { runStandalone } from './run-standalone';

runStandalone(process.env).catch(failToStart);
