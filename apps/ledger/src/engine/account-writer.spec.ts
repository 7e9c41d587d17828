import { accountStream } from '@meterbook/books/account-stream';
import { EmbeddedLedger, platform } from '../testing/embedded-ledger';
import { AccountContended, EventTooLarge, type Decided } from './account-writer';

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
});
