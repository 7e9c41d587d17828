import { sourceOf, toChargedFactor } from './charged-factor';
import type { ChargedFactor, Factor } from './events';

const charge = { tier: 'vip', group: 'default', channel: 'relay' };

/** Every kind of factor, with the source that its charge already names; null where none does. */
const kinds: readonly (readonly [name: Factor[0], implied: string | null])[] = [
  ['tierMultiplier', 'vip/default'],
  ['tierDiscount', 'vip'],
  ['groupMultiplier', 'default'],
  ['channelDiscount', 'relay'],
  ['customMultiplier', 'account'],
  ['field', null],
  ['window', null],
];

describe('a factor of a charge', () => {
  it.each(kinds)(
    '%s is stored without a source only where the charge names it, and is told with it',
    (name, implied) => {
      const other: Factor = [name, '0.8', 'elsewhere'];
      expect(toChargedFactor(other, charge)).toEqual(other);
      expect(sourceOf(other, charge)).toBe('elsewhere');
      if (implied === null) return;
      expect(toChargedFactor([name, '0.8', implied], charge)).toEqual([name, '0.8']);
      expect(sourceOf([name, '0.8'], charge)).toBe(implied);
    },
  );

  it('that has no source and whose charge names none is told without one', () => {
    const stored: readonly ChargedFactor[] = [
      ['field', '1.8'],
      ['window', '0.5'],
      ['channelDiscount', '0.6'],
    ];
    expect(stored.map((factor) => sourceOf(factor, { tier: 'vip', group: 'default', channel: null }))).toEqual([
      '',
      '',
      '',
    ]);
  });
});
