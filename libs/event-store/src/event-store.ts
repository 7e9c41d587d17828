/** Revision of an event inside its stream: 0 for the first. */
export type Revision = number;

/** What a stream must stand at for an append to be taken: its last revision, or `no-stream` where it must not exist. */
export type ExpectedRevision = Revision | 'no-stream';

/**
 * A place in the store's one order over all streams, or `start`, which stands before every event.
 * Opaque: compare with `comparePositions`, keep as its string.
 */
export type Position = string;

/** An event as it is handed to the store: JSON texts, so that what was hashed is what is stored. */
export interface NewEvent {
  readonly type: string;
  /** JSON text of the event's data. */
  readonly data: string;
  /** JSON text of the event's metadata (correlation, causation, actor, source record). */
  readonly metadata: string;
  /** SHA-256, base64url, over the previous event's hash and the stored texts (`hash-chain.ts`). */
  readonly hash: string;
}

export interface StreamAppend {
  readonly stream: string;
  readonly expectedRevision: ExpectedRevision;
  readonly events: readonly NewEvent[];
}

export type AppendOutcome =
  | { readonly kind: 'appended'; readonly revision: Revision }
  | { readonly kind: 'conflict'; readonly revision: Revision | 'no-stream' };

export interface StoredEvent {
  readonly stream: string;
  readonly revision: Revision;
  readonly position: Position;
  /** Booked at: the store's own time of the append, milliseconds since 1970, never falling along the store's order. */
  readonly bookedAt: number;
  readonly type: string;
  /** JSON text. */
  readonly data: string;
  /** JSON text. */
  readonly metadata: string;
  readonly hash: string;
}

/** A stream that turned out, at a position, to be unreadable from there on. What was delivered of it before stands. */
export interface StreamDamage {
  readonly stream: string;
  readonly position: Position;
  /** What is wrong with it, for whoever has to mend it. */
  readonly damage: string;
}

export interface SubscriptionBatch {
  /** Events that match and can be read, in store order; may be empty. */
  readonly events: readonly StoredEvent[];
  /** Streams that match and cannot be read any more, in store order. They may be told of again. */
  readonly damaged: readonly StreamDamage[];
  /** Every event at or before this position has been delivered or did not match. */
  readonly position: Position;
  /** True when the store held nothing after `position` at `observedAt` (store time, milliseconds). */
  readonly caughtUp: boolean;
  readonly observedAt: number;
}

export interface StoreFault {
  readonly position: Position;
  readonly stream: string | null;
  readonly revision: Revision | null;
  readonly detail: string;
}

/** What a store knows about itself just now, beside whether it answers. */
export interface StoreCondition {
  /** Streams of somebody else whose names begin like ours, as far as they were met: passed over, and no damage. */
  readonly foreignStreams: number;
  /** What endangers the books and has to be mended, a sentence each. */
  readonly alarms: readonly string[];
  /** How far *booked at* stands ahead of our clock since a clock has jumped, milliseconds; 0 where it does not. */
  readonly aheadMs: number;
}

export interface StoreAudit {
  readonly streams: number;
  readonly events: number;
  readonly faults: readonly StoreFault[];
}

export abstract class EventStore {
  /**
   * All or nothing per stream; outcomes stand in the order of the appends. Resolves when durable. Refuses, and writes nothing of the
   * call, where a stream's name is not plain ASCII without spaces or longer than 255, or a text holds a raw tab or line break.
   */
  abstract append(appends: readonly StreamAppend[]): Promise<AppendOutcome[]>;
  /**
   * The stream's events from a revision on, forward, or from a revision down to 0, backward; nothing when it does not exist. Throws
   * `StreamDamaged` where the stream cannot be read as it stands, or where it is foreign: its first event is not ours.
   */
  abstract read(
    stream: string,
    from: Revision | 'start' | 'end',
    direction: 'forward' | 'backward',
  ): AsyncIterable<StoredEvent>;
  /** The last revision, as of now and not from a stale cache. Throws `StreamDamaged` as `read` does, as far as the newest event tells. */
  abstract head(stream: string): Promise<Revision | 'no-stream'>;
  /**
   * Every event whose stream starts with one of the prefixes, in store order, after a position; ends only when aborted. A stream that
   * turns out to be damaged is named, and the others go on; one that is foreign is passed over.
   */
  abstract subscribe(
    prefixes: readonly string[],
    after: Position,
    signal: AbortSignal,
  ): AsyncIterable<SubscriptionBatch>;
  /** Position of the newest event, or `start` where there is none. */
  abstract end(): Promise<Position>;
  /** Reads every stored byte in store order, shows each event that can be read, and names each whose record no longer is what was written. */
  abstract audit(visit: (event: StoredEvent) => void): Promise<StoreAudit>;
  /** What is to be shown to whoever watches over the store. */
  abstract condition(): StoreCondition;
  abstract close(): Promise<void>;
}

/** Stands between a position and what a store wants to find again beside it. */
export const positionRemark = ';';

/** Negative when `a` stands before `b`. */
export function comparePositions(a: Position, b: Position): number {
  if (a === b) return 0;
  if (a === 'start') return -1;
  if (b === 'start') return 1;
  const [one, other] = [withoutRemark(a), withoutRemark(b)];
  if (one === other) return 0;
  return one.length === other.length ? (one < other ? -1 : 1) : one.length - other.length;
}

function withoutRemark(position: Position): Position {
  const at = position.indexOf(positionRemark);
  return at < 0 ? position : position.slice(0, at);
}
