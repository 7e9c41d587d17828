import { IdentityFilter } from './identity-filter';
import { identityKey, type IdentityKey } from './identity-key';

const keyOf = (number: number): IdentityKey => identityKey('account-p/a', 's', `u${number}`);

describe('the filter in front of the checkpoints', () => {
  it('says perhaps of whatever was put in, with its segment', () => {
    const filter = new IdentityFilter();
    for (let n = 0; n < 400; n++) filter.add(n % 20, keyOf(n));
    for (let n = 0; n < 400; n++) expect(filter.perhaps(keyOf(n))).toContain(n % 20);
  });

  it('says no of nearly everything else', () => {
    const filter = new IdentityFilter();
    for (let n = 0; n < 1000; n++) filter.add(3, keyOf(n));
    let found = 0;
    for (let n = 1000; n < 21_000; n++) found += filter.perhaps(keyOf(n)).length;
    expect(found).toBeLessThan(20);
  });

  it('names the one segment that holds a key, and in order all that do', () => {
    const filter = new IdentityFilter();
    for (const segment of [0, 7, 8, 15, 23]) filter.add(segment, keyOf(segment));
    for (const segment of [0, 7, 8, 15, 23]) expect(filter.perhaps(keyOf(segment))).toEqual([segment]);
    filter.add(7, keyOf(0));
    filter.add(9, keyOf(0));
    expect(filter.perhaps(keyOf(0))).toEqual([0, 7, 9]);
    expect(new IdentityFilter().perhaps(keyOf(0))).toEqual([]);
  });

  it('takes 32 KiB for eight segments', () => {
    const filter = new IdentityFilter();
    expect(filter.bytes).toBe(0);
    for (let segment = 0; segment < 9; segment++) filter.add(segment, keyOf(segment));
    expect(filter.bytes).toBe(2 * 32_768);
  });
});
