import { parseAuthorizationId } from '@meterbook/domain/access/authorization-id';
import type { HoldEvent, HoldPlaced } from '@meterbook/domain/access/events';
import type { Account } from '@meterbook/domain/account/account';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { evolve } from '@meterbook/domain/account/evolve';
import { decodeAccountEvent } from '@meterbook/books/account-event';
import { accountStream, type AccountName } from '@meterbook/books/account-stream';
import { decodeHoldEvent, holdStream } from '@meterbook/books/hold-stream';
import type { EventStore } from '@meterbook/event-store/event-store';

const MINUTE_MS = 60_000;

/** What an account and its holds say, read from the store. */
export interface StoredAccess {
  readonly account: readonly AccountEvent[];
  readonly holds: readonly HoldEvent[];
}

export async function storedAccess(store: EventStore, name: AccountName): Promise<StoredAccess> {
  const account: AccountEvent[] = [];
  const holds: HoldEvent[] = [];
  for await (const stored of store.read(accountStream(name), 'start', 'forward'))
    account.push(decodeAccountEvent(stored));
  for await (const stored of store.read(holdStream(name), 'start', 'forward')) holds.push(decodeHoldEvent(stored));
  return { account, holds };
}

/**
 * Goes through both streams as somebody would who knows nothing of how they were written: what was live before each hold, as the
 * account stood at the revision it was decided on, and the hold itself were never more than the wallet then. No request is held twice.
 * Returns what is live at the end; holds that expire are not looked at. Throws where more was reserved.
 */
export function provenReservations({ account, holds }: StoredAccess): number {
  const { wallets, settledAt } = accountBooks(account);
  const released = new Map<number, number>();
  for (const [revision, event] of holds.entries())
    if (event.type === 'HoldReleased' && !released.has(event.hold)) released.set(event.hold, revision);
  const placed = holds.flatMap((event, revision): [HoldPlaced, number][] =>
    event.type === 'HoldPlaced' ? [[event, revision]] : [],
  );
  const liveAt = (before: number, accountRevision: number): number =>
    placed
      .filter(([, revision]) => revision < before && (released.get(revision) ?? Infinity) >= before)
      .filter(([, revision]) => (settledAt.get(revision) ?? Infinity) > accountRevision)
      .reduce((sum, [{ amount }]) => sum + Number(amount), 0);
  let decidedOn = -1;
  const requests = new Set<string>();
  for (const [{ amount, accountRevision, requestId }, revision] of placed) {
    if (accountRevision < decidedOn)
      throw new Error(`hold ${revision} was decided on an older account than the one before`);
    decidedOn = accountRevision;
    const reserved = liveAt(revision, accountRevision) + Number(amount);
    const wallet = wallets[accountRevision] ?? 0;
    if (reserved > wallet) throw new Error(`hold ${revision} makes ${reserved} reserved of ${wallet}`);
    if (requestId !== undefined && requests.has(requestId)) throw new Error(`${requestId} is held twice`);
    if (requestId !== undefined) requests.add(requestId);
  }
  return liveAt(Infinity, account.length);
}

/** The most requests that any minute let through, of those that a limit counted. */
export function busiestMinute({ holds }: Pick<StoredAccess, 'holds'>): number {
  const instants = holds.flatMap((event) =>
    event.type !== 'HoldReleased' && event.minute !== undefined ? [Date.parse(event.occurredAt)] : [],
  );
  let [busiest, from] = [0, 0];
  for (const [to, instant] of instants.entries()) {
    while ((instants[from] ?? Infinity) <= instant - MINUTE_MS) from += 1;
    busiest = Math.max(busiest, to - from + 1);
  }
  return busiest;
}

/** The wallet after each revision, and at which one each hold was settled. */
function accountBooks(events: readonly AccountEvent[]): {
  readonly wallets: readonly number[];
  readonly settledAt: ReadonlyMap<number, number>;
} {
  const wallets: number[] = [];
  const settledAt = new Map<number, number>();
  let state: Account | undefined;
  for (const [revision, event] of events.entries()) {
    state = evolve(state, event, revision);
    wallets.push(Number(state.wallet.coefficient) / 10 ** state.wallet.scale);
    for (const { authorizationId } of event.type === 'UsageCharged' ? event.charges : []) {
      const hold = authorizationId === undefined ? undefined : parseAuthorizationId(authorizationId)?.hold;
      if (hold !== undefined && !settledAt.has(hold)) settledAt.set(hold, revision);
    }
  }
  return { wallets, settledAt };
}
