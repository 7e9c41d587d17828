import { readConfiguration } from '@meterbook/runtime/configuration';
import { createLog, withoutSecrets, type Log } from '@meterbook/runtime/log';
import { ServiceHost, type Service } from './service';
import { ServiceProcess } from './service-process';
import { isUnfitToStart, startFailureText } from '@meterbook/runtime/unfit-to-start';
import { whyNotStarted } from './why-not-started';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { SystemRandom } from '@meterbook/runtime/system-random';

/** Something that listens and can be stopped in order. */
export interface Stoppable {
  stop(): Promise<void>;
}

/** Something that listens while it still waits for its engines. */
export interface Starting extends Stoppable {
  /** Rejects where an engine is there and would endanger the books. */
  readonly started: Promise<void>;
}

/** What has begun to listen, and where. */
interface Listening<T> {
  readonly running: T;
  readonly address: string;
}

/**
 * Starts something and says where it listens. From before its first step on SIGTERM and SIGINT stop it in order and end the
 * process: what is told to stop while it starts is stopped once it could be. Undefined where it was.
 */
export async function startUntilTold<T extends Starting>(
  start: () => Promise<Listening<T>>,
  log: Log,
): Promise<T | undefined> {
  const told = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    log.info({ signal }, 'Stopping.');
    told.abort();
    // Why it could not start is said by who started it.
    starting.then(
      ({ running }) => end(running, log, 0),
      () => undefined,
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const starting = Promise.resolve().then(start);
  const { running, address } = await starting;
  endWhereUnfit(running, log);
  if (told.signal.aborted) return undefined;
  log.info({ address, docs: `${address}/docs` }, 'Listening.');
  return running;
}

/** Says why a process could not start, and ends it. */
export function failToStart(reason: unknown): never {
  console.error(whyNotStarted(reason));
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
  const running = await startUntilTold(async () => {
    const { process, address } = await ServiceProcess.listen(service, host);
    return { running: process, address };
  }, log);
  await running?.started.catch(() => undefined);
  if (running?.runs) log.info('The loops run.');
}

/** Ends the process where what it starts on turns out to be unfit after it has begun to listen. */
function endWhereUnfit(running: Starting, log: Log): void {
  running.started.catch((error: unknown) => {
    if (isUnfitToStart(error)) log.fatal(withoutSecrets(startFailureText(error)));
    else log.fatal({ err: error }, 'An engine is not fit to keep the books.');
    end(running, log, 1);
  });
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
