import { streamKinds } from '@meterbook/books/stream-kinds';
import { EsdbEventStore } from '@meterbook/event-store/esdb/esdb-event-store';
import { chargingParts } from '@meterbook/ledger/charging/charging-parts';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { chargingLimits, kafkaTopics, usageTopic } from './workload';

export interface NewOwnerTimes {
  /** Until the usage was charged. */
  readonly sinceStartMs: number;
  readonly sinceDeliveryMs: number;
}

/** A process that knows nothing: it joins the group, charges the one usage that waits, says how long that took, and ends. */
async function main(brokers: string, url: string, prefix: string): Promise<void> {
  const store = new EsdbEventStore(url, new SystemClock(), { kinds: streamKinds, prefix: '' });
  const topics = kafkaTopics(brokers.split(','), prefix);
  const { charge } = chargingParts(store, topics, chargingLimits, {
    clock: new SystemClock(),
    log: createLog('error'),
  });
  const stop = new AbortController();
  await topics.consume(
    'ledger',
    [usageTopic],
    async (batch, signal) => {
      const deliveredMs = performance.now();
      await charge.handle(batch, signal);
      stop.abort();
      // Whoever waits for the line hears of this by the end of the process.
      if (charge.counts.charged !== 1) return;
      // Counted from the start of the process.
      const sinceStartMs = performance.now();
      const times: NewOwnerTimes = { sinceStartMs, sinceDeliveryMs: sinceStartMs - deliveredMs };
      console.log(JSON.stringify(times));
    },
    stop.signal,
  );
  await topics.close();
  await store.close();
}

const [brokers = '', url = '', prefix = ''] = process.argv.slice(2);
void main(brokers, url, prefix);
