import { Injectable } from '@nestjs/common';
import type { ClosingContent } from '@meterbook/domain/closing/events';
import { booksStream } from '@meterbook/books/books-event';
import { encodeTexts, type EventMetadata } from '@meterbook/books/event-codec';
import { EventStore } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import { Random } from '@meterbook/runtime/random';
import { Reports } from '../reports/thread/reports';
import type { Reader } from '../reports/thread/report-turns';
import type { ClosingMessage } from './closing-messages';

const RETRY_AFTER_SECONDS = 2;
/** Random bytes that name the stream of a closing: no two attempts share one. */
const NAME_BYTES = 16;

/** A closing whose content is stored, and that nothing names yet. */
export interface WrittenClosing extends Omit<Extract<ClosingMessage, { readonly kind: 'done' }>, 'kind'> {
  /** Milliseconds since 1970. */
  readonly closedAt: number;
  readonly content: ClosingContent;
}

/** Has closings made, and stores what they hold in a stream of their own, part by part. What comes to nothing on the way is of no account. */
@Injectable()
export class ClosingWriter {
  constructor(
    private readonly store: EventStore,
    private readonly reports: Reports,
    private readonly random: Random,
  ) {}

  /** Throws the problem `unavailable` while the projections are behind, `stream_damaged` where an account cannot be read. */
  async write(
    { platform, to }: { readonly platform: string; readonly to: number },
    metadata: EventMetadata,
    reader: Reader,
  ): Promise<WrittenClosing> {
    const made = await this.reports.open({ kind: 'closing', platform, to }, reader);
    let closedAt = to;
    let parts: PartsStream | undefined;
    for await (const text of made?.chunks ?? []) {
      const message = JSON.parse(text) as ClosingMessage;
      if (message.kind === 'refused') throw refused(message.damaged);
      if (message.kind === 'begun') {
        ({ closedAt } = message);
        const name = Buffer.from(this.random.bytes(NAME_BYTES)).toString('base64url');
        const stream = `${booksStream(platform)}/closing-${name}`;
        parts = new PartsStream(this.store, stream, JSON.stringify(metadata));
      } else if (message.kind === 'part') await parts?.append(message.data);
      else if (parts) {
        const { sha256, streams, headsSha256 } = message;
        return { closedAt, sha256, streams, headsSha256, content: parts.content };
      }
    }
    throw new Error('a closing ended before it was done');
  }
}

/** The stream of a closing while it is written. */
class PartsStream {
  private parts = 0;
  private hash = chainStart;

  constructor(
    private readonly store: EventStore,
    private readonly stream: string,
    private readonly metadata: string,
  ) {}

  get content(): ClosingContent {
    return { stream: this.stream, parts: this.parts };
  }

  async append(data: string): Promise<void> {
    const { stream, parts, hash: previous } = this;
    const event = encodeTexts(stream, parts, previous, 'ClosingPart', data, this.metadata);
    const expectedRevision = parts === 0 ? 'no-stream' : parts - 1;
    const [outcome] = await this.store.append([{ stream, expectedRevision, events: [event] }]);
    if (outcome?.kind !== 'appended') throw new Error(`${stream} is written by somebody else`);
    this.parts += 1;
    this.hash = event.hash;
  }
}

function refused(damaged: readonly string[]): Problem {
  const headers = retryAfter(RETRY_AFTER_SECONDS);
  if (damaged.length === 0)
    return new Problem('unavailable', 'The projections have not come to the present yet: send the same again.', {
      headers,
    });
  return new Problem(
    'stream_damaged',
    `A month is closed on whole books, and these accounts cannot be read: ${damaged.join(', ')}.`,
    { headers },
  );
}
