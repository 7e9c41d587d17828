import { digestBits, identityKey, type IdentityKey } from './identity-key';
import { PackedIdentities, RecentIdentities } from './recent-identities';

const digest = 'AB_-09zZaaa';
const keyOf = (number: number): IdentityKey => identityKey('account-p/a', 's', `u${number}`);

/** So many identities, the n-th at revision 10 + n and index n. */
function filled(count: number): RecentIdentities {
  const recent = new RecentIdentities();
  for (let n = 0; n < count; n++) recent.add(keyOf(n), 10 + n, n, digest);
  return recent;
}

describe('the key of an identity', () => {
  it('is another for another account, source or id, however they are cut', () => {
    const keys = [
      identityKey('account-p/a', 's', 'u'),
      identityKey('account-p/b', 's', 'u'),
      identityKey('account-p/a', 't', 'u'),
      identityKey('account-p/a', 's', 'v'),
      identityKey('account-p/a', 's\nu', ''),
      identityKey('account-p/a', '', 's\nu'),
    ];
    expect(new Set(keys.map((key) => JSON.stringify(key))).size).toBe(keys.length);
    expect(identityKey('account-p/a', 's', 'u')).toEqual(keys[0]);
  });

  it('stays what it was, since it is stored', () => {
    expect(keyOf(0)).toEqual({ a: -746555418, b: 1102063338, c: -1419303469, d: -522189319 });
  });
});

describe('the bits of a digest', () => {
  it('are its first ten letters, six bits each', () => {
    expect(digestBits('AAAAAAAAAAA')).toEqual([0, 0]);
    expect(digestBits('AAAABAAAACx')).toEqual([1, 2]);
    expect(digestBits('AAABAAAA_-A')).toEqual([64, 63 * 64 + 62]);
    expect(digestBits('AAAAAAAAAAB')).toEqual([0, 0]);
  });
});

describe('the identities since the last checkpoint', () => {
  it('tell of each where it was charged and by what content, and of no other', () => {
    const recent = filled(100);
    expect(recent.size).toBe(100);
    for (let n = 0; n < 100; n++)
      expect(recent.find(keyOf(n))).toEqual({ revision: 10 + n, index: n, digestBits: digestBits(digest) });
    expect(recent.find(keyOf(100))).toBeUndefined();
  });

  it('need all of a key to be found', () => {
    const recent = filled(1);
    const key = keyOf(0);
    for (const part of ['a', 'b', 'c', 'd'] as const)
      expect(recent.find({ ...key, [part]: key[part] ^ 1 })).toBeUndefined();
  });

  it('take 64 bytes at first, and twice as many when there is no room', () => {
    expect([0, 2, 3, 4, 5].map((count) => filled(count).bytes)).toEqual([64, 64, 128, 128, 256]);
  });

  it('are none and small after they were cleared', () => {
    const recent = filled(9);
    recent.clear();
    expect([recent.size, recent.bytes, recent.find(keyOf(0))]).toEqual([0, 64, undefined]);
    recent.add(keyOf(3), 1, 2, digest);
    expect(recent.find(keyOf(3))).toMatchObject({ revision: 1, index: 2 });
  });

  it('are packed in ranges, which tell the same', () => {
    const recent = filled(5);
    const all = new PackedIdentities(recent.pack());
    expect([...all.keys()]).toEqual([0, 1, 2, 3, 4].map(keyOf));
    expect(all.find(keyOf(4))).toEqual(recent.find(keyOf(4)));
    expect(all.find(keyOf(5))).toBeUndefined();
    expect([...new PackedIdentities(recent.pack(1, 3)).keys()]).toEqual([1, 2].map(keyOf));
    expect([...new PackedIdentities(recent.pack(3, 99)).keys()]).toEqual([3, 4].map(keyOf));
    expect([...new PackedIdentities('').keys()]).toEqual([]);
  });
});
