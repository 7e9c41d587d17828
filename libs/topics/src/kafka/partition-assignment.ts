/** A member of a consumer group, as the one that shares the partitions out sees it. */
export interface GroupMemberClaim {
  readonly memberId: string;
  readonly topics: readonly string[];
  /** Numbers of the partitions that it had before. */
  readonly held: readonly number[];
}

/** Partitions by topic. */
export type Assignment = Record<string, number[]>;

/**
 * Shares out partitions by their number: the same number of every topic goes to the same member, which keeps the numbers it had as
 * far as that leaves everybody an even share. A topic that the owner of a number does not consume goes to one that does.
 */
export function assignPartitions(
  members: readonly GroupMemberClaim[],
  partitionsOf: ReadonlyMap<string, readonly number[]>,
): Map<string, Assignment> {
  const sorted = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const owners = ownersOf(
    sorted,
    [...new Set([...partitionsOf.values()].flat())].sort((a, b) => a - b),
  );
  const assignments = new Map<string, Assignment>(sorted.map(({ memberId }) => [memberId, {}]));
  for (const [topic, partitions] of partitionsOf) {
    const consumers = sorted.filter(({ topics }) => topics.includes(topic)).map(({ memberId }) => memberId);
    for (const partition of partitions) {
      const owner = owners.get(partition);
      const member = owner && consumers.includes(owner) ? owner : consumers[partition % consumers.length];
      const assignment = member === undefined ? undefined : assignments.get(member);
      if (assignment) (assignment[topic] ??= []).push(partition);
    }
  }
  return assignments;
}

/** Everybody keeps up to an even share of what it had; the rest goes to whoever has least. */
function ownersOf(members: readonly GroupMemberClaim[], numbers: readonly number[]): Map<number, string> {
  const owners = new Map<number, string>();
  const share = Math.floor(numbers.length / members.length);
  /** How many members have one more than the others, where the numbers do not divide evenly. */
  let larger = numbers.length % members.length;
  const counts = new Map<string, number>();
  for (const { memberId, held } of members) {
    let count = 0;
    for (const number of held) {
      if (owners.has(number) || !numbers.includes(number)) continue;
      if (count === share && larger === 0) break;
      if (count === share) larger -= 1;
      if (count > share) break;
      owners.set(number, memberId);
      count += 1;
    }
    counts.set(memberId, count);
  }
  for (const number of numbers) {
    if (owners.has(number)) continue;
    const [least] = [...counts].sort(([, a], [, b]) => a - b);
    if (!least) break;
    owners.set(number, least[0]);
    counts.set(least[0], least[1] + 1);
  }
  return owners;
}
