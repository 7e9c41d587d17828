import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Charge, UsageCharged } from '@meterbook/domain/account/charging/events';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { encodeEvent } from '@meterbook/books/event-codec';
import type { NewEvent } from '@meterbook/event-store/event-store';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { listCharges, MAX_EXAMINED_CHARGES, type ChargeMark } from './list-charges';

const stream = 'account-apibox/a';

function charge(id: string, model: string): Charge {
  return {
    source: 'gw',
    id,
    occurredAt: '2026-01-01T00:00:00.000Z',
    model,
    tier: 'default',
    group: 'default',
    rulebook: 1,
    units: {},
    price: { mode: 'request', unit: '1', quantity: '1' },
    factors: [],
    amount: '1',
    digest: id,
  };
}

describe('a page of charges', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-list-'));
  const store = new EmbeddedEventStore(directory, new SystemClock());

  beforeAll(async () => {
    let previous = '';
    const perEvent = 500;
    const events = Array.from({ length: (2 * MAX_EXAMINED_CHARGES) / perEvent + 1 }, (_, revision): NewEvent => {
      const charges = Array.from({ length: perEvent }, (__, i) =>
        charge(`${revision}.${i}`, revision === 0 && i === 7 ? 'rare' : 'gpt'),
      );
      const event: UsageCharged = { type: 'UsageCharged', charges, currency: 'CNY', wallet: '0', receivable: '0' };
      const encoded = encodeEvent(stream, revision, previous, event, { actor: 'spec' });
      previous = encoded.hash;
      return encoded;
    });
    await store.append([{ stream, expectedRevision: 'no-stream', events }]);
  });
  afterAll(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  it('ends after a bounded look, and the pages after it find what is far back', async () => {
    const sizes: number[] = [];
    let before: ChargeMark | null = null;
    do {
      const { charges, next }: Awaited<ReturnType<typeof listCharges>> = await listCharges(
        store,
        stream,
        { model: 'rare' },
        { before, limit: 100 },
        new SystemClock(),
      );
      sizes.push(charges.length);
      before = next;
    } while (before);
    expect(sizes).toEqual([0, 0, 1]);
  });

  it('holds as many as are asked for, unless they are too large together', async () => {
    const page = async (limit: number): Promise<number> =>
      (await listCharges(store, stream, {}, { before: null, limit }, new SystemClock())).charges.length;
    expect(await page(7)).toBe(7);
    expect(await page(1000)).toBe(1000);
    const most = await page(1_000_000);
    expect(most).toBeGreaterThan(1000);
    expect(most).toBeLessThan(MAX_EXAMINED_CHARGES / 2);
  });
});
