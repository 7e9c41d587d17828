import type { MessagePort } from 'node:worker_threads';
import type { Registry } from 'prom-client';
import type { Clock } from '@meterbook/runtime/clock';
import { LoopHost, type Loop } from '@meterbook/runtime/loop-host';
import type { Log } from '@meterbook/runtime/log';
import { reportEveryMs, type LoopReport, type StopMessage, type ThreadMessage } from './thread-messages';

export interface HostedLoop {
  readonly name: string;
  readonly run: Loop;
  /** Records or events still to be worked off; null while that is not known. */
  readonly behind: () => Promise<number | null> | number | null;
}

export interface ThreadParts {
  readonly loops: readonly HostedLoop[];
  readonly registry: Registry;
  /** Lets go of the engines once the loops have ended. */
  readonly close: () => Promise<void>;
}

/** Runs loops in this thread until the main thread says stop, and reports how they are. */
export async function hostLoops(parts: ThreadParts, clock: Clock, log: Log, port: MessagePort): Promise<void> {
  const hosts = parts.loops.map((loop) => ({
    loop,
    host: new LoopHost(loop.name, loop.run, clock, (name, error, restartInMs) =>
      log.error({ loop: name, err: error, restartInMs }, 'A loop failed and will be restarted.'),
    ),
  }));
  const stopping = new AbortController();
  port.once('message', (_message: StopMessage) => stopping.abort());
  for (const { host } of hosts) host.start();
  while (!stopping.signal.aborted) {
    const loops: LoopReport[] = [];
    for (const { loop, host } of hosts) loops.push({ health: host.health(), behind: await behindOf(loop) });
    tell(port, { kind: 'report', loops, metrics: await parts.registry.getMetricsAsJSON() });
    await clock.sleep(reportEveryMs, stopping.signal);
  }
  await Promise.allSettled(hosts.map(({ host }) => host.stop()));
  await parts.close();
  tell(port, { kind: 'stopped' });
}

function tell(port: MessagePort, message: ThreadMessage): void {
  port.postMessage(message);
}

async function behindOf(loop: HostedLoop): Promise<number | null> {
  try {
    return await loop.behind();
  } catch {
    // The engine is down: the loop's own failures say so.
    return null;
  }
}
