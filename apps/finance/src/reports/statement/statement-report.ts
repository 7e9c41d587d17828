import type { Account } from '@meterbook/domain/account/account';
import type { AccountCheckpointed } from '@meterbook/domain/account/checkpoint';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { fromSnapshot } from '@meterbook/domain/account/snapshot';
import { decodeEvent } from '@meterbook/books/event-codec';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';
import { StoreUnavailable } from '@meterbook/event-store/store-failure';
import type { ProjectionReader } from '../../projections/projection-reader';
import { trialBalance } from '../../projections/trial-balance/trial-balance';
import { StatementFold, type Balances, type StatementEntry } from './statement-fold';

export interface StatementPeriod {
  readonly platform: string;
  readonly account: string;
  /** Milliseconds since 1970, inclusive; −Infinity for the beginning. */
  readonly from: number;
  /** Exclusive; Infinity for everything that is booked. */
  readonly to: number;
  /** What time alone changes is derived before this instant: the end of the period, or of now. */
  readonly derivedTo: number;
  /** IANA name. */
  readonly zone: string;
}

/** What of a statement comes before its entries. */
export interface StatementHead {
  readonly currency: string;
  readonly opening: Balances;
  /** Store time before which all that was booked is in it, milliseconds since 1970; −1 where nothing is known of that. */
  readonly watermark: number;
}

/** What comes after them. */
export interface StatementFoot {
  readonly closing: Balances;
  /** Booked and complete: the same question will never have another answer. */
  readonly final: boolean;
  /** Where what an event states is not what the entries come to; the statement ends there. */
  readonly faults: readonly { readonly revision: number; readonly detail: string }[];
}

/** A statement that can be read once: head, entries, foot. */
export interface Statement {
  readonly head: StatementHead;
  readonly entries: AsyncIterable<StatementEntry>;
  /** Known once the entries have been read. */
  readonly foot: () => StatementFoot;
}

/** An account's entries of a period in the order they were booked, from the account's own stream. */
export class StatementReport {
  constructor(
    private readonly store: EventStore,
    private readonly reader: ProjectionReader,
  ) {}

  /** Undefined where the account was never opened. */
  async open(period: StatementPeriod): Promise<Statement | undefined> {
    const stream = `account-${period.platform}/${period.account}`;
    // Asked before the events are read: what comes meanwhile may be in it, what was there is.
    const watermark = await this.watermarkFor(period);
    const start = await this.checkpointBefore(period);
    const events = this.store.read(stream, start ? start.revision + 1 : 'start', 'forward')[Symbol.asyncIterator]();
    const fold = new StatementFold(period, start);
    // What was booked before the period only leads to the opening balance.
    let next = await events.next();
    const faults: { revision: number; detail: string }[] = [];
    const take = (stored: StoredEvent): StatementEntry[] => {
      try {
        return fold.take(stored, decodeEvent<AccountEvent>(stored));
      } catch (error) {
        faults.push({ revision: stored.revision, detail: error instanceof Error ? error.message : String(error) });
        return [];
      }
    };
    if (next.done === true && !start) return undefined;
    while (next.done !== true && next.value.bookedAt < period.from && faults.length === 0) {
      take(next.value);
      next = await events.next();
    }
    const first = next;
    async function* entries(): AsyncIterable<StatementEntry> {
      try {
        for (
          let now = first;
          now.done !== true && now.value.bookedAt < period.to && faults.length === 0;
          now = await events.next()
        )
          yield* take(now.value);
        yield* fold.end();
      } finally {
        await events.return?.();
      }
    }
    const currency = fold.currency ?? (first.done === true ? '' : currencyOf(first.value));
    const head = { currency, opening: fold.open(), watermark };
    const foot = (): StatementFoot => ({
      closing: fold.balances(),
      final: period.to <= watermark && faults.length === 0,
      faults,
    });
    return { head, entries: entries(), foot };
  }

  /**
   * The store time that a projection has passed: nothing is booked before it any more. It waits a moment for the period's end. The
   * statement itself needs no projection: where none can be read, nothing is known to be complete.
   */
  private async watermarkFor({ to }: StatementPeriod): Promise<number> {
    try {
      if (Number.isFinite(to)) await this.reader.isFinalAt(trialBalance.name, to - 1);
      return this.reader.progress(trialBalance.name)?.watermark ?? -1;
    } catch {
      return -1;
    }
  }

  /**
   * The account as the last checkpoint before the period has it, so that a long past need not be read. Checkpoints are derived: one
   * that cannot be read costs time and nothing else.
   */
  private async checkpointBefore(period: StatementPeriod): Promise<Account | undefined> {
    try {
      return await this.readCheckpoint(period);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      return undefined;
    }
  }

  private async readCheckpoint({ platform, account, from }: StatementPeriod): Promise<Account | undefined> {
    for await (const stored of this.store.read(`checkpoint-${platform}/${account}`, 'end', 'backward'))
      if (stored.bookedAt < from) {
        const account = fromSnapshot(decodeEvent<AccountCheckpointed>(stored).state);
        // One of a later version is passed over.
        if (account) return account;
      }
    return undefined;
  }
}

function currencyOf(stored: StoredEvent): string {
  const event = decodeEvent<AccountEvent>(stored);
  return 'currency' in event ? event.currency : '';
}
