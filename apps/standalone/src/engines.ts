import { join } from 'node:path';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded-event-store';
import type { EventStore, Position } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import type { Configuration } from '@meterbook/runtime/configuration';
import type { Log } from '@meterbook/runtime/log';
import { EmbeddedTopics } from '@meterbook/topics/embedded-topics';
import type { Topics } from '@meterbook/topics/topics';

const dayMs = 86_400_000;
/** What `usage.recorded` is kept for beyond the age window: a redrive, a look at what came in. */
const usageMarginDays = 7;
/** The store holds every entry for ever; the topics that tell of them need not. */
const entriesKeptDays = 7;

export interface Engines {
  readonly store: EventStore;
  readonly topics: Topics;
  readonly close: () => Promise<void>;
}

/** The embedded engines of one thread. Threads share the files and nothing else. */
export function openEngines(configuration: Configuration, clock: Clock, log: Log): Engines {
  const store = new EmbeddedEventStore(folders(configuration).store, clock);
  const topics = new EmbeddedTopics(folders(configuration).topics, clock, {
    prefix: configuration.TOPIC_PREFIX,
    partitions: configuration.PARTITIONS,
    retentionMs: {
      'usage.recorded': (configuration.USAGE_MAX_AGE_DAYS + usageMarginDays) * dayMs,
      'ledger.entries': entriesKeptDays * dayMs,
      'tier.changes': entriesKeptDays * dayMs,
    },
    listener: {
      failed: ({ error, ...failure }) =>
        log.error({ ...failure, err: error }, 'A batch failed and will be delivered again.'),
      recovered: (recovery) => log.info(recovery, 'A partition moves on again.'),
    },
  });
  const close = async (): Promise<void> => {
    await topics.close();
    await store.close();
  };
  return { store, topics, close };
}

/** Records that a group has still to work off. */
export async function lagOf(topics: Topics, group: string, topic: string): Promise<number> {
  return (await topics.lag(group, [topic])).reduce((sum, { lag }) => sum + lag, 0);
}

/** Events of the embedded store, of whatever stream, after a position: there a position is a number. */
export async function eventsAfter(store: EventStore, position: Position | 'start'): Promise<number> {
  const end = await store.end();
  const numberOf = (at: Position | 'start'): number => (at === 'start' ? -1 : Number(at));
  return Math.max(0, numberOf(end) - numberOf(position));
}

/** Where each part keeps its files under `DATA_DIR`. */
export function folders({ DATA_DIR }: Configuration): {
  readonly store: string;
  readonly topics: string;
  readonly tiers: string;
  readonly finance: string;
} {
  return {
    store: join(DATA_DIR, 'store'),
    topics: join(DATA_DIR, 'topics'),
    tiers: join(DATA_DIR, 'tier-projection'),
    finance: join(DATA_DIR, 'finance'),
  };
}
