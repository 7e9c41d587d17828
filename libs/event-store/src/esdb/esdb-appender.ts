import { Empty } from '@eventstore/db-client/generated/shared_pb';
import { AppendReq, type AppendResp } from '@eventstore/db-client/generated/streams_pb';
import type { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import type { Clock } from '@meterbook/runtime/clock';
import type { AppendOutcome, Revision, StreamAppend } from '../event-store';
import type { BookedAppend } from '../take-over';
import { batchesOf } from './append-batches';
import type { CallArguments, EsdbConnection } from './esdb-connection';
import { deletedForGood, isStreamDeleted, isUnknownOutcome } from './esdb-failure';
import { AppendOutcomeUnknown, StreamDamaged } from '../store-failure';
import { Attempts, type EsdbLimits } from './esdb-limits';
import type { EsdbReader } from './esdb-reader';
import { streamIdentifier } from './read-requests';
import { toProposal, type Proposal } from './recorded-event';
import type { StreamNames } from './stream-names';

/** The revision before the first event. */
const NO_STREAM = -1;

type Answer =
  { readonly kind: 'written'; readonly revision: Revision } | { readonly kind: 'refused'; readonly current: Revision };

/**
 * Appends to one stream at a time. An unanswered append is repeated with the same ids, revision and batch, which the server
 * answers with the original place; a refused one is settled by the ids that stand there instead.
 */
export class EsdbAppender {
  constructor(
    private readonly connection: EsdbConnection,
    private readonly reader: EsdbReader,
    private readonly limits: EsdbLimits,
    private readonly clock: Clock,
    private readonly names: StreamNames,
  ) {}

  async append({
    stream,
    expectedRevision,
    events,
    bookedAt,
  }: StreamAppend & Partial<BookedAppend>): Promise<AppendOutcome> {
    if (events.length === 0) throw new Error(`append of no events to ${stream}`);
    const proposals = events.map((event) => toProposal(event, bookedAt));
    let head = expectedRevision === 'no-stream' ? NO_STREAM : expectedRevision;
    for (const batch of batchesOf(stream, proposals)) {
      const current = await this.appendBatch(stream, head, batch);
      if (current !== 'written') return { kind: 'conflict', revision: current === NO_STREAM ? 'no-stream' : current };
      head += batch.length;
    }
    return { kind: 'appended', revision: head };
  }

  /** The stream's current revision where another event stands in the way. */
  private async appendBatch(stream: string, head: Revision, batch: readonly Proposal[]): Promise<'written' | Revision> {
    let expected = head;
    let rest = batch;
    for (;;) {
      const answer = await this.answered(stream, expected, rest);
      if (answer.kind === 'written') {
        if (answer.revision !== expected + rest.length)
          throw new StreamDamaged(
            stream,
            `it went on at revision ${answer.revision}: it was deleted before, and that loses data`,
          );
        return 'written';
      }
      const standing = answer.current > expected ? await this.settled(stream, expected, rest.length) : [];
      const different = rest.findIndex(({ id }, i) => standing[i] !== id);
      if (different < 0) return 'written';
      if (different === 0) return answer.current;
      expected += different;
      rest = rest.slice(different);
    }
  }

  private async answered(stream: string, expected: Revision, batch: readonly Proposal[]): Promise<Answer> {
    const name = this.names.stored(stream);
    for (const tries = new Attempts(this.limits, this.clock); ;) {
      try {
        return await this.connection.call(tries.leftMs, (...call) => send(name, expected, batch, call));
      } catch (error) {
        if (isStreamDeleted(error)) throw new StreamDamaged(stream, deletedForGood, error);
        if (!isUnknownOutcome(error)) throw error;
        if (!(await tries.again())) throw new AppendOutcomeUnknown(stream, error);
      }
    }
  }

  /** What stands there may be ours, so that a store which does not say is an unknown outcome. */
  private async settled(stream: string, revision: Revision, count: number): Promise<string[]> {
    try {
      return await this.idsAfter(stream, revision, count);
    } catch (error) {
      throw isUnknownOutcome(error) ? new AppendOutcomeUnknown(stream, error) : error;
    }
  }

  private async idsAfter(stream: string, revision: Revision, count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let next = revision + 1; ids.length < count;) {
      const page = await this.reader.stream(stream, next, 'forward', count - ids.length);
      ids.push(...page.events.map(({ id }) => id));
      next += page.events.length;
      if (!page.more) break;
    }
    return ids;
  }
}

function send(
  stream: string,
  expected: Revision,
  batch: readonly Proposal[],
  [streams, metadata, options]: [StreamsClient, ...CallArguments],
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = streams.append(metadata, options, (error, response) => {
      const answer = error ?? answerOf(response);
      if (answer instanceof Error) reject(answer);
      else resolve(answer);
    });
    call.on('error', reject);
    const header = new AppendReq.Options().setStreamIdentifier(streamIdentifier(stream));
    if (expected === NO_STREAM) header.setNoStream(new Empty());
    else header.setRevision(String(expected));
    call.write(new AppendReq().setOptions(header));
    for (const { request } of batch) call.write(request);
    call.end();
  });
}

function answerOf(response: AppendResp): Answer | Error {
  const success = response.getSuccess();
  if (success) return { kind: 'written', revision: Number(success.getCurrentRevision()) };
  const refusal = response.getWrongExpectedVersion();
  if (!refusal) return new Error('the event store answered an append with neither success nor refusal');
  return { kind: 'refused', current: refusal.hasCurrentRevision() ? Number(refusal.getCurrentRevision()) : NO_STREAM };
}
