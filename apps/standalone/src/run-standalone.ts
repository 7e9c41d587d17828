import { startUntilTold } from '@meterbook/host/service/run-service';
import { readConfiguration } from '@meterbook/runtime/configuration';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { Standalone } from './standalone';

/** Runs everything in this process, on what the environment says, until somebody asks it to stop; resolves once it listens. */
export async function runStandalone(environment: Readonly<Record<string, string | undefined>>): Promise<void> {
  const configuration = readConfiguration(environment);
  const log = createLog(configuration.LOG_LEVEL);
  await startUntilTold(async () => {
    const { standalone, address } = await Standalone.start(configuration, log, new SystemClock(), new SystemRandom());
    return { running: standalone, address };
  }, log);
}
