import { assignPartitions, type GroupMemberClaim } from './partition-assignment';

const member = (memberId: string, held: number[] = [], topics = ['usage']): GroupMemberClaim => ({
  memberId,
  topics,
  held,
});
const topicsOf = (counts: Record<string, number>): Map<string, number[]> =>
  new Map(Object.entries(counts).map(([topic, count]) => [topic, Array.from({ length: count }, (_, i) => i)]));
const assigned = (members: GroupMemberClaim[], counts: Record<string, number>): Record<string, unknown> =>
  Object.fromEntries(assignPartitions(members, topicsOf(counts)));

describe('assignPartitions', () => {
  it('gives every partition to one member, as evenly as it goes', () => {
    expect(assigned([member('a'), member('b'), member('c')], { usage: 7 })).toEqual({
      a: { usage: [0, 3, 6] },
      b: { usage: [1, 4] },
      c: { usage: [2, 5] },
    });
  });

  it('gives the same number of every topic to the same member', () => {
    const both = ['usage', 'changes'];
    expect(assigned([member('a', [], both), member('b', [], both)], { usage: 4, changes: 2 })).toEqual({
      a: { usage: [0, 2], changes: [0] },
      b: { usage: [1, 3], changes: [1] },
    });
  });

  it('leaves everybody what it had when one joins, but for an even share', () => {
    expect(assigned([member('a', [0, 1, 2, 3]), member('b', [4, 5, 6, 7]), member('c')], { usage: 8 })).toEqual({
      a: { usage: [0, 1, 2] },
      b: { usage: [4, 5, 6] },
      c: { usage: [3, 7] },
    });
  });

  it('moves only what one had that has gone', () => {
    expect(assigned([member('a', [0, 3]), member('c', [2, 5])], { usage: 6 })).toEqual({
      a: { usage: [0, 1, 3] },
      c: { usage: [2, 4, 5] },
    });
  });

  it('gives a partition that two believe to have to one of them', () => {
    expect(assigned([member('b', [0, 1]), member('a', [0, 1])], { usage: 2 })).toEqual({
      a: { usage: [0] },
      b: { usage: [1] },
    });
  });

  it('gives a topic only to members that consume it', () => {
    const members = [member('a', [], ['usage']), member('b', [], ['usage', 'changes'])];
    expect(assigned(members, { usage: 2, changes: 2 })).toEqual({
      a: { usage: [0] },
      b: { usage: [1], changes: [0, 1] },
    });
    expect(assigned([member('a')], { unwanted: 1 })).toEqual({ a: {} });
  });

  it('leaves members without partitions where there are more members than partitions', () => {
    expect(assigned([member('a'), member('b', [0]), member('c')], { usage: 1 })).toEqual({
      a: {},
      b: { usage: [0] },
      c: {},
    });
  });

  it('forgets numbers that no topic has', () => {
    expect(assigned([member('a', [9, 1]), member('b', [8])], { usage: 2 })).toEqual({
      a: { usage: [1] },
      b: { usage: [0] },
    });
  });
});
