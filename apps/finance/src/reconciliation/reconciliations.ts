import { renameSync } from 'node:fs';
import type { ReconciliationMade } from '@meterbook/domain/closing/events';
import { formatInstant } from '@meterbook/domain/time/instant';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import type { Clock } from '@meterbook/runtime/clock';
import { removeDatabase } from '@meterbook/runtime/disposable-file';
import type { FinanceBooks } from '../books/finance-books';
import { type Recorded } from '../books/finance-books';
import type { BillFiles } from './bill-files';
import { readItems, type ReconciledItem } from './keys-file';
import type { Compared, Kind, ReconciliationQuestion } from './question';
import type { Reconcile } from './reconcile-thread';

/** Bills that are taken in or compared at a time, of all platforms and of one. */
const MAX_AT_A_TIME = 3;
const MAX_OF_PLATFORM = 2;
const RETRY_AFTER_SECONDS = 5;

/** What is asked beside the bill. */
export interface AskedReconciliation {
  readonly reconciliationId: string;
  readonly question: ReconciliationQuestion;
  /** Parameters as they were sent, and their digest. */
  readonly query: ReconciliationMade['query'];
  readonly digest: string;
  /** The wallet's. */
  readonly currency: string;
}

/** The reconciliations of a platform: each bill is put down, compared in a thread, and what it comes to is written into the books once. */
export class Reconciliations {
  private readonly underWay: string[] = [];
  private readonly closing = new AbortController();
  private lastItems = 0;

  constructor(
    private readonly books: FinanceBooks,
    private readonly files: BillFiles,
    private readonly reconcile: Reconcile,
    private readonly clock: Clock,
  ) {}

  /**
   * Compares a bill, once by its id. Throws `idempotency_conflict` where the id stands for another bill or another query, `invalid_csv`,
   * `currency_unsupported`, and `too_busy` before a byte is read.
   */
  async make(
    asked: AskedReconciliation,
    chunks: () => AsyncIterable<Uint8Array>,
    sender: EventMetadata,
  ): Promise<Recorded<ReconciliationMade>> {
    const { platform } = asked.question;
    const leave = this.enter(platform);
    try {
      const earlier = await this.earlier(asked);
      const { file, sha256 } = await this.files.spool(chunks());
      try {
        refuseOther(earlier, sha256);
        if (earlier && this.files.hasItems(platform, asked.reconciliationId)) return { event: earlier, repeated: true };
        return await this.compare(asked, file, sha256, earlier, sender);
      } finally {
        this.files.remove(file);
      }
    } finally {
      leave();
    }
  }

  /** Items of one kind or of all, after a place; undefined where they are gone. */
  items(
    platform: string,
    reconciliationId: string,
    kind: Kind | null,
    after: number,
    limit: number,
  ): readonly ReconciledItem[] | undefined {
    return readItems(this.files.itemsOf(platform, reconciliationId), kind, after, limit);
  }

  close(): void {
    this.closing.abort();
  }

  private async compare(
    asked: AskedReconciliation,
    bill: string,
    sha256: string,
    earlier: ReconciliationMade | undefined,
    sender: EventMetadata,
  ): Promise<Recorded<ReconciliationMade>> {
    const { question, currency, reconciliationId } = asked;
    // Items that are made again are those of the same moment.
    const asOf = earlier ? Date.parse(earlier.asOf) : this.clock.now();
    const made = `${this.files.itemsOf(question.platform, reconciliationId)}.${++this.lastItems}`;
    try {
      const compared = await this.reconcile({ question, currency, bill, items: made, asOf }, this.closing.signal);
      const event = eventOf(asked, compared, sha256, asOf);
      const recorded: Recorded<ReconciliationMade> = earlier
        ? { event: earlier, repeated: true }
        : await this.books.record(question.platform, event, sender);
      refuseOther(recorded.event, sha256);
      renameSync(made, this.files.itemsOf(question.platform, reconciliationId));
      this.files.keepWithinBounds();
      return recorded;
    } finally {
      removeDatabase(made);
    }
  }

  private earlier({
    question,
    reconciliationId,
    digest,
  }: AskedReconciliation): Promise<ReconciliationMade | undefined> {
    return this.books.earlier(question.platform, 'ReconciliationMade', reconciliationId, digest);
  }

  private enter(platform: string): () => void {
    const own = this.underWay.filter((other) => other === platform).length;
    if (this.underWay.length >= MAX_AT_A_TIME || own >= MAX_OF_PLATFORM)
      throw new Problem('too_busy', 'Other bills are being compared: send it again.', {
        headers: retryAfter(RETRY_AFTER_SECONDS),
      });
    this.underWay.push(platform);
    return () => void this.underWay.splice(this.underWay.indexOf(platform), 1);
  }
}

function refuseOther(earlier: ReconciliationMade | undefined, sha256: string): void {
  if (earlier && earlier.inputSha256 !== sha256)
    throw new Problem('idempotency_conflict', 'The id was used before with another bill.');
}

/** Throws the problem of a bill that could not be compared. */
function eventOf(
  { reconciliationId, question, query, digest, currency }: AskedReconciliation,
  compared: Compared,
  inputSha256: string,
  asOf: number,
): ReconciliationMade {
  if (compared.kind === 'no-rate')
    throw new Problem('currency_unsupported', `There was no rate between ${question.currency ?? ''} and ${currency}.`);
  if (compared.kind === 'invalid-csv')
    throw new Problem('invalid_csv', `Line ${compared.line}: ${compared.detail}.`, {
      errors: [{ line: compared.line, pointer: '', code: 'invalid_value', detail: compared.detail }],
    });
  const { rate, rows, skipped, sums } = compared;
  const { from, to, granularity, zone } = question;
  return {
    type: 'ReconciliationMade',
    reconciliationId,
    query,
    from: formatInstant(from),
    to: formatInstant(to),
    granularity,
    zone,
    currency,
    rate,
    asOf: formatInstant(asOf),
    rows,
    skipped,
    ...sums,
    inputSha256,
    digest,
  };
}
