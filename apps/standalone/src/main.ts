import 'reflect-metadata';
import { AccessTokensError } from '@meterbook/http/auth/access-tokens';
import { ConfigurationError, readConfiguration } from '@meterbook/runtime/configuration';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { Standalone } from './standalone';

async function main(): Promise<void> {
  const configuration = readConfiguration(process.env);
  const log = createLog(configuration.LOG_LEVEL);
  const { standalone, address } = await Standalone.start(configuration, log, new SystemClock(), new SystemRandom());
  log.info({ address, docs: `${address}/docs` }, 'Listening.');
  const stop = (signal: string): void => {
    log.info({ signal }, 'Stopping.');
    standalone.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.fatal({ err: error }, 'Could not stop in order.');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', () => stop('SIGTERM'));
  process.once('SIGINT', () => stop('SIGINT'));
}

main().catch((error: unknown) => {
  const isKnown = error instanceof ConfigurationError || error instanceof AccessTokensError;
  console.error(isKnown ? error.message : error);
  process.exit(1);
});
