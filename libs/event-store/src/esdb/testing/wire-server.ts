import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb';
import { SupportedMethod, SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb';
import type { Empty, StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb';
import {
  ReadReq,
  type AppendReq,
  type AppendResp,
  type BatchAppendReq,
  type BatchAppendResp,
  type ReadResp,
} from '@eventstore/db-client/generated/streams_pb';
import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { answerAppend, spoilAppend, stateFailure, unavailable, type WireAppend } from './wire-append';
import { WireFaults } from './wire-faults';
import { noStream, WireLog, type ProposedRecord, type WireRecord } from './wire-log';
import { addGossip } from './wire-gossip';
import {
  batchAnswer,
  eventMessage,
  proposedRecord,
  startOf,
  streamDeleted,
  streamName,
  streamNotFoundMessage,
} from './wire-messages';
import { WireSubscription } from './wire-subscription';

const streamsName = 'event_store.client.streams.Streams';
const serverVersion = '23.10.0';

/** One node of EventStoreDB as the client sees it, over a log in memory, which does wrong what `faults` says. */
export class WireServer {
  readonly faults = new WireFaults();
  /** Appends that arrived, whatever became of them. */
  readonly appendsSeen: { readonly stream: string; readonly expected: number; readonly ids: readonly string[] }[] = [];
  readonly authorizations = new Set<string>();
  private readonly server = new Server();
  private readonly subscriptions = new Set<WireSubscription>();
  private underWay = 0;
  private boundPort = 0;
  subscriptionsOpened = 0;
  /** Most appends that were under way at a time. */
  mostUnderWay = 0;

  constructor(readonly log: WireLog = new WireLog()) {
    this.server.addService(ServerFeaturesService, {
      getSupportedMethods: (_call: ServerUnaryCall<Empty, SupportedMethods>, answer: sendUnaryData<SupportedMethods>) =>
        answer(null, supportedMethods()),
    });
    addGossip(this.server, () => this.boundPort);
    this.server.addService(StreamsService, {
      append: (call: ServerReadableStream<AppendReq, AppendResp>, answer: sendUnaryData<AppendResp>) =>
        this.append(call, answer),
      batchAppend: (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>) => this.batchAppend(call),
      read: (call: ServerWritableStream<ReadReq, ReadResp>) => this.read(call),
    });
  }

  get port(): number {
    return this.boundPort;
  }

  get openSubscriptions(): number {
    return [...this.subscriptions].filter(({ over }) => !over).length;
  }

  get connectionString(): string {
    return `esdb://127.0.0.1:${this.boundPort}?tls=false`;
  }

  /** Listens on the loopback; on a port of its own where none is given. */
  async start(port = 0, credentials: ServerCredentials = ServerCredentials.createInsecure()): Promise<void> {
    this.boundPort = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
  }

  /** Every open subscription loses its connection, or is closed in good order. */
  dropSubscriptions(kind: 'drop' | 'end'): void {
    for (const subscription of this.subscriptions) subscription.drop(kind);
    this.subscriptions.clear();
  }

  stop(): void {
    this.server.forceShutdown();
  }

  private append(call: ServerReadableStream<AppendReq, AppendResp>, answer: sendUnaryData<AppendResp>): void {
    this.noteAuthorization(call.metadata.get('authorization')[0]);
    let stream = '';
    let expected = noStream;
    const proposed: ProposedRecord[] = [];
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    call.on('data', (message: AppendReq) => {
      const options = message.getOptions();
      const proposal = message.getProposedMessage();
      if (proposal) proposed.push(proposedRecord(proposal));
      if (!options) return;
      stream = streamName(options.getStreamIdentifier());
      expected = options.hasRevision() ? Number(options.getRevision()) : noStream;
    });
    call.on('end', () => {
      const append: WireAppend = { stream, expected, proposed };
      this.appendsSeen.push({ stream, expected, ids: proposed.map(({ id }) => id) });
      if (this.faults.state === 'silent') return;
      const state = stateFailure(this.faults.state);
      if (state) {
        answer(state);
        return;
      }
      const fault = this.faults.appends.shift();
      if (fault) spoilAppend(this.log, append, fault, answer);
      else setImmediate(() => answerAppend(this.log, append, answer));
    });
    call.on('close', () => (this.underWay -= 1));
  }

  private batchAppend(call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>): void {
    const open = new Map<string, OpenBatch>();
    call.on('data', (message: BatchAppendReq) => {
      const correlation = message.getCorrelationId();
      const key = correlation?.getString() ?? '';
      const options = message.getOptions();
      if (options) {
        const expected = options.hasStreamPosition() ? Number(options.getStreamPosition()) : noStream;
        open.set(key, { correlation, stream: options.getStreamIdentifier(), expected, proposed: [] });
      }
      const batch = open.get(key);
      if (!batch) return;
      batch.proposed.push(...message.getProposedMessagesList().map(proposedRecord));
      if (!message.getIsFinal()) return;
      open.delete(key);
      const result = this.log.append(streamName(batch.stream), batch.expected, batch.proposed);
      if (result.kind === 'deleted') call.emit('error', streamDeleted(streamName(batch.stream)));
      else setImmediate(() => call.write(batchAnswer(batch.correlation, batch.stream, result)));
    });
    call.on('end', () => call.end());
  }

  private read(call: ServerWritableStream<ReadReq, ReadResp>): void {
    this.noteAuthorization(call.metadata.get('authorization')[0]);
    if (this.faults.state === 'silent') return;
    const state = stateFailure(this.faults.state);
    if (state) {
      call.emit('error', state);
      return;
    }
    const options = call.request.getOptions() as ReadReq.Options;
    const prefixes = options.getFilter()?.getStreamIdentifier()?.getPrefixList() ?? [''];
    const matches = (stream: string): boolean => prefixes.some((prefix) => stream.startsWith(prefix));
    if (options.getSubscription()) {
      const fault = this.faults.subscriptions.shift();
      this.subscriptionsOpened += 1;
      const opened = new WireSubscription(this.log, call, matches, fault, String(this.subscriptionsOpened));
      this.subscriptions.add(opened);
      opened.start();
      return;
    }
    const fault = this.faults.reads.shift();
    if (fault?.kind === 'late') setTimeout(() => this.sendPage(call, options, matches), fault.ms);
    else if (fault?.kind !== 'silent') this.sendPage(call, options, matches, fault?.afterEvents);
  }

  private sendPage(
    call: ServerWritableStream<ReadReq, ReadResp>,
    options: ReadReq.Options,
    matches: (stream: string) => boolean,
    failAfterEvents?: number,
  ): void {
    const identifier = options.getStream()?.getStreamIdentifier();
    if (identifier && this.log.isTombstoned(streamName(identifier))) {
      call.emit('error', streamDeleted(streamName(identifier)));
      return;
    }
    const records = identifier ? this.pageOfStream(options, streamName(identifier)) : this.pageOfAll(options, matches);
    if (identifier && !this.log.exists(streamName(identifier))) call.write(streamNotFoundMessage(identifier));
    for (const record of records.slice(0, failAfterEvents)) call.write(eventMessage(record));
    if (failAfterEvents === undefined) call.end();
    else call.emit('error', unavailable());
  }

  private pageOfStream(options: ReadReq.Options, stream: string): WireRecord[] {
    const place = options.getStream();
    const records = this.log.stream(stream);
    const count = Number(options.getCount());
    const revision = place?.hasRevision() ? Number(place.getRevision()) : undefined;
    if (options.getReadDirection() === ReadReq.Options.ReadDirection.FORWARDS) {
      if (place?.hasEnd()) return [];
      return records.filter((record) => record.revision >= (revision ?? 0)).slice(0, count);
    }
    const last = place?.hasStart() ? 0 : (revision ?? Infinity);
    return records
      .filter((record) => record.revision <= last)
      .reverse()
      .slice(0, count);
  }

  private pageOfAll(options: ReadReq.Options, matches: (stream: string) => boolean): WireRecord[] {
    const count = Number(options.getCount());
    const position = startOf(options);
    const fromStart = options.getAll()?.hasStart() === true;
    if (options.getReadDirection() === ReadReq.Options.ReadDirection.FORWARDS)
      return this.log.forward(position ?? 0n, count, matches);
    return fromStart ? [] : this.log.backward(position, count, matches);
  }

  private noteAuthorization(value: string | Buffer | undefined): void {
    if (value !== undefined) this.authorizations.add(value.toString());
  }
}

interface OpenBatch {
  readonly correlation: UUID | undefined;
  readonly stream: StreamIdentifier | undefined;
  readonly expected: number;
  readonly proposed: ProposedRecord[];
}

function supportedMethods(): SupportedMethods {
  const methods = ['append', 'batchappend', 'read'].map((name) =>
    new SupportedMethod().setServiceName(streamsName.toLowerCase()).setMethodName(name),
  );
  return new SupportedMethods().setMethodsList(methods).setEventStoreServerVersion(serverVersion);
}
