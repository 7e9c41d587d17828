import type { WalletRecharged } from '@meterbook/domain/account/wallet/events';
import { rechargeFact } from '@meterbook/domain/tier/tier';
import { accountNamed } from '@meterbook/books/account-stream';
import { accountPrefix } from '@meterbook/books/stream-kinds';
import { decodeEvent } from '@meterbook/books/event-codec';
import { DamagedStreams, folded } from '@meterbook/event-store/damaged-streams';
import { comparePositions, type EventStore, type Position, type StoredEvent } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';
import { RechargeTotalsFile, type AccountRecharges } from './recharge-totals-file';

/** How often a position is saved that no recharge has led to, at the most. */
const SAVE_EVERY_MS = 1000;

/**
 * Keeps every account's recharge totals for the view, from the store: a recharge says what it adds up to, so that the
 * last one is enough. A file that is lost or cannot be read is filled again from the first event. All other events pass unparsed.
 */
export class FoldRecharges {
  /** Streams whose recharges are not counted, or not all of them. */
  readonly damaged = new DamagedStreams();
  private reached: Position | 'start' = 'start';

  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly directory: string,
    private readonly log: Log,
  ) {}

  /** How far along the store it has come. */
  progress(): Position | 'start' {
    return this.reached;
  }

  /** The loop: folds until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const file = RechargeTotalsFile.open(this.directory, (path, err) =>
      this.log.warn(
        { file: path, err },
        'The file cannot be read: it is thrown away and filled again from the event store.',
      ),
    );
    try {
      this.reached = file.position();
      await this.refuseAnotherStore();
      let savedAt = this.clock.now();
      for await (const { events, damaged, position } of this.store.subscribe([accountPrefix], this.reached, signal)) {
        for (const { stream, damage } of damaged) this.damaged.note(stream, damage);
        const recharges = events.flatMap((event) => this.rechargesIn(event));
        const now = this.clock.now();
        if (position !== this.reached && (recharges.length > 0 || now - savedAt >= SAVE_EVERY_MS)) {
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

  private rechargesIn(stored: StoredEvent): AccountRecharges[] {
    const { stream, type } = stored;
    const account = stream.slice(accountPrefix.length);
    if (type !== 'WalletRecharged' || !accountNamed(account)) return [];
    try {
      return [folded(stream, () => toRecharges(account, stored))];
    } catch (error) {
      if (!(error instanceof StreamDamaged)) throw error;
      this.damaged.note(stream, error);
      return [];
    }
  }

  /** A store that is shorter than what was read of it is not the one that was read: nothing of it would be counted. */
  private async refuseAnotherStore(): Promise<void> {
    const end = await this.store.end();
    if (comparePositions(this.reached, end) <= 0) return;
    throw new Error(
      `the event store ends at ${end}, but tiers.db has read it up to ${this.reached}: restore the store, or delete tiers.db if this store is the right one`,
    );
  }
}

function toRecharges(account: string, stored: StoredEvent): AccountRecharges {
  const { revision, totals } = rechargeFact(decodeEvent<WalletRecharged>(stored), stored.revision);
  if (!Number.isSafeInteger(totals.count)) throw new Error(`the recharge at revision ${revision} has no count`);
  return { account, revision, totals };
}
