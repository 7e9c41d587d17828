/**
 * WARNING: every shape in this file is stored for ever. Add optional fields; never rename, retype or remove one.
 *
 * They stand in the `hold-` stream of an account, which is fenced by its own revision. Amounts are canonical decimal strings in the
 * wallet's currency, instants RFC 3339 UTC with milliseconds.
 */
export type HoldEvent = HoldPlaced | HoldReleased | RequestCounted;

/** Money is set aside: for a request that was authorized, or for a refund until it is booked. */
export interface HoldPlaced {
  readonly type: 'HoldPlaced';
  readonly occurredAt: string;
  /** Left out where a refund sets it aside. */
  readonly requestId?: string;
  /** Left out where a request sets it aside. */
  readonly refundId?: string;
  readonly digest: string;
  readonly model?: string;
  readonly rulebook?: number;
  readonly tier?: string;
  readonly group?: string;
  readonly multiplier?: string;
  readonly priority?: readonly [level: number, name: string];
  readonly currency: string;
  readonly amount: string;
  readonly expiresAt: string;
  /** Whose limit of a minute counts it: `account`, `group:vip`, `plan:starter` or `tier:default`; left out where there is none. */
  readonly minute?: string;
  /** Whose limit of a day counts it; left out where there is none. */
  readonly day?: string;
  /** Revision of the account that it was decided on. */
  readonly accountRevision: number;
  readonly note?: HoldNote;
  readonly requests?: string;
}

/** A hold is given back. Settling one is no event of this stream: the charge or the refund that names it does. */
export interface HoldReleased {
  readonly type: 'HoldReleased';
  readonly occurredAt: string;
  /** Revision of its `HoldPlaced`. */
  readonly hold: number;
  readonly note?: HoldNote;
  readonly requests?: string;
}

/** A request that was authorized without setting money aside, where a limit counts it. */
export interface RequestCounted {
  readonly type: 'RequestCounted';
  readonly occurredAt: string;
  readonly minute?: string;
  readonly day?: string;
  readonly note?: HoldNote;
  readonly requests?: string;
}

/** What stood after the event, so that nobody has to read further back. */
export interface HoldNote {
  /** Revision of the account up to which what it had settled is taken out. */
  readonly account: number;
  readonly live: readonly NotedHold[];
  /** Where more is live than an event can list, which is left out then: the revision from which on all of it was placed. */
  readonly from?: number;
  /** Requests of the last minute by second since 1970. */
  readonly minute: readonly NotedMinute[];
  /** Requests of a day, in days since 1970. */
  readonly day: readonly NotedDay[];
}

export type NotedHold = readonly [revision: number, id: string, amount: string];
export type NotedMinute = readonly [source: string, seconds: readonly (readonly [second: number, requests: number])[]];
export type NotedDay = readonly [source: string, day: number, requests: number];
