import 'reflect-metadata';
import { readConfiguration } from '@meterbook/runtime/configuration';
import { createLog } from '@meterbook/runtime/log';
import { endWhereUnfit, failToStart, stopOnSignals } from '@meterbook/host/service/run-service';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { Standalone } from './standalone';

async function main(): Promise<void> {
  const configuration = readConfiguration(process.env);
  const log = createLog(configuration.LOG_LEVEL);
  const { standalone, address } = await Standalone.start(configuration, log, new SystemClock(), new SystemRandom());
  log.info({ address, docs: `${address}/docs` }, 'Listening.');
  stopOnSignals(standalone, log);
  endWhereUnfit(standalone, log);
}

main().catch(failToStart);
