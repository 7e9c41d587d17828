import { AccessTokensError } from '@meterbook/http/auth/access-tokens';
import { StoreUnfit } from '@meterbook/event-store/store-failure';
import { ConfigurationError, readConfiguration } from '@meterbook/runtime/configuration';
import { FileDamaged } from '@meterbook/runtime/database-file';
import { createLog, withoutSecrets, type Log } from '@meterbook/runtime/log';
import { FilesUnfit } from './files/files-unfit';
import { ServiceHost, type Service } from './service';
import { ServiceProcess } from './service-process';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { SystemRandom } from '@meterbook/runtime/system-random';

/** Something that listens and can be stopped in order. */
export interface Stoppable {
  stop(): Promise<void>;
}

/** Stops it in order at SIGTERM or SIGINT, and ends the process. */
export function stopOnSignals(running: Stoppable, log: Log): void {
  const stop = (signal: NodeJS.Signals): void => {
    log.info({ signal }, 'Stopping.');
    end(running, log, 0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

/** Says why a process could not start: in a sentence where whoever set it up can mend it. */
export function failToStart(error: unknown): never {
  const isKnown = [ConfigurationError, AccessTokensError, FilesUnfit, FileDamaged, StoreUnfit].some(
    (known) => error instanceof known,
  );
  if (!(error instanceof Error)) console.error(withoutSecrets(String(error)));
  else console.error(isKnown ? error.message : withoutSecrets(error.stack ?? error.message));
  process.exit(1);
}

/** Runs a service as this process, on what the environment says. */
export function runService(service: Service): void {
  start(service).catch(failToStart);
}

async function start(service: Service): Promise<void> {
  const configuration = readConfiguration(process.env);
  const log = createLog(configuration.LOG_LEVEL).child({ service: service.name });
  const host = new ServiceHost(configuration, new SystemClock(), new SystemRandom(), log);
  const { process: running, address } = await ServiceProcess.listen(service, host);
  log.info({ address, docs: `${address}/docs` }, 'Listening.');
  stopOnSignals(running, log);
  running.started.then(
    () => log.info('The loops run.'),
    (error: unknown) => {
      // Whoever runs it needs the sentence with the remedy, and no stack.
      if (error instanceof StoreUnfit) log.fatal(withoutSecrets(error.message));
      else log.fatal({ err: error }, 'An engine is not fit to keep the books.');
      end(running, log, 1);
    },
  );
}

function end(running: Stoppable, log: Log, code: 0 | 1): void {
  running.stop().then(
    () => process.exit(code),
    (error: unknown) => {
      log.fatal({ err: error }, 'Could not stop in order.');
      process.exit(1);
    },
  );
}
