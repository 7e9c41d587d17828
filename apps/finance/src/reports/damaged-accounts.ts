import { accountPrefix } from '@meterbook/books/stream-kinds';
import type { DamagedTable } from '../projections/damaged-table';

/** Damaged accounts that a report names. */
const MAX_NAMED = 100;

/** The accounts that a report stands without from some event on, since their streams cannot be read. */
export interface DamagedAccounts {
  readonly count: number;
  /** The first hundred of them, by name. */
  readonly accounts: readonly string[];
}

/** Those of one platform. */
export function damagedOf(damaged: DamagedTable, platform: string): DamagedAccounts {
  const prefix = `${accountPrefix}${platform}/`;
  const accounts = damaged.list(prefix, MAX_NAMED).map(({ stream }) => stream.slice(prefix.length));
  return { count: accounts.length < MAX_NAMED ? accounts.length : damaged.countOf(prefix), accounts };
}
