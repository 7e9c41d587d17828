import { RequestIndex } from './request-index';
import { PAGE_EVENTS } from './request-page';

const PAGES = 40;
/** Few, so that many events share one. */
const FINGERPRINTS = 500;

describe("the index of an account's requests", () => {
  /** Pages of a long history as they are read, the newest first, and where each fingerprint stands in them and behind them. */
  function longHistory(): { readonly index: RequestIndex; readonly revisions: ReadonlyMap<number, readonly number[]> } {
    const index = new RequestIndex();
    const revisions = new Map<number, number[]>();
    for (let page = PAGES; page >= 0; page--) {
      const first = page * PAGE_EVENTS;
      const fingerprints = Uint32Array.from({ length: PAGE_EVENTS }, (_, i) => ((first + i) * 7_919) % FINGERPRINTS);
      if (page < PAGES) index.addPage(first, fingerprints);
      for (let i = PAGE_EVENTS - 1; i >= 0; i--) {
        const fingerprint = fingerprints[i] ?? 0;
        if (fingerprint === 0) continue;
        if (page === PAGES) index.add(fingerprint, first + i);
        revisions.set(fingerprint, [...(revisions.get(fingerprint) ?? []), first + i]);
      }
    }
    return { index, revisions };
  }

  it('knows every revision of a request, the newest first, from the first question on', () => {
    const { index, revisions } = longHistory();
    for (let fingerprint = 1; fingerprint < FINGERPRINTS; fingerprint++)
      expect(index.revisionsOf(fingerprint)).toEqual(revisions.get(fingerprint));
    expect(index.revisionsOf(FINGERPRINTS + 1)).toEqual([]);
  });

  it('keeps a page in four bytes an event until it is asked', () => {
    const index = new RequestIndex();
    const empty = index.bytes;
    for (let page = 0; page < PAGES; page++) index.addPage(page * PAGE_EVENTS, new Uint32Array(PAGE_EVENTS).fill(1));
    expect(index.bytes - empty).toBe(PAGES * PAGE_EVENTS * 4);
  });
});
