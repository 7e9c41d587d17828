import { StoreBench } from '@meterbook/event-store/esdb/testing/store-bench';
import { StoreUnavailable } from '@meterbook/event-store/store-failure';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { accountStream } from '@meterbook/books/account-stream';
import { EmbeddedLedger, platform } from '../testing/embedded-ledger';
import { AccountContended, AccountWriter, EventTooLarge, type Decided } from './account-writer';
import { Accounts } from './accounts';

const stream = accountStream({ platform, account: 'a' });

describe('the writer of accounts', () => {
  let ledger: EmbeddedLedger;

  beforeEach(async () => {
    ledger = new EmbeddedLedger();
    await ledger.publish();
    await ledger.open('a');
  });
  afterEach(() => ledger.close());

  const settings = (n: number): Decided<number> => ({
    events: [
      {
        type: 'AccountSettingsChanged',
        occurredAt: '2026-11-21T10:00:00.000Z',
        changed: { suspended: n % 2 === 0 },
        currency: 'CNY',
        settled: [],
        wallet: '100',
        receivable: '0',
      },
    ],
    metadata: {},
    answer: () => n,
  });

  it('decides again on what others wrote, until it wins', async () => {
    const other = ledger.another();
    let decisions = 0;
    const answer = await ledger.parts.writer.command({
      stream,
      decide: async () => {
        decisions += 1;
        if (decisions < 4) await other.writer.command({ stream, decide: () => settings(decisions) });
        return settings(decisions);
      },
    });
    expect([answer, decisions]).toEqual([4, 4]);
  });

  it('gives up when it never wins, and says that others do', async () => {
    const other = ledger.another();
    const work = {
      stream,
      decide: async (): Promise<Decided<number>> => {
        await other.writer.command({ stream, decide: () => settings(1) });
        return settings(2);
      },
    };
    await expect(ledger.parts.writer.command(work)).rejects.toThrow(AccountContended);
  });

  it('does not fill up a round that a command waits for with usage, as it does without one', async () => {
    const usages = Array.from({ length: 20 }, (_, n) => accountStream({ platform, account: `u${n}` }));
    for (let n = 0; n < usages.length; n++) await ledger.open(`u${n}`);
    const append = jest.spyOn(ledger.store, 'append');
    const charge = (): Promise<number>[] =>
      usages.map((one) => ledger.parts.writer.charge({ stream: one, weight: 50, decide: () => settings(1) }));
    const roundsOf = async (work: readonly Promise<unknown>[]): Promise<number[]> => {
      append.mockClear();
      await Promise.all(work);
      return append.mock.calls.map(([appends]) => appends.length);
    };
    expect(await roundsOf(charge())).toEqual([20]);
    const command = { stream, decide: () => settings(2) };
    expect(await roundsOf([...charge(), ledger.parts.writer.command(command)])).toEqual([5, 16]);
  });

  it('fills up a round with usage where usage alone has lost to others and is decided again', async () => {
    const other = ledger.another();
    for (let n = 0; n < 20; n++) await ledger.open(`u${n}`);
    const append = jest.spyOn(ledger.store, 'append');
    let decisions = 0;
    const outrun = ledger.parts.writer.charge({
      stream,
      weight: 1,
      decide: async () => {
        if (++decisions === 1) await other.writer.command({ stream, decide: () => settings(1) });
        return settings(2);
      },
    });
    const usages = Array.from({ length: 20 }, (_, n) =>
      ledger.parts.writer.charge({
        stream: accountStream({ platform, account: `u${n}` }),
        weight: n === 0 ? 2_000 : 50,
        decide: () => settings(1),
      }),
    );
    await Promise.all([outrun, ...usages]);
    // The first holds one heavy work and the one that loses, the second all else with the one that is decided again.
    expect(append.mock.calls.map(([appends]) => appends.length)).toEqual([1, 2, 20]);
  });

  it('says what no store would take before it is sent, and goes on', async () => {
    const large = { ...settings(1), metadata: { actor: 'x'.repeat(1_000_000) } };
    await expect(ledger.parts.writer.command({ stream, decide: () => large })).rejects.toThrow(EventTooLarge);
    expect(await ledger.parts.writer.command({ stream, decide: () => settings(2) })).toBe(2);
  });

  it('answers nothing from memory: a decision without events is confirmed at the head', async () => {
    const other = ledger.another();
    const seen: number[] = [];
    let decisions = 0;
    const revision = await ledger.parts.writer.command({
      stream,
      decide: async (account) => {
        decisions += 1;
        seen.push(account.revision);
        if (decisions === 1) await other.writer.command({ stream, decide: () => settings(1) });
        return { events: [], metadata: {}, answer: (loaded) => loaded.revision };
      },
    });
    expect(seen).toEqual([1, 2]);
    expect(revision).toBe(2);
  });

  it('tells many commands on as many accounts that the store is away in the time of one', async () => {
    const giveUpAfterMs = 400;
    const bench = new StoreBench();
    await bench.start();
    try {
      const store = bench.open({ giveUpAfterMs, leastAttemptMs: 100, callDeadlineMs: giveUpAfterMs });
      await store.ready();
      const { writer } = ledger.another(1000, store);
      const nothing: Decided<number> = { events: [], metadata: {}, answer: ({ revision }) => revision };
      const command = (n: number): Promise<number> =>
        writer.command({ stream: accountStream({ platform, account: `a${n}` }), decide: () => nothing });
      bench.server.faults.state = 'silent';
      const startedAt = ledger.clock.now();
      const told = await Promise.allSettled(Array.from({ length: 100 }, (_, i) => command(i)));
      expect(ledger.clock.now() - startedAt).toBeLessThan(10 * giveUpAfterMs);
      for (const one of told) expect(one).toMatchObject({ reason: expect.any(StoreUnavailable) as unknown });
      bench.server.faults.state = 'works';
      expect(await command(1)).toBe(-1);
    } finally {
      await bench.stop();
    }
  });

  it('does not begin a command that has waited too long, and says so', async () => {
    const clock = new ManualClock();
    const accounts = new Accounts(ledger.store, { maxBytes: 64e6, checkpointEvery: 1000 }, clock);
    const writer = new AccountWriter(ledger.store, accounts, false, clock);
    let goOn = (): void => undefined;
    const long = writer.command({
      stream,
      decide: async () => {
        await new Promise<void>((resolve) => (goOn = resolve));
        return settings(1);
      },
    });
    await clock.advance(1);
    let decisions = 0;
    const late = writer.command({ stream, decide: () => settings((decisions += 1)) });
    const refused = expect(late).rejects.toBeInstanceOf(StoreUnavailable);
    await clock.advance(60_000);
    goOn();
    expect(await long).toBe(1);
    await refused;
    expect(decisions).toBe(0);
    expect(await writer.command({ stream, decide: () => settings(3) })).toBe(3);
  });
});
