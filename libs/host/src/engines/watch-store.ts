import type { INestApplicationContext } from '@nestjs/common';
import type { EventStore, StoreCondition } from '@meterbook/event-store/event-store';
import { Health } from '@meterbook/http/health/health';
import { Metrics } from '@meterbook/http/metrics/metrics';
import { withoutSecrets } from '@meterbook/runtime/log';

const MS_PER_SECOND = 1_000;
/** *Booked at* that is ahead of the clock by no more than this is no news, milliseconds. */
const AHEAD_TOLD_MS = 1_000;

/** What is said of a store that answers. */
export function conditionText({ alarms, aheadMs, foreignStreams }: StoreCondition): string {
  const told = ['It answers.', ...alarms.map((alarm) => `Mend this: ${alarm}.`)];
  if (aheadMs > AHEAD_TOLD_MS)
    told.push(`Booked at stands ${Math.round(aheadMs / MS_PER_SECOND)} s ahead of the clock, which has jumped.`);
  if (foreignStreams > 0) told.push(`It holds ${foreignStreams} streams of somebody else, which are passed over.`);
  return withoutSecrets(told.join(' '));
}

/** Shows in the health check and the metrics of an application how its store is. */
export function watchStore(app: INestApplicationContext, store: EventStore, answers: () => string | null): void {
  app.get(Health, { strict: false }).register('event-store', () => {
    const failure = answers();
    return failure === null ? { up: true, detail: conditionText(store.condition()) } : { up: false, detail: failure };
  });
  const metrics = app.get(Metrics, { strict: false });
  metrics.gauge(
    'meterbook_booked_ahead_seconds',
    'How far the time of bookings stands ahead of the clock since a clock has jumped.',
    () => store.condition().aheadMs / MS_PER_SECOND,
  );
  metrics.gauge(
    'meterbook_store_alarms',
    'What endangers the books and has to be mended; /health/ready tells each.',
    () => store.condition().alarms.length,
  );
}
