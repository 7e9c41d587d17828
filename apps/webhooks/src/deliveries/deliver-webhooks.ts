import { Rulebooks } from '@meterbook/books/rulebooks';
import { DamagedStreams } from '@meterbook/event-store/damaged-streams';
import type { EventStore, Position } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';
import type { Random } from '@meterbook/runtime/random';
import type { Topics } from '@meterbook/topics/topics';
import { WebhookStreams } from '../endpoints/webhook-streams';
import type { PostMessages } from '../receivers/post';
import type { SigningKeys } from '../secrets/signing-keys';
import { AccountStates } from './account-states';
import { AskedFile } from './asked-file';
import { BehindEndpoints } from './behind-endpoints';
import { DeliveryFile } from './delivery-file';
import { ExpiringPeriods } from './expiring-periods';
import { Lanes } from './lanes';
import { LearnPeriods } from './learn-periods';
import { PausedAccounts } from './paused-accounts';
import { QueueEvents } from './queue-events';
import { ReadBehind } from './read-behind';
import { Registry, type Listener } from './registry';
import { DISABLED, SendDeliveries } from './send-deliveries';
import { TakeAsked } from './take-asked';
import { TellDeadLetters } from './tell-dead-letters';
import { WatchLow } from './watch-low';

/** Where the file of deliveries is lost, what was booked this long before is sent again, under the same ids, milliseconds. */
export const SENT_AGAIN_MS = 3_600_000;

export interface DeliverParts {
  readonly store: EventStore;
  readonly topics: Topics;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Of the disposable files, the same as the HTTP side's. */
  readonly directory: string;
  readonly keys: SigningKeys;
  readonly posting: PostMessages;
  /** See `BehindEndpoints`. */
  readonly maxWaiting?: number | undefined;
  readonly roomBelow?: number | undefined;
}

type Work = (file: DeliveryFile, signal: AbortSignal) => Promise<void>;

/** Tells endpoints what happens: reads the store and the dead letters, queues in a file of its own, and sends. */
export class DeliverWebhooks {
  /** Streams that deliveries go on without. */
  readonly damaged = new DamagedStreams();
  readonly counts = { delivered: 0, failed: 0 };
  private running:
    | { readonly queue: QueueEvents; readonly registry: Registry; readonly file: DeliveryFile; readonly lanes: Lanes }
    | undefined;
  private reached: Position | 'start' = 'start';

  constructor(private readonly parts: DeliverParts) {}

  /** How far along the store it has come. */
  progress(): Position | 'start' {
    return (this.reached = this.running?.queue.progress() ?? this.reached);
  }

  /** Deliveries that wait; 0 while the loop does not run. */
  waiting(): number {
    return this.running?.file.waitingCount() ?? 0;
  }

  /** Deliveries that are being sent just now. */
  underWay(): number {
    return this.running?.lanes.underWay ?? 0;
  }

  /** Endpoints that were disabled because nothing could be delivered. */
  disabled(): number {
    return this.running?.registry.disabled ?? 0;
  }

  /** The loop: delivers until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, directory } = this.parts;
    const file = DeliveryFile.open(directory, clock.now() - SENT_AGAIN_MS, (path, err) =>
      log.warn(
        { file: path, err },
        'The file cannot be read: it is thrown away, and the last hour is delivered again.',
      ),
    );
    const asked = new AskedFile(directory);
    try {
      await this.work(file, asked, signal);
    } finally {
      this.progress();
      this.running = undefined;
      asked.close();
      file.close();
    }
  }

  private async work(file: DeliveryFile, asked: AskedFile, signal: AbortSignal): Promise<void> {
    const { store, topics, clock, random, log, keys, posting } = this.parts;
    const { damaged } = this;
    const [registry, states, rulebooks, lanes] = [
      new Registry(),
      new AccountStates(store),
      new Rulebooks(store),
      new Lanes(),
    ];
    const queued = (endpoints: ReadonlySet<string>): void => lanes.wake(endpoints);
    const behind = new BehindEndpoints(this.parts.maxWaiting, this.parts.roomBelow);
    behind.restore(file);
    const learning = new LearnPeriods({ store, clock, states, damaged });
    const changed = (listener: Listener): void => {
      learning.want(listener);
      this.noteChange(listener, file, { lanes, behind });
    };
    const shared = { store, clock, rulebooks, registry, states, damaged, behind, queued, changed };
    const queue = new QueueEvents(shared);
    const caughtUp = (ending: AbortSignal): Promise<void> => queue.caughtUp(ending);
    const paused = new PausedAccounts(states, rulebooks, damaged, clock);
    const streams = new WebhookStreams(store);
    const sent = (outcome: 'delivered' | 'failed'): void => void (this.counts[outcome] += 1);
    const sending = new SendDeliveries({ clock, random, log, registry, streams, keys, posting, paused, lanes, sent });
    this.running = { queue, registry, file, lanes };
    await queue.catchUpEndpoints(file, signal);
    const all: readonly { readonly run: Work }[] = [
      queue,
      sending,
      new ReadBehind(shared),
      new ExpiringPeriods(shared),
      learning,
      new WatchLow(shared),
      new TakeAsked({ clock, registry, asked, caughtUp, queued }),
      new TellDeadLetters({ topics, clock, registry, caughtUp, queued }),
    ];
    await together(
      all.map(
        ({ run }, at) =>
          (ending) =>
            run.call(all[at], file, ending),
      ),
      signal,
    );
  }

  /** What waits for an endpoint that was removed is forgotten; what waits for one that was disabled is given up. */
  private noteChange(
    { key, endpoint }: Listener,
    file: DeliveryFile,
    parts: { readonly lanes: Lanes; readonly behind: BehindEndpoints },
  ): void {
    const { lanes, behind } = parts;
    if (!endpoint.enabled || endpoint.removed) behind.drop(key, file);
    if (endpoint.removed) {
      file.remove(key);
      lanes.forget(key);
      return;
    }
    if (!endpoint.enabled) file.giveUpAll(key, DISABLED, this.parts.clock.now());
    lanes.wake([key]);
  }
}

/** Runs works as one: where one of them ends, the others do. */
async function together(
  works: readonly ((signal: AbortSignal) => Promise<void>)[],
  signal: AbortSignal,
): Promise<void> {
  const ending = new AbortController();
  const either = AbortSignal.any([signal, ending.signal]);
  const outcomes = await Promise.allSettled(works.map((work) => work(either).finally(() => ending.abort())));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
