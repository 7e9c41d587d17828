import { conditionText } from './watch-store';

describe('a store that answers', () => {
  const well = { alarms: [], aheadMs: 0, foreignStreams: 0 };

  it('says no more while it is well, and while a clock is a little behind', () => {
    expect(conditionText(well)).toBe('It answers.');
    expect(conditionText({ ...well, aheadMs: 1_000 })).toBe('It answers.');
  });

  it('says what endangers the books, how far its time is ahead, and what is not ours', () => {
    const ill = { alarms: ['$maxCount is set on account-a/b'], aheadMs: 3_456_000_000, foreignStreams: 2 };
    expect(conditionText(ill)).toBe(
      'It answers. Mend this: $maxCount is set on account-a/b. Booked at stands 3456000 s ahead of the clock, which has jumped. It holds 2 streams of somebody else, which are passed over.',
    );
  });
});
