import type { Charge } from '@meterbook/domain/account/charging/events';
import { add, decimal, subtract, toText, zero } from '@meterbook/domain/amount/decimal';
import type { Balances } from '@meterbook/domain/entries/balances';
import { postingsOf } from '@meterbook/domain/entries/postings';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import type { StatementEntry } from './statement-fold';
import type { Statement, StatementPeriod } from './statement';
import { statementCsv } from './write-statement-csv';

const at = Date.UTC(2026, 10, 21, 10);
const period: StatementPeriod = {
  platform: 'shop',
  account: 'a',
  from: -Infinity,
  to: Infinity,
  derivedTo: at + 1,
  zone: 'UTC',
  basis: 'booked',
};
const balances = (wallet: string, receivable: string): Balances => ({
  wallet: decimal(wallet),
  receivable: decimal(receivable),
  main: zero,
  backup: zero,
});

/** Usage for which the wallet gives so much, the rest being owed, with the balances after it. */
function charged(revision: number, given: string, owed: string, after: Balances): StatementEntry {
  const charge = {
    source: 'gw',
    id: `u${revision}`,
    occurredAt: new Date(at).toISOString(),
    model: '=evil',
    tier: 'default',
    group: 'default',
    rulebook: 1,
    units: {},
    price: { mode: 'request', unit: '1' },
    factors: [],
    amount: toText(add(decimal(given), decimal(owed))),
    ...(given !== '0' && { lots: [[0, given]] }),
    ...(owed !== '0' && { owed }),
    digest: 'x',
  } as unknown as Charge;
  const event = { type: 'UsageCharged' as const, charges: [charge], currency: 'CNY', wallet: '0', receivable: '0' };
  const stored = { revision, position: String(revision) } as unknown as StoredEvent;
  const instant = charge.occurredAt;
  const booked = { stored, event, charge };
  return { booked, occurredAt: instant, bookedAt: instant, legs: postingsOf(event, 'a'), balances: after };
}

function statementOf(entries: AsyncIterable<StatementEntry>, opening: Balances, closing: Balances): Statement {
  return {
    head: { currency: 'CNY', opening, watermark: at },
    entries,
    foot: async () => ({ closing, next: null, final: false, faults: [] }),
  };
}

describe('a statement as CSV', () => {
  it('has a line for each entry, with what the account gained and the balances after it', async () => {
    async function* entries(): AsyncIterable<StatementEntry> {
      yield charged(1, '60', '0', balances('40', '0'));
      yield charged(2, '40', '5.5', balances('0', '5.5'));
      yield charged(3, '0', '24.5', balances('0', '30'));
    }
    let text = '';
    for await (const some of statementCsv(period, statementOf(entries(), balances('100', '0'), balances('0', '30'))))
      text += some;
    const rows = text
      .trimEnd()
      .split('\r\n')
      .map((line) => line.split(','));
    const column = (name: string): number => rows[0]?.indexOf(name) ?? -1;
    const [reference, amount, wallet, receivable] = ['reference', 'amount', 'wallet', 'receivable'].map(column);
    expect(
      rows.slice(1).map((row) => [row[reference ?? 0], row[amount ?? 0], row[wallet ?? 0], row[receivable ?? 0]]),
    ).toEqual([
      ['', '', '100', '0'],
      ['u1', '-60', '40', '0'],
      ['u2', '-45.5', '0', '5.5'],
      ['u3', '-24.5', '0', '30'],
      ['', '', '0', '30'],
    ]);
    const gained = rows.slice(2, -1).reduce((sum, row) => add(sum, decimal(row[amount ?? 0] ?? '0')), zero);
    expect(toText(add(decimal('100'), gained))).toBe(toText(subtract(zero, decimal('30'))));
    expect(rows.map((row) => row[column('model')])).toContain("'=evil");
    expect(Math.max(...text.split('\r\n').map((line) => line.length))).toBeLessThan(300);
  });

  it('reads no further than it is read, however long the account', async () => {
    let read = 0;
    async function* entries(): AsyncIterable<StatementEntry> {
      for (;;) {
        read += 1;
        yield charged(read, '0', '1', balances('0', String(read)));
      }
    }
    const lines = statementCsv(period, statementOf(entries(), balances('0', '0'), balances('0', '0')))[
      Symbol.asyncIterator
    ]();
    for (let i = 0; i < 102; i += 1) await lines.next();
    await lines.return?.();
    expect(read).toBe(100);
  });
});
