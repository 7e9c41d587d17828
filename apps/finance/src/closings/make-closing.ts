import type { EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import { Turns } from '@meterbook/runtime/turns';
import type { ProjectionReader } from '../projections/projection-reader';
import { accountsOf } from '../projections/trial-balance/opened-accounts';
import { trialBalance } from '../projections/trial-balance/trial-balance';
import type { TrialBalanceReport } from '../reports/trial-balance/trial-balance-report';
import { BalanceDigest } from './balance-digest';
import type { ClosingMessage } from './closing-messages';
import { PartWriter, type ClosingItem } from './closing-parts';
import { HeadsDigest, headsAsOf } from './stream-heads';

/** Seconds that a closing waits for the projections to come to the present, one look each. */
const MAX_WAIT_SECONDS = 30;

/** Makes closings from the books: the trial balance at an instant, and how far every account's stream goes now. */
export class ClosingMaker {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly reader: ProjectionReader,
    private readonly trialBalances: TrialBalanceReport,
  ) {}

  /** @param to the end of the period, milliseconds since 1970, which has passed */
  async *make(platform: string, to: number): AsyncIterable<ClosingMessage> {
    const closedAt = this.clock.now();
    if (!(await this.hasAllUpTo(closedAt))) {
      yield { kind: 'refused', damaged: [] };
      return;
    }
    const balance = await this.trialBalances.open(platform, to - 1, 'lines', { derivedAt: to });
    try {
      if (balance.damaged.count > 0) {
        yield { kind: 'refused', damaged: balance.damaged.accounts };
        return;
      }
      yield { kind: 'begun', closedAt };
      const [lines, heads, parts] = [new BalanceDigest(), new HeadsDigest(), new PartWriter()];
      const turns = new Turns(this.clock);
      for await (const item of this.items(platform, closedAt, balance.lines)) {
        if (item.kind === 'line') lines.add(item.line);
        else heads.add(item.head);
        const data = parts.add(item);
        if (data !== undefined) yield { kind: 'part', data };
        await turns.next();
      }
      const data = parts.rest();
      if (data !== undefined) yield { kind: 'part', data };
      yield { kind: 'done', sha256: lines.finish(), streams: heads.count, headsSha256: heads.finish() };
    } finally {
      balance.close();
    }
  }

  private async *items(
    platform: string,
    closedAt: number,
    lines: Awaited<ReturnType<TrialBalanceReport['open']>>['lines'],
  ): AsyncIterable<ClosingItem> {
    for (const line of lines) yield { kind: 'line', line };
    const snapshot = this.reader.snapshot(trialBalance.name);
    try {
      const accounts = snapshot ? accountsOf(snapshot.database, platform) : [];
      for await (const head of headsAsOf(this.store, platform, accounts, closedAt)) yield { kind: 'head', head };
    } finally {
      snapshot?.close();
    }
  }

  /** Waits for the projections to have passed an instant. */
  private async hasAllUpTo(atMs: number): Promise<boolean> {
    for (let waited = 0; waited < MAX_WAIT_SECONDS; waited++)
      if (await this.reader.isFinalAt(trialBalance.name, atMs)) return true;
    return false;
  }
}
