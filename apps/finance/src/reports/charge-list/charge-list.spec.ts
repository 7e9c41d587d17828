import { createLog } from '@meterbook/runtime/log';
import { chargesWith } from '../../projections/charges/charges';
import { ProjectionControl } from '../../projections/projection-control';
import { ProjectionLoop } from '../../projections/projection-loop';
import { ProjectionReader } from '../../projections/projection-reader';
import { Books } from '../../testing/books';
import { StartedLoop, until } from '../../testing/started-loop';
import { ChargeList } from './charge-list';
import type { ChargesQuestion, LinePlace } from './charges-question';
import { chargesCursor, linePlace } from './charges-cursor';

/** So few charges in a block that there are several, and several merged. */
const blockRows = 2;
/** Charges that are booked. */
const many = 80;

describe('single charges of a platform', () => {
  const loop = new StartedLoop();
  let books: Books;
  let control: ProjectionControl;
  let reader: ProjectionReader;
  let list: ChargeList;

  beforeAll(async () => {
    books = new Books('2026-11-20T10:00:00.000Z');
    const { store, clock, financeDirectory } = books;
    await books.open('shop/a');
    await books.open('shop/b');
    await books.open('mill/a');
    await books.recharge('shop/a', 'r1', '1000');
    for (let i = 0; i < many; i++) await books.charge(i % 2 === 0 ? 'shop/a' : 'shop/b', `u${i}`, `${i + 1}`);
    await books.charge('shop/b', 'u0', '7');
    await books.charge('mill/a', 'u0', '8');
    control = ProjectionControl.shared(financeDirectory);
    reader = new ProjectionReader(control, clock);
    const projections = [chargesWith({ maxLabelValues: 10, blockRows })];
    const running = loop.start(new ProjectionLoop(store, clock, financeDirectory, projections, createLog('fatal')));
    const last = await store.end();
    await until(
      () => running.progress()?.position === last,
      () => clock.pass(1),
    );
    list = new ChargeList(store, clock, reader);
  });
  afterAll(async () => {
    reader.close();
    control.close();
    await loop.stop();
    await books.destroy();
  });

  const textOf = async (question: ChargesQuestion): Promise<string> => {
    let text = '';
    for await (const chunk of (await list.open(question)).chunks) text += chunk;
    return text;
  };
  const byId = async (
    id: string,
    limit = 100,
  ): Promise<{ charges: { account: string; amount: string }[]; next: string | null }> =>
    JSON.parse(await textOf({ by: 'id', platform: 'shop', id, after: null, limit })) as never;
  const focus = async (after: LinePlace | null): Promise<string> =>
    textOf({ by: 'time', platform: 'shop', basis: 'booked', from: null, to: null, after });

  it('are found by their id alone, in any account of the platform and of no other', async () => {
    expect((await byId('u0')).charges).toMatchObject([
      { account: 'a', amount: '1' },
      { account: 'b', amount: '7' },
    ]);
    // Side by side, since each waits a second for what has not come: this clock stands still.
    const others = Array.from({ length: many - 1 }, (_, i) => i + 1);
    const found = await Promise.all(others.map((i) => byId(`u${i}`)));
    for (const i of others) expect(found[i - 1]?.charges).toMatchObject([{ amount: `${i + 1}` }]);
    expect(await byId('nobody')).toEqual({ charges: [], next: null });
  });

  it('come in pages where an id is in many accounts', async () => {
    const first = await byId('u0', 1);
    expect(first.charges.map(({ account }) => account)).toEqual(['a']);
    const mark = chargesCursor.markOf({ cursor: first.next ?? '' });
    const after = { account: mark?.place ?? '', revision: mark?.revision ?? 0, index: mark?.index ?? 0 };
    const second = JSON.parse(await textOf({ by: 'id', platform: 'shop', id: 'u0', after, limit: 1 })) as unknown;
    expect(second).toMatchObject({ charges: [{ account: 'b' }], next: null });
  });

  it('are exported a line each, and an export that broke off goes on after any line', async () => {
    const whole = await focus(null);
    const lines = whole.split('\r\n').slice(0, -1);
    expect(lines).toHaveLength(1 + many + 1);
    expect(lines[0]?.split(',').slice(0, 5)).toEqual([
      ...['BilledCost', 'EffectiveCost', 'ListCost', 'ContractedCost', 'BillingCurrency'],
    ]);
    expect(lines[1]).toMatch(/^1,1,1,1,CNY,2026-11-01T00:00:00.000Z,2026-12-01T00:00:00.000Z,/);
    for (const received of [1, 2, 40, lines.length - 1]) {
      const cursor = lines[received]?.split(',').at(-1) ?? '';
      const mark = chargesCursor.markOf({ cursor });
      const rest = await focus((mark && linePlace(mark)) ?? null);
      expect(rest).toBe(
        lines
          .slice(received + 1)
          .map((line) => `${line}\r\n`)
          .join(''),
      );
    }
  });
});
