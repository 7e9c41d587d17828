import { Checks } from './checks';

describe('the checks of the demo', () => {
  it('mark what is as expected', () => {
    const checks = new Checks();
    expect(checks.mark('wallet', '98.5', '98.5')).toBe('✓');
    expect(checks.mark('drawn', [{ from: 'wallet', amount: '1' }], [{ from: 'wallet', amount: '1' }])).toBe('✓');
    expect([checks.held, checks.faults]).toEqual([2, []]);
  });

  it('keep what differs, and do not count it as held', () => {
    const checks = new Checks();
    expect(checks.mark('wallet', '98.50', '98.5')).toBe('✗');
    expect(checks.mark('wallet', undefined, '98.5')).toBe('✗');
    expect([checks.held, checks.faults]).toEqual([
      0,
      ['wallet: expected "98.5", got "98.50"', 'wallet: expected "98.5", got undefined'],
    ]);
  });
});
