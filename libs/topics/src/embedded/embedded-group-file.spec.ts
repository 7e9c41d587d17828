import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { GroupFile, type Balance, type Lease } from './embedded-group-file';

const leaseMs = 10_000;

describe('the file of a consumer group', () => {
  let directory: string;
  let clock: ManualClock;
  let group: GroupFile;
  let held: Map<string, Lease[]>;

  /** One turn of a member that gives back at once what it is to give up. */
  const turnOf = async (member: string, topics: Record<string, number> = { usage: 5 }): Promise<Balance> => {
    const before = held.get(member) ?? [];
    const balance = await group.balance({
      member,
      leaseMs,
      topics: new Map(Object.entries(topics)),
      held: before,
      ended: [],
    });
    const kept = before.filter((lease) => !balance.revoked.includes(lease));
    const now = [...kept, ...balance.acquired];
    held.set(member, now);
    if (balance.revoked.length > 0)
      await group.balance({
        member,
        leaseMs,
        topics: new Map(Object.entries(topics)),
        held: now,
        ended: balance.revoked,
      });
    return balance;
  };
  const sharesOf = (topic: string, ...members: string[]): number[] =>
    members.map((member) => (held.get(member) ?? []).filter((lease) => lease.topic === topic).length);
  const only = (member: string): Lease => {
    const [lease] = held.get(member) ?? [];
    if (!lease) throw new Error(`${member} holds nothing`);
    return lease;
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-group-'));
    clock = new ManualClock();
    group = new GroupFile(join(directory, 'g.db'), clock);
    held = new Map();
  });
  afterEach(async () => {
    await group.close();
    rmSync(directory, { recursive: true });
  });

  it('gives a lone member everything, and each further one an equal share', async () => {
    await turnOf('a');
    expect(sharesOf('usage', 'a')).toEqual([5]);
    for (const member of ['b', 'a', 'b']) await turnOf(member);
    expect(sharesOf('usage', 'a', 'b')).toEqual([3, 2]);
    for (const member of ['c', 'a', 'b', 'c']) await turnOf(member);
    expect(sharesOf('usage', 'a', 'b', 'c')).toEqual([2, 2, 1]);
    const partitions = ['a', 'b', 'c'].flatMap((member) => held.get(member) ?? []).map(({ partition }) => partition);
    expect(partitions.sort()).toEqual([0, 1, 2, 3, 4]);
    await group.leave('a');
    for (const member of ['b', 'c']) await turnOf(member);
    expect(sharesOf('usage', 'b', 'c')).toEqual([3, 2]);
  });

  it('shares a topic among those who consume it only', async () => {
    await turnOf('a', { usage: 4 });
    await turnOf('b', { entries: 4 });
    await turnOf('a', { usage: 4 });
    expect([sharesOf('usage', 'a', 'b'), sharesOf('entries', 'a', 'b')]).toEqual([
      [4, 0],
      [0, 4],
    ]);
  });

  it('moves nothing while nothing changes', async () => {
    for (const member of ['a', 'b', 'a', 'b']) await turnOf(member);
    const changes = group.changes();
    for (const member of ['a', 'b', 'a']) expect(await turnOf(member)).toEqual({ acquired: [], revoked: [], changes });
  });

  it('gives nobody a partition whose delivery has not ended', async () => {
    await turnOf('a', { usage: 1 });
    const lease = only('a');
    await clock.advance(leaseMs);
    // Its lease is over, and its handler still runs: it must not get the partition a second time beside itself.
    const lost = await group.balance({
      member: 'a',
      leaseMs,
      topics: new Map([['usage', 1]]),
      held: [lease],
      ended: [],
    });
    expect(lost).toMatchObject({ acquired: [], revoked: [lease] });
    const again = await group.balance({
      member: 'a',
      leaseMs,
      topics: new Map([['usage', 1]]),
      held: [],
      ended: [lease],
    });
    expect(again.acquired).toEqual([{ topic: 'usage', partition: 0, generation: 2, committed: 0 }]);
  });

  it('gives up a member that is heard of no more after the time of its lease, however far the clock was set back since', async () => {
    const ahead = new GroupFile(join(directory, 'g.db'), new ManualClock(clock.now() + 40 * 86_400_000));
    const topics = new Map([['usage', 1]]);
    await ahead.balance({ member: 'gone', leaseMs, topics, held: [], ended: [] });
    await ahead.close();
    await turnOf('a', { usage: 1 });
    expect(held.get('a')).toEqual([]);
    await clock.advance(leaseMs);
    await turnOf('a', { usage: 1 });
    expect(only('a')).toMatchObject({ partition: 0, generation: 2 });
  });

  it('hands a committed offset on to the next owner', async () => {
    await turnOf('a', { usage: 1 });
    expect(await group.commit('a', only('a'), 7)).toBe(true);
    await group.leave('a');
    await turnOf('b', { usage: 1 });
    expect(only('b')).toMatchObject({ committed: 7, generation: 2 });
    expect(group.committed('usage')).toEqual([7]);
  });

  it('refuses the commit of a member whose lease is over, even before another has the partition', async () => {
    await turnOf('a', { usage: 1 });
    await clock.advance(leaseMs - 1);
    expect(await group.commit('a', only('a'), 1)).toBe(true);
    await clock.advance(1);
    expect(await group.commit('a', only('a'), 2)).toBe(false);
    expect(group.committed('usage')).toEqual([1]);
  });

  it('refuses the commit of an older generation, also when the same member has the partition again', async () => {
    await turnOf('a', { usage: 1 });
    const old = only('a');
    await clock.advance(leaseMs);
    await turnOf('b', { usage: 1 });
    expect(only('b').generation).toBe(2);
    expect(await group.commit('a', old, 5)).toBe(false);
    await group.leave('b');
    held.clear();
    await turnOf('a', { usage: 1 });
    expect(only('a').generation).toBe(3);
    expect(await group.commit('a', old, 5)).toBe(false);
    expect(await group.commit('a', only('a'), 3)).toBe(true);
    expect(group.committed('usage')).toEqual([3]);
  });

  it('takes the commits of several partitions in one turn and refuses the lost ones among them', async () => {
    await turnOf('a', { usage: 3 });
    const [first, second, third] = held.get('a') ?? [];
    if (!first || !second || !third) throw new Error('three leases');
    const stale = { ...second, generation: 0 };
    const taken = await Promise.all([
      group.commit('a', first, 1),
      group.commit('a', stale, 2),
      group.commit('a', third, 3),
    ]);
    expect(taken).toEqual([true, false, true]);
    expect(group.committed('usage')).toEqual([1, 0, 3]);
  });
});
