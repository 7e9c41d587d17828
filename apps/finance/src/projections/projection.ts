import type { Database } from '@meterbook/runtime/sqlite';
import type { AccountEvent } from '@meterbook/domain/account/events';
import type { Position } from '@meterbook/event-store/event-store';
import type { Beside } from './beside';

/** An event of an account's stream, decoded once for every projection that stands at the same position. */
export interface BookedEvent {
  readonly stream: string;
  readonly revision: number;
  readonly platform: string;
  readonly account: string;
  readonly position: Position;
  /** Milliseconds since 1970. */
  readonly bookedAt: number;
  readonly event: AccountEvent;
  /** What the event itself does not say; absent where it says all. */
  readonly beside?: Beside;
}

export interface ProjectionTable {
  readonly name: string;
  /** The columns of the primary key: a comparison walks the rows in their order. */
  readonly key: readonly string[];
  /** What a row holds, where rows are cut otherwise from run to run; a comparison looks at this and not at the rows. */
  readonly contentOf?: (row: readonly unknown[]) => Iterable<string>;
}

/** A read model that events alone determine: it can be thrown away and folded again from the first event. */
export interface Projection {
  readonly name: string;
  /** Version of its tables and of what is written to them: a file of another version is thrown away and filled again. */
  readonly layout: number;
  readonly schema: string;
  readonly tables: readonly ProjectionTable[];
  /** Starts to fold into a file whose tables stand. What it keeps in memory is what another one would read from the file. */
  open(database: Database): Fold;
}

export interface Fold {
  /** Takes in the event that follows those before. Throws where it makes no sense, and has changed nothing then. */
  take(event: BookedEvent): void;
  /** Writes what was taken in since the last time, inside the transaction that also moves the file's position. */
  write(): void;
}
