import * as fc from 'fast-check';
import { add, toText, zero, type Decimal } from '../amount/decimal';
import { live, stepsOutOfTime } from '../testing/histories';
import { published } from '../testing/rulebooks';
import { entriesOf, postingsOf, type Posting } from './postings';

const rules = [published({ fx: [{ pair: 'USD/CNY', rate: '7.3' }] })];

function summed(legs: readonly Posting[]): Record<string, string> {
  const sums = new Map<string, Decimal>();
  for (const { ledgerAccount, commodity, amount } of legs) {
    const line = `${ledgerAccount} ${commodity}`;
    sums.set(line, add(sums.get(line) ?? zero, amount));
  }
  return Object.fromEntries([...sums].map(([line, sum]) => [line, toText(sum)]));
}

describe('the entries of an event', () => {
  it('come to its postings, and each of them to zero', () => {
    fc.assert(
      fc.property(stepsOutOfTime, (story) => {
        for (const event of live(story, rules).events) {
          const entries = entriesOf(event, 'a');
          expect(summed(entries.flatMap(({ legs }) => legs))).toEqual(summed(postingsOf(event, 'a')));
          for (const { legs } of entries) {
            const byCommodity = summed(legs.map((leg) => ({ ...leg, ledgerAccount: '' })));
            expect(Object.values(byCommodity).every((sum) => sum === '0')).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('tell of each charge when it occurred, and of everything else when the event did', () => {
    fc.assert(
      fc.property(stepsOutOfTime, (story) => {
        for (const event of live(story, rules).events) {
          const instants = entriesOf(event, 'a').map(({ occurredAt }) => occurredAt);
          const charged = event.type === 'UsageCharged' ? event.charges.filter(({ amount }) => amount !== '0') : [];
          if (event.type === 'UsageCharged') expect(instants).toEqual(charged.map(({ occurredAt }) => occurredAt));
          else expect(instants.every((instant) => instant === event.occurredAt)).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });
});
