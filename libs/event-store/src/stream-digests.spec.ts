import { hash } from 'node:crypto';
import { StreamDigests } from './stream-digests';

/** Streams by name, with the hash and the time of each of their events. */
type Told = Readonly<Record<string, readonly (readonly [text: string, bookedAt: number])[]>>;

function digestsOf(told: Told): StreamDigests {
  const digests = new StreamDigests();
  for (const [stream, events] of Object.entries(told))
    for (const [revision, [text, bookedAt]] of events.entries())
      digests.take({ stream, revision, bookedAt, hash: hash('sha256', text, 'base64url') });
  return digests;
}

const books: Told = {
  'account-p/a': [
    ['1', 10],
    ['2', 20],
  ],
  'account-p/b': [['1', 10]],
};

describe('what two stores hold', () => {
  it('is the same whatever the order of their streams', () => {
    const other = digestsOf(Object.fromEntries(Object.entries(books).reverse()));
    expect([...digestsOf(books).differencesFrom(other)]).toEqual([]);
    expect(other.sha256()).toBe(digestsOf(books).sha256());
    expect([other.streams, other.events]).toEqual([2, 3]);
  });

  it.each<[string, Told, string]>([
    ['a stream that is missing', { 'account-p/a': books['account-p/a'] ?? [] }, 'account-p/b is missing'],
    ['one too many', { ...books, 'account-p/c': [['1', 10]] }, 'account-p/c is one too many'],
    [
      'a stream that ends early',
      { ...books, 'account-p/a': [['1', 10]] },
      'account-p/a ends at revision 0, and not at 1',
    ],
    ['another last event', { ...books, 'account-p/b': [['x', 10]] }, 'account-p/b has another event at revision 0'],
    [
      'another time of the first event',
      {
        ...books,
        'account-p/a': [
          ['1', 11],
          ['2', 20],
        ],
      },
      'account-p/a has events that were booked otherwise',
    ],
  ])('differs by %s', (_what, other, difference) => {
    expect([...digestsOf(books).differencesFrom(digestsOf(other))]).toEqual([difference]);
  });

  it('knows where each of very many streams ends, and which go further', () => {
    const many = new StreamDigests();
    for (let i = 0; i < 5000; i += 1)
      for (let revision = 0; revision <= i % 3; revision += 1)
        many.take({
          stream: `account-p/${i}`,
          revision,
          bookedAt: i,
          hash: hash('sha256', `${i} ${revision}`, 'base64url'),
        });
    for (let i = 0; i < 5000; i += 1)
      expect(many.head(`account-p/${i}`)).toEqual({
        revision: i % 3,
        hash: hash('sha256', `${i} ${i % 3}`, 'base64url'),
      });
    const none = new StreamDigests();
    expect([...many.beyond(none)]).toHaveLength(5000);
    expect([...none.beyond(many)]).toEqual([]);
    expect([...digestsOf(books).beyond(digestsOf({ 'account-p/a': [['1', 10]], 'account-p/b': [['x', 1]] }))]).toEqual([
      'account-p/a',
    ]);
  });
});
