import type { Database } from 'better-sqlite3';
import type { AccountEvent } from '@meterbook/domain/account/events';
import type { Position } from '@meterbook/event-store/event-store';

/** An event of an account's stream, decoded once for every projection of a set. */
export interface BookedEvent {
  readonly platform: string;
  readonly account: string;
  readonly position: Position;
  /** Milliseconds since 1970. */
  readonly bookedAt: number;
  readonly event: AccountEvent;
}

export interface ProjectionTable {
  readonly name: string;
  /** The columns of the primary key: a comparison walks the rows in their order. */
  readonly key: readonly string[];
}

/** A read model that events alone determine: it can be thrown away and folded again from the first event. */
export interface Projection {
  readonly name: string;
  /** Version of its tables: a file of another version is thrown away and filled again. */
  readonly layout: number;
  readonly schema: string;
  readonly tables: readonly ProjectionTable[];
  /** Starts to fold into a file whose tables stand. What it keeps in memory is about that file only. */
  open(database: Database): Fold;
}

export interface Fold {
  /** Takes in events that follow those before, inside the transaction that also moves the file's position. */
  fold(events: readonly BookedEvent[]): void;
}
