import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import { add, subtract, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { takenBy, takenByOccurred } from '@meterbook/domain/entries/timed-items';
import type { EventStore, Position } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import type { ProjectionReader, ProjectionSnapshot } from '../../projections/projection-reader';
import type { LinesSource, View } from '../../projections/trial-balance/read-lines';
import { trialBalance } from '../../projections/trial-balance/trial-balance';
import type { Basis } from '../axes';
import { damagedOf, type DamagedAccounts } from '../damaged-accounts';
import { DerivedTotals, withDerived, type TrialBalanceLine } from './derived-lines';
import { linesBy } from './lines-by';

/** Lines looked at between two turns of whatever else this thread does. */
const LINES_PER_TURN = 2000;

/** Before there is a projection. */
const nothingYet: Omit<TrialBalance, 'asOf' | 'basis'> = {
  final: false,
  position: 'start',
  watermark: -1,
  damaged: { count: 0, accounts: [] },
  lines: [],
  close: () => undefined,
};

/** By which time a trial balance is told. */
export interface TrialBalanceAxes {
  /** `booked` where it is left out. */
  readonly basis?: Basis;
  /** As of when what time alone changes is derived, milliseconds since 1970; as of what was asked where it is left out. */
  readonly derivedAt?: number;
}

/** A trial balance whose lines can be read once; it holds a snapshot until it is closed. */
export interface TrialBalance {
  /** Milliseconds since 1970. */
  readonly asOf: number;
  readonly basis: Basis;
  /** Booked and complete: the same question will never have another answer. */
  readonly final: boolean;
  /** How far the projection had come. */
  readonly position: Position | 'start';
  /** Store time before which everything is in it; −1 before the first event. */
  readonly watermark: number;
  /** The accounts of the platform whose streams cannot be read: what they booked later is not in it. */
  readonly damaged: DamagedAccounts;
  readonly lines: Iterable<TrialBalanceLine>;
  close(): void;
}

/** The trial balance of a platform as of an instant: all that was booked (or had occurred) by then, and what time alone had changed by then. */
export class TrialBalanceReport {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly reader: ProjectionReader,
  ) {}

  /** @param asked null for all that is booked, also what is dated ahead of the clock, derived as of now */
  async open(
    platform: string,
    asked: number | null,
    view: View,
    { basis = 'booked', derivedAt }: TrialBalanceAxes = {},
  ): Promise<TrialBalance> {
    const now = this.clock.now();
    const asOf = asked ?? now;
    // Nobody knows yet what will be booked by an instant to come, however long it is waited for.
    const passed = (await this.reader.isFinalAt(trialBalance.name, Math.min(asOf, now))) && asOf <= now;
    const snapshot = this.reader.snapshot(trialBalance.name);
    if (!snapshot) return { ...nothingYet, asOf, basis };
    const scratch = openDatabase('');
    const close = (): void => {
      scratch.close();
      snapshot.close();
    };
    try {
      const source = await linesBy(basis, asked, platform, snapshot, scratch, this.store, this.clock);
      const derived = await this.derived(
        source,
        new DerivedTotals(basis === 'booked' ? takenBy : takenByOccurred, derivedAt ?? asOf),
      );
      const { position, watermark, bookedAt } = snapshot.progress;
      // What is dated ahead of the instant is in it: asked for by the instant, later, it would not be.
      const isAllAsked = asked !== null || bookedAt <= asOf;
      const damaged = damagedOf(snapshot.damaged, platform);
      // An account that is mended later will have had more in it.
      const final = basis === 'booked' && passed && isAllAsked && damaged.count === 0;
      return {
        asOf,
        basis,
        final,
        position,
        watermark,
        damaged,
        lines: withDerived(source.lines(view), derived),
        close,
      };
    } catch (error) {
      close();
      throw error;
    }
  }

  /** The lines of a snapshot by what was booked by an instant; infinite for all of it. */
  sourceAt(snapshot: ProjectionSnapshot, scratch: Database, platform: string, asOf: number): Promise<LinesSource> {
    return linesBy('booked', asOf, platform, snapshot, scratch, this.store, this.clock);
  }

  /** What time alone has changed of the platform's lines: a look at each line that time changes, and at no event. */
  private async derived(source: LinesSource, totals: DerivedTotals): Promise<DerivedTotals> {
    let lines = 0;
    for (const line of source.timed()) {
      totals.take(line);
      lines += 1;
      if (lines % LINES_PER_TURN === 0) await this.clock.sleep(0);
    }
    return totals;
  }
}

/** Debits and credits of every commodity, added up while the lines go by. */
export class Totals {
  private readonly byCommodity = new Map<string, { debit: Decimal; credit: Decimal }>();

  add({ commodity, debit, credit }: TrialBalanceLine): void {
    const total = this.byCommodity.get(commodity) ?? { debit: zero, credit: zero };
    this.byCommodity.set(commodity, { debit: add(total.debit, debit), credit: add(total.credit, credit) });
  }

  /** By commodity, in its order. */
  list(): { readonly commodity: string; readonly debit: string; readonly credit: string; readonly balance: string }[] {
    return [...this.byCommodity]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([commodity, { debit, credit }]) => ({ commodity, ...amountsOf(debit, credit) }));
  }
}

export function amountsOf(debit: Decimal, credit: Decimal): { debit: string; credit: string; balance: string } {
  return { debit: toText(debit), credit: toText(credit), balance: toText(subtract(debit, credit)) };
}
