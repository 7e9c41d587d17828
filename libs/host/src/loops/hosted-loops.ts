import type { Indication } from '@meterbook/http/health/health';
import type { DamagedStreams } from '@meterbook/event-store/damaged-streams';
import type { DeliveryHealth } from '@meterbook/topics/delivery-health';
import type { Clock } from '@meterbook/runtime/clock';
import type { Random } from '@meterbook/runtime/random';
import { withoutSecrets, type Log } from '@meterbook/runtime/log';
import { LoopHost, type Loop, type LoopHealth } from './loop-host';
import type { Backlog } from './backlog';
import type { LoopDeclaration } from './loop-table';
import { Poll } from './poll';

const MS_PER_SECOND = 1_000;

export interface HostedLoop extends LoopDeclaration {
  readonly run: Loop;
  readonly backlog: Backlog;
  /** The consumer group that it is a member of, if it is one. */
  readonly group?: string;
  /** The streams that it goes on without, if it reads any. */
  readonly damaged?: DamagedStreams;
}

/** How a loop is; plain data, so that a thread can tell it to another. */
export interface LoopReport {
  readonly health: LoopHealth;
  readonly unit: Backlog['unit'];
  /** What is still to be worked off, in `unit`; null while that is not known. */
  readonly behind: number | null;
  /** Why a partition of its does not move on; null when all of them do. */
  readonly stuck: string | null;
  /** How many streams it goes on without, since they are damaged; the log names them. */
  readonly damaged: number;
}

/** The loops of one process or thread: starts them, watches them, and stops them. */
export class ServiceLoops {
  private readonly hosted: readonly {
    readonly loop: HostedLoop;
    readonly host: LoopHost;
    readonly behind: Poll<number | null>;
  }[];
  private readonly stopping = new AbortController();
  private polling: Promise<unknown> = Promise.resolve();

  constructor(
    loops: readonly HostedLoop[],
    private readonly deliveries: DeliveryHealth | undefined,
    measureEveryMs: number,
    clock: Clock,
    random: Random,
    log: Log,
  ) {
    for (const { name, damaged } of loops)
      damaged?.listen(({ stream, damage }) =>
        log.error(
          { loop: name, stream, damage: withoutSecrets(damage) },
          'A stream is damaged: the loop goes on without it.',
        ),
      );
    this.hosted = loops.map((loop) => ({
      loop,
      host: new LoopHost(loop.name, loop.run, clock, random, (name, err, restartInMs) =>
        log.error({ loop: name, err, restartInMs }, 'A loop failed and will be restarted.'),
      ),
      behind: new Poll(loop.backlog.read, measureEveryMs, clock),
    }));
  }

  start(): void {
    for (const { host } of this.hosted) host.start();
    this.polling = Promise.all(this.hosted.map(({ behind }) => behind.run(this.stopping.signal)));
  }

  reports(): LoopReport[] {
    return this.hosted.map(({ loop, host, behind }) => ({
      health: host.health(),
      unit: loop.backlog.unit,
      behind: behind.last ?? null,
      stuck: this.stuck(loop.group),
      damaged: loop.damaged?.count ?? 0,
    }));
  }

  /** Lets each loop finish what it holds. Rejects where one of them does not end. */
  async stop(): Promise<void> {
    const outcomes = await Promise.allSettled(this.hosted.map(({ host }) => host.stop()));
    this.stopping.abort();
    await this.polling;
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  private stuck(group: string | undefined): string | null {
    const failure = this.deliveries?.current().find((failed) => failed.group === group);
    if (!failure) return null;
    const { topic, partition, attempt, error } = failure;
    const why = error instanceof Error ? error.message : String(error);
    return `Partition ${partition} of ${topic} does not move on, after ${attempt} attempts: ${withoutSecrets(why)}`;
  }
}

/** What a health check says of a loop; undefined where nobody reports it. */
export function loopIndication(report: LoopReport | undefined): Indication {
  if (!report) return { up: false, detail: 'Nobody reports it.' };
  const { health, unit, behind, stuck, damaged } = report;
  if (health.state === 'stopped') return { up: false, detail: 'It does not run: the engines are waited for.' };
  if (health.state === 'waiting-to-restart') {
    const why = withoutSecrets(health.lastError?.message ?? 'no error');
    return { up: false, detail: `It failed ${health.failures} times in a row and waits to restart: ${why}` };
  }
  const counted = behind !== null && unit === 'records' ? { behind } : {};
  if (stuck !== null) return { up: false, detail: stuck, ...counted };
  const late = behind !== null && unit === 'milliseconds' ? ` At most ${behind} ms behind the store.` : '';
  const without = damaged > 0 ? ` It goes on without ${damaged} damaged streams, which the log names.` : '';
  return { up: true, detail: `It is running.${late}${without}`, ...counted };
}

export interface LoopGauge {
  readonly name: string;
  readonly help: string;
  /** No number while it is not known how far behind the loop is. */
  readonly value: (report: LoopReport | undefined) => number;
}

/** The gauge that says how far a loop is behind. */
export function loopGauge(loop: string, unit: Backlog['unit']): LoopGauge {
  const name = `meterbook_${loop.replaceAll('-', '_')}_behind`;
  const behind = (report: LoopReport | undefined): number => report?.behind ?? Number.NaN;
  return unit === 'records'
    ? { name, help: `Records or events that ${loop} has still to work off.`, value: behind }
    : {
        name: `${name}_seconds`,
        help: `How far ${loop} is behind the store, at most.`,
        value: (report) => behind(report) / MS_PER_SECOND,
      };
}
