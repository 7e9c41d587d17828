import { readEvents } from './events-body';

const events = 1_000;
const text = JSON.stringify(
  Array.from({ length: events }, (_, at) => ({ id: `req-${at}`, data: { fields: { priority: '"'.repeat(2_000) } } })),
);

describe('a batch of four megabytes', () => {
  it('is read in turns, with others between them, and comes to what it says', async () => {
    let turns = 0;
    let ended = false;
    const count = (): void => {
      turns += 1;
      if (!ended) setImmediate(count);
    };
    setImmediate(count);
    const { value, doubts } = await readEvents(text);
    ended = true;
    expect(value).toEqual(JSON.parse(text));
    expect(doubts).toEqual([]);
    expect(turns).toBeGreaterThanOrEqual(10);
  });

  it('is read no further than any batch may go', async () => {
    const { value } = await readEvents(`[${'1,'.repeat(1_000_000)}1]`);
    expect(value).toHaveLength(events + 1);
  });
});
