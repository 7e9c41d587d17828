import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { PeriodClosed } from '@meterbook/domain/closing/events';
import { formatInstant } from '@meterbook/domain/time/instant';
import { monthIn } from '@meterbook/domain/time/zone-month';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { bodyDigest } from '@meterbook/http/request/body-digest';
import { Problem } from '@meterbook/http/problem/problem';
import { Written } from '@meterbook/http/request/written';
import { Clock } from '@meterbook/runtime/clock';
import { FinanceBooks } from '../books/finance-books';
import type { Reader } from '../reports/thread/report-turns';
import { closingAnswer, type ClosingAnswer } from './closing-answer';
import { ClosingWriter } from './closing-writer';

export interface AskedClosing {
  readonly closingId: string;
  /** `2026-10`. */
  readonly period: string;
  /** IANA name. */
  readonly zone: string;
}

/** A month is closed: its trial balance is written down, with how far every account's stream goes. */
export class CloseMonth extends Command<Written<ClosingAnswer>> {
  constructor(
    readonly platform: string,
    readonly asked: AskedClosing,
    readonly sender: EventMetadata,
    readonly reader: Reader,
  ) {
    super();
  }
}

@CommandHandler(CloseMonth)
export class CloseMonthHandler implements ICommandHandler<CloseMonth> {
  constructor(
    private readonly books: FinanceBooks,
    private readonly writer: ClosingWriter,
    private readonly clock: Clock,
  ) {}

  async execute({ platform, asked, sender, reader }: CloseMonth): Promise<Written<ClosingAnswer>> {
    const digest = bodyDigest(asked);
    const earlier = await this.books.earlier(platform, 'PeriodClosed', asked.closingId, digest);
    if (earlier) return new Written(closingAnswer(earlier), true);
    const { from, to } = monthIn(asked.period, asked.zone);
    if (to > this.clock.now()) throw periodOpen(asked, to);
    const { closedAt, sha256, streams, headsSha256, content } = await this.writer.write(
      { platform, to },
      sender,
      reader,
    );
    const closed: PeriodClosed = {
      type: 'PeriodClosed',
      ...asked,
      from: formatInstant(from),
      to: formatInstant(to),
      closedAt: formatInstant(closedAt),
      sha256,
      streams,
      headsSha256,
      content,
      digest,
    };
    const { event, repeated } = await this.books.record(platform, closed, sender);
    return new Written(closingAnswer(event), repeated);
  }
}

function periodOpen({ period, zone }: AskedClosing, to: number): Problem {
  return new Problem('period_open', `${period} ends at ${formatInstant(to)} (${zone}): it can be closed from then on.`);
}
