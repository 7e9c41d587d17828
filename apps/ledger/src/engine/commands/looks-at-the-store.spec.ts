import type { EventStore } from '@meterbook/event-store/event-store';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { LedgerApp } from '../../testing/ledger-app';

const CALLERS = 64;

/** How often each method of a store was called since the count began. */
interface Calls {
  head: number;
  append: number;
  read: number;
}

/** How long a head is on its way, as from a server, milliseconds. */
const HEAD_TAKES_MS = 5;

/** Counts what is asked of a store, and lets it be answered as it is, a head as late as by a server. */
function counted(store: EventStore): Calls {
  const clock = new SystemClock();
  const calls: Calls = { head: 0, append: 0, read: 0 };
  for (const method of ['head', 'append', 'read'] as const) {
    const original = store[method].bind(store) as (...args: unknown[]) => unknown;
    const counting = (...args: unknown[]): unknown => {
      calls[method] += 1;
      return method === 'head' ? clock.sleep(HEAD_TAKES_MS).then(() => original(...args)) : original(...args);
    };
    Object.assign(store, { [method]: counting });
  }
  return calls;
}

describe('what the store is asked', () => {
  let ledger: LedgerApp;
  let calls: Calls;
  const recharge = async (account: string, rechargeId: string): Promise<number> => {
    const payment = { rechargeId, provider: 'manual', amount: '10', currency: 'CNY' };
    return (await ledger.on('POST', `/accounts/${account}/recharges`, payment, 1)).status;
  };
  const spent = async (work: () => Promise<unknown>): Promise<Calls> => {
    const before = { ...calls };
    await work();
    return {
      head: calls.head - before.head,
      append: calls.append - before.append,
      read: calls.read - before.read,
    };
  };

  beforeAll(async () => {
    ledger = await LedgerApp.start();
    await ledger.publish();
    const { store } = await ledger.startProcess();
    await recharge('acct-0', 'first');
    await ledger.on('GET', '/accounts/acct-0', undefined, 1);
    calls = counted(store);
  });
  afterAll(() => ledger.close());

  it('for a command is one head and one append', async () => {
    expect(await spent(async () => expect(await recharge('acct-0', 'second')).toBe(201))).toEqual({
      head: 1,
      append: 1,
      read: 0,
    });
  });

  it('for a view is the heads of what it shows: rulebook, account and holds', async () => {
    const view = (): Promise<unknown> => ledger.on('GET', '/accounts/acct-0', undefined, 1);
    await view();
    expect(await spent(view)).toEqual({ head: 3, append: 0, read: 0 });
  });

  it('for many commands at a time is little more than for one: they share the look at the rulebook, and the appends', async () => {
    const accounts = Array.from({ length: CALLERS }, (_, at) => `acct-${at}`);
    await Promise.all(accounts.map((account) => recharge(account, 'third')));
    const { head, append } = await spent(async () => {
      const statuses = await Promise.all(accounts.map((account) => recharge(account, 'fourth')));
      expect(new Set(statuses)).toEqual(new Set([201]));
    });
    expect(head).toBeLessThan(CALLERS / 4);
    expect(append).toBeLessThan(CALLERS / 4);
  });
});
