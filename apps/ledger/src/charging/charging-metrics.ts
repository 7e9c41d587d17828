import { Counter, Gauge, type Registry } from 'prom-client';
import type { ChargingParts } from './charging-parts';

const MS_PER_SECOND = 1_000;

/** What the charge loop counts, in a registry that is read when it is asked for. */
export function addChargingMetrics(registry: Registry, { accounts, writer, charge, time, clock }: ChargingParts): void {
  const registers = [registry];
  new Counter({
    name: 'meterbook_usage_total',
    help: 'Usage events worked off, by what became of them.',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      const { charged, duplicates, deadLetters } = charge.counts;
      this.inc({ outcome: 'charged' }, charged);
      this.inc({ outcome: 'duplicate' }, duplicates);
      this.inc({ outcome: 'dead_letter' }, deadLetters);
    },
  });
  new Counter({
    name: 'meterbook_usage_unratable_total',
    help: 'Usage events that the rules threw on: a bug.',
    registers,
    collect() {
      this.reset();
      this.inc(charge.counts.unratable);
    },
  });
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('meterbook_accounts_in_memory', 'Accounts whose state the charge loop holds.', () => accounts.cache.size);
  gauge('meterbook_account_cache_bytes', 'Bytes that they take, about.', () => accounts.cache.bytes);
  gauge(
    'meterbook_accounts_without_checkpoint',
    'Accounts whose state is too large for a checkpoint, so that they are read from their whole stream.',
    () => accounts.checkpoints.tooLargeCount,
  );
  gauge(
    'meterbook_usage_time_ahead_seconds',
    'How far the time of stored usage is ahead of our clock, where that is more than a minute.',
    () => time.aheadMs / MS_PER_SECOND,
  );
  gauge(
    'meterbook_oldest_uncharged_seconds',
    'How long the oldest usage that is being charged has waited since it was accepted; 0 where none waits.',
    () => charge.inHand.oldestAgeMs(clock.now()) / MS_PER_SECOND,
  );
  gauge('meterbook_account_work_queued', 'Pieces of work that wait for the writer of accounts.', () => writer.queued);
}
