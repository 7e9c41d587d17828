import fc from 'fast-check';
import { versionInForce } from './rulebook';
import { published } from '../testing/rulebooks';

const { rulebook, sha256 } = published();
const versionsAt = (...effectiveFroms: readonly number[]) =>
  effectiveFroms.map((effectiveFrom, i) => ({ version: i + 1, effectiveFrom, sha256, rulebook }));
const inForce = (effectiveFroms: readonly number[], atMs: number) =>
  versionInForce(versionsAt(...effectiveFroms), atMs)?.version;

describe('the version in force', () => {
  it('is the one with the latest instant that has come, whatever its number', () => {
    const scheduled = [0, 48, 24];
    expect([23, 24, 47, 48, 1000].map((at) => inForce(scheduled, at))).toEqual([1, 3, 3, 2, 2]);
    expect([inForce(scheduled, -1), inForce([], 0)]).toEqual([undefined, undefined]);
  });

  it('is the later version where two have the same instant', () => {
    expect(inForce([0, 48, 48], 48)).toBe(3);
    expect(versionInForce(versionsAt(0, 48, 48).reverse(), 48)?.version).toBe(3);
  });

  it('is found among very many, late or scheduled', () => {
    const versions = versionsAt(...Array.from({ length: 10_000 }, (_, i) => (i * 7919) % 10_007));
    for (const at of [0, 1, 5_000, 10_006, 1e9]) {
      const found = versionInForce(versions, at);
      expect(
        versions.every(
          (each) => each === found || each.effectiveFrom > at || each.effectiveFrom < (found?.effectiveFrom ?? -1),
        ),
      ).toBe(true);
    }
    expect(versionInForce(versions, -1)).toBeUndefined();
  });

  it('is what a naive search finds, in whatever order the versions are told', () => {
    const instants = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(
        fc.array(instants, { maxLength: 40, size: 'max' }).chain((times) => fc.shuffledSubarray(versionsAt(...times))),
        instants,
        (versions, at) => {
          const [found] = versions
            .filter(({ effectiveFrom }) => effectiveFrom <= at)
            .toSorted((a, b) => b.effectiveFrom - a.effectiveFrom || b.version - a.version);
          expect(versionInForce(versions, at)).toBe(found);
        },
      ),
    );
  });
});
