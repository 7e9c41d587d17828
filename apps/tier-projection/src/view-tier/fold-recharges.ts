import type { WalletRecharged } from '@meterbook/domain/account/events';
import { rechargeFact } from '@meterbook/domain/tier/tier';
import { decodeEvent } from '@meterbook/books/event-codec';
import type { EventStore, Position, StoredEvent } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import { RechargeTotalsFile, type AccountRecharges } from './recharge-totals';

const accountPrefix = 'account-';
/** How often a position is saved that no recharge has led to, at the most. */
const saveEveryMs = 1000;

/**
 * Keeps every account's recharge totals for the view, from the store: a recharge says what it adds up to, so that the
 * last one is enough. A lost file is filled again from the first event. All other events pass unparsed.
 */
export class FoldRecharges {
  private reached: Position | 'start' = 'start';

  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly directory: string,
  ) {}

  /** How far along the store it has come. */
  progress(): Position | 'start' {
    return this.reached;
  }

  /** The loop: folds until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const file = new RechargeTotalsFile(this.directory);
    try {
      this.reached = file.position();
      let savedAt = this.clock.now();
      for await (const { events, position } of this.store.subscribe([accountPrefix], this.reached, signal)) {
        const recharges = events.filter(({ type }) => type === 'WalletRecharged').map(toRecharges);
        const now = this.clock.now();
        if (position !== this.reached && (recharges.length > 0 || now - savedAt >= saveEveryMs)) {
          file.save(recharges, position);
          savedAt = now;
        }
        this.reached = position;
        if (events.length > 0) await this.clock.sleep(0, signal);
      }
    } finally {
      file.close();
    }
  }
}

function toRecharges(stored: StoredEvent): AccountRecharges {
  const { revision, totals } = rechargeFact(decodeEvent<WalletRecharged>(stored), stored.revision);
  return { account: stored.stream.slice(accountPrefix.length), revision, totals };
}
