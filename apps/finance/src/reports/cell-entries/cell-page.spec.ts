import * as fc from 'fast-check';
import { Sums } from '../grouped/sums';
import type { CellPlace } from './cell-cursor';
import type { CellEntry, CellStep } from './cell-entry';
import { pageOf } from './cell-page';

const AT_MS = 1_000;

function entry(reference: string, sentence = 'It was.'): CellEntry {
  const at = '2026-11-21T00:00:00.000Z';
  const told = { event: 'Derived', account: 'a', reference, occurredAt: at, bookedAt: at } as const;
  return { ...told, legs: [], explain: null, sentence, sums: new Sums() };
}

/** Places with so many entries each, after a mark; and how many of them were looked at. */
class Places {
  looked = 0;

  constructor(private readonly sizes: readonly number[]) {}

  async *after(mark: string): AsyncIterable<CellStep> {
    for (let place = mark === 'start' ? 0 : Number(mark) + 1; place < this.sizes.length; place++) {
      this.looked += 1;
      const entries = Array.from({ length: this.sizes[place] ?? 0 }, (_, at) => entry(`${place}/${at}`));
      yield { mark: String(place), entries };
    }
  }

  get all(): string[] {
    return this.sizes.flatMap((size, place) => Array.from({ length: size }, (_, at) => `${place}/${at}`));
  }
}

describe('a page of the entries of a cell', () => {
  it('goes on where the one before ended, whatever its limit, and looks no further than a bounded number of empty places', async () => {
    const sizes = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { arbitrary: fc.nat(5), weight: 2 }), {
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 4 }),
        async (all, limit, maxEmpty) => {
          const places = new Places(all);
          const found: (string | null)[] = [];
          let place: CellPlace | null = null;
          do {
            places.looked = 0;
            const page = await pageOf(places.after(place?.after ?? 'start'), place, limit, AT_MS, maxEmpty);
            expect(page.items.length).toBeLessThanOrEqual(limit);
            expect(places.looked).toBeLessThanOrEqual(limit + maxEmpty + 1);
            found.push(...page.items.map(({ reference }) => reference));
            place = page.next;
          } while (place);
          expect(found).toEqual(places.all);
        },
      ),
    );
  });

  it('ends early where its explanations are long', async () => {
    const long = 'x'.repeat(1024 * 1024);
    async function* steps(): AsyncIterable<CellStep> {
      for (let place = 0; place < 100; place++) yield { mark: String(place), entries: [entry(String(place), long)] };
    }
    const { items, next } = await pageOf(steps(), null, 1000, AT_MS);
    expect(items).toHaveLength(4);
    expect(next).toEqual({ at: AT_MS, after: '3', given: 0 });
  });
});
