import type { HoldPlaced } from '@meterbook/domain/access/events';
import type { AccountName } from '@meterbook/books/account-stream';
import { holdStream } from '@meterbook/books/hold-stream';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import type { Metrics } from '@meterbook/http/metrics/metrics';
import { HoldsContended, type HoldWork, type HoldWriter } from './hold-writer';
import type { Holds } from './holds';

/** When to send it again where others keep winning. */
const RETRY_AFTER_SECONDS = 1;

/** Carries out what is asked of an account's holds, and counts what became of it. */
export class HoldCommands {
  constructor(
    private readonly holds: Holds,
    private readonly writer: HoldWriter,
    private readonly metrics: Metrics,
  ) {}

  /** Decides, appends and answers. Throws the problem of a refusal. */
  async execute<R>(what: 'authorize' | 'release' | 'refund', work: HoldWork<R>): Promise<R> {
    try {
      const answer = await this.writer.write(work);
      this.count(what, 'done');
      return answer;
    } catch (error) {
      this.count(what, error instanceof Problem ? error.code : 'failed');
      if (!(error instanceof HoldsContended)) throw error;
      const headers = retryAfter(RETRY_AFTER_SECONDS);
      throw new Problem('too_busy', 'Too many others ask for this account just now.', { headers });
    }
  }

  /** The hold that was placed at a revision; undefined where there is none. */
  async placedAt(name: AccountName, revision: number): Promise<HoldPlaced | undefined> {
    return this.holds.placedAt(holdStream(name), revision);
  }

  private count(what: string, outcome: string): void {
    this.metrics
      .counter('meterbook_hold_commands_total', 'What was asked of holds, by what became of it.', ['what', 'outcome'])
      .inc({ what, outcome });
  }
}
