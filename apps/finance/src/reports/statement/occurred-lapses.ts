import type { AccountEvent } from '@meterbook/domain/account/events';
import { isNothing, lapsedAndBack, lapsedSince, type Lapsed } from '@meterbook/domain/entries/time-alone';
import {
  noTimedItems,
  poolItemsAfter,
  takenByOccurred,
  walletItemsAfter,
  type TimedItems,
} from '@meterbook/domain/entries/timed-items';
import { kinds, type OccurredPlace } from './occurred-place';

/** What lapses at an instant, or comes back at it since a pool was carried on. */
export interface LapseEntry {
  readonly place: OccurredPlace;
  readonly part: Lapsed;
}

/** What time alone takes from an account by what had occurred, whenever it was booked: known once all its events have been taken in. */
export class OccurredLapses {
  private wallet: TimedItems = noTimedItems;
  private main: TimedItems = noTimedItems;
  private backup: TimedItems = noTimedItems;

  take(event: AccountEvent): void {
    if (!('wallet' in event)) return;
    this.wallet = walletItemsAfter(this.wallet, event);
    this.main = poolItemsAfter(this.main, event, 'main');
    this.backup = poolItemsAfter(this.backup, event, 'backup');
  }

  /** What has lapsed by an instant, milliseconds since 1970. */
  at(atMs: number): Lapsed {
    return {
      wallet: takenByOccurred(this.wallet, atMs),
      main: takenByOccurred(this.main, atMs),
      backup: takenByOccurred(this.backup, atMs),
    };
  }

  /** The entries after an instant and up to another, in their order. */
  between(afterMs: number, upToMs: number): LapseEntry[] {
    const entries: LapseEntry[] = [];
    let before = this.at(afterMs);
    for (const at of this.turns()) {
      if (at <= afterMs || at > upToMs) continue;
      const now = this.at(at);
      const { lapsed, back } = lapsedAndBack(lapsedSince(before, now));
      if (!isNothing(lapsed)) entries.push({ place: { at, kind: kinds.lapsed, revision: 0, index: 0 }, part: lapsed });
      if (!isNothing(back)) entries.push({ place: { at, kind: kinds.back, revision: 0, index: 0 }, part: back });
      before = now;
    }
    return entries;
  }

  private turns(): number[] {
    const lapses = [this.wallet, this.main, this.backup].flatMap((items) => items.lapses);
    const turns = lapses.flatMap(({ at, gaps = [] }) => [at, ...gaps.flatMap(({ from, to }) => [from, to])]);
    return [...new Set(turns)].sort((a, b) => a - b);
  }
}
