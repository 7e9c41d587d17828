import { DamagedStreams, MAX_NAMED_STREAMS, type NamedDamage } from './damaged-streams';
import { StreamDamaged } from './store-failure';

describe('the damaged streams of a reader', () => {
  it('are told of once each, with the first reason, also to who listens later', () => {
    const damaged = new DamagedStreams();
    const [early, late]: [NamedDamage[], NamedDamage[]] = [[], []];
    damaged.listen((damage) => early.push(damage));
    damaged.note('account-p/a', new StreamDamaged('account-p/a', 'it was deleted'));
    damaged.note('account-p/a', new Error('and once more'));
    damaged.note('account-p/b', new Error('revision 3 after 1'));
    damaged.listen((damage) => late.push(damage));
    expect(early).toEqual([
      { stream: 'account-p/a', damage: 'it was deleted' },
      { stream: 'account-p/b', damage: 'revision 3 after 1' },
    ]);
    expect(late).toEqual(early);
    expect(damaged.count).toBe(2);
  });

  it('are told of again when they were mended in between', () => {
    const damaged = new DamagedStreams();
    const told: string[] = [];
    damaged.listen(({ stream }) => told.push(stream));
    for (let i = 0; i < 2; i++) {
      damaged.note('tier-p/a', 'a gap');
      expect(damaged.has('tier-p/a')).toBe(true);
      damaged.mended('tier-p/a');
      expect(damaged.count).toBe(0);
    }
    expect(told).toEqual(['tier-p/a', 'tier-p/a']);
  });

  it('are remembered up to a limit', () => {
    const damaged = new DamagedStreams();
    for (let i = 0; i <= MAX_NAMED_STREAMS; i++) damaged.note(`account-p/${i}`, 'gone');
    expect(damaged.count).toBe(MAX_NAMED_STREAMS);
  });
});
