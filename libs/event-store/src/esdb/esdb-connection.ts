import { EventStoreDBClient } from '@eventstore/db-client';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { connectivityState, type CallOptions, type ClientReadableStream, type Metadata } from '@grpc/grpc-js';
import type { Clock } from '@meterbook/runtime/clock';
import { checkedConnectionString } from './connection-string';
import { isDeadline, isUnknownOutcome, unavailable, unfitConnection } from './esdb-failure';
import type { EsdbLimits } from './esdb-limits';
import { sendNoAddressAsServerName } from './server-name';

/** Ends only when it is cancelled or lost. */
const endless: CallOptions = { deadline: Infinity };

export type CallArguments = [Metadata, CallOptions];

/**
 * The part of the client that is used: it finds the cluster, keeps the channel, and knows TLS and credentials. Its own append
 * and read are left aside, because they parse and print JSON and have no deadline of their own (README.md).
 */
interface ClientParts {
  execute<T>(client: typeof StreamsClient, name: string, action: (streams: StreamsClient) => Promise<T>): Promise<T>;
  callArguments(options: { requiresLeader: boolean; deadline?: number }, call?: CallOptions): CallArguments;
  handleError(streams: StreamsClient, error: Error): Promise<void>;
}

interface Link {
  readonly client: ClientParts;
  /** The stub that was used last: it holds the channel. */
  streams: StreamsClient | undefined;
}

export interface OpenSubscription {
  readonly call: ClientReadableStream<ReadResp>;
  /** Says that the call failed, so that the channel is made anew where that helps. */
  lost(error: Error): void;
}

/** Calls to whichever node leads, each with a deadline, over a client that is replaced when it no longer works. */
export class EsdbConnection {
  private readonly connectionString: string;
  private link: Link | undefined;
  private readonly subscriptions = new Set<ClientReadableStream<ReadResp>>();
  private closed = false;

  constructor(
    connectionString: string,
    private readonly limits: EsdbLimits,
    private readonly clock: Clock,
  ) {
    this.connectionString = checkedConnectionString(connectionString);
    if (!/[?&]tls=false/i.test(this.connectionString)) sendNoAddressAsServerName();
    this.link = this.connect();
  }

  /** One call, which has to be answered within a time, milliseconds; finding the cluster, where that is needed, takes of the same. */
  async call<T>(withinMs: number, action: (streams: StreamsClient, ...args: CallArguments) => Promise<T>): Promise<T> {
    const startedAt = this.clock.now();
    return this.use(withinMs, (link, streams) => {
      const leftMs = withinMs - (this.clock.now() - startedAt);
      const deadline = Math.min(Math.max(leftMs, this.limits.leastAttemptMs), this.limits.callDeadlineMs);
      return action(streams, ...link.client.callArguments({ requiresLeader: true, deadline }));
    });
  }

  /** A subscription has no deadline: whoever reads it watches for silence. */
  async subscribe(request: ReadReq): Promise<OpenSubscription> {
    return this.use(this.limits.callDeadlineMs, async (link, streams) => {
      const call = streams.read(request, ...link.client.callArguments({ requiresLeader: true }, endless));
      this.subscriptions.add(call);
      call.on('status', () => this.subscriptions.delete(call));
      const lost = (error: Error): void => void link.client.handleError(streams, error);
      return { call, lost };
    });
  }

  /** Nothing stays open, not even a subscription that nobody reads just now. */
  close(): void {
    this.closed = true;
    for (const call of this.subscriptions) call.cancel();
    this.link?.streams?.close();
    this.link = undefined;
  }

  private connect(): Link {
    const client = EventStoreDBClient.connectionString(this.connectionString) as unknown as ClientParts;
    const handleError = client.handleError.bind(client);
    // Nobody awaits this in the client, and it fails on an error that lacks a header: that would end the process.
    client.handleError = (streams, error) => handleError(streams, error).catch(() => undefined);
    return { client, streams: undefined };
  }

  private async use<T>(withinMs: number, action: (link: Link, streams: StreamsClient) => Promise<T>): Promise<T> {
    const link = (this.link ??= this.closed ? undefined : this.connect());
    if (!link) throw new Error('the event store is closed');
    const streams = isOpen(link.streams) ? link.streams : await this.find(link, withinMs);
    try {
      return await action(link, streams);
    } catch (error) {
      if (error instanceof Error) void link.client.handleError(streams, error);
      // A node that gives no answer may be stuck for good.
      if (isDeadline(error)) this.abandon(link);
      const unfit = unfitConnection(error);
      if (unfit) throw unfit;
      // On a channel that another call has just given up, any failure is of the channel.
      throw isOpen(streams) || isUnknownOutcome(error) ? error : unavailable(error);
    }
  }

  /** What a client remembers of a failed search stays with it, so it is given up for a new one. */
  private async find(link: Link, withinMs: number): Promise<StreamsClient> {
    const found = new AbortController();
    const tooLate = this.clock.sleep(withinMs, found.signal).then(() => 'too late' as const);
    const finding = link.client.execute(StreamsClient, 'streams', (streams) => Promise.resolve(streams));
    finding.catch(() => undefined);
    try {
      const streams = await Promise.race([finding, tooLate]);
      if (streams === 'too late') throw new Error(`no node was found within ${withinMs} ms`);
      link.streams = streams;
      if (this.link === link) return streams;
      streams.close();
      throw new Error('the connection was replaced');
    } catch (error) {
      this.abandon(link);
      throw unfitConnection(error) ?? unavailable(error);
    } finally {
      found.abort();
    }
  }

  private abandon(link: Link): void {
    if (this.link !== link) return;
    this.link = undefined;
    link.streams?.close();
  }
}

function isOpen(streams: StreamsClient | undefined): streams is StreamsClient {
  return streams !== undefined && streams.getChannel().getConnectivityState(false) !== connectivityState.SHUTDOWN;
}
