import type { MessagePort } from 'node:worker_threads';
import type { Registry } from 'prom-client';
import type { Clock } from '@meterbook/runtime/clock';
import type { Engines } from '@meterbook/host/engines/engines';
import type { Log } from '@meterbook/runtime/log';
import { ServiceLoops, type HostedLoop } from '@meterbook/host/loops/hosted-loops';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { REPORT_EVERY_MS, type ThreadMessage } from './thread-messages';

export interface ThreadParts {
  readonly loops: readonly HostedLoop[];
  readonly registry: Registry;
  readonly engines: Engines;
  /** Resolves when nothing is under way any more; asked once the loops have ended. */
  readonly idle?: () => Promise<void>;
}

/** Runs loops in this thread until the main thread says stop, and reports how they are. */
export async function hostLoops(
  { loops: hosted, registry, engines, idle }: ThreadParts,
  clock: Clock,
  log: Log,
  port: MessagePort,
): Promise<void> {
  const loops = new ServiceLoops(hosted, engines.deliveries, REPORT_EVERY_MS, clock, new SystemRandom(), log);
  const stopping = new AbortController();
  // The only message there is says stop.
  port.once('message', () => stopping.abort());
  loops.start();
  while (!stopping.signal.aborted) {
    tell(port, { kind: 'report', loops: loops.reports(), metrics: await registry.getMetricsAsJSON() });
    await clock.sleep(REPORT_EVERY_MS, stopping.signal);
  }
  try {
    await loops.stop();
  } catch (error) {
    log.error({ err: error }, 'A loop did not end.');
  }
  await idle?.();
  await engines.close();
  tell(port, { kind: 'stopped' });
}

function tell(port: MessagePort, message: ThreadMessage): void {
  port.postMessage(message);
}
