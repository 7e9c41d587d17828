import type { Admin } from 'kafkajs';
import type { ConsumerLag } from '../topics';

/** How far a group is behind, a row per partition that has records. */
export async function lagOf(
  admin: Admin,
  prefix: string,
  group: string,
  topics: readonly string[],
): Promise<ConsumerLag[]> {
  const kafkaTopics = topics.map((topic) => `${prefix}${topic}`);
  // First what is committed: what is committed meanwhile must not exceed the ends.
  const fetched = await admin.fetchOffsets({ groupId: `${prefix}${group}`, topics: kafkaTopics });
  const rows = topics.map(async (topic, index) => {
    const kafkaTopic = kafkaTopics[index] ?? '';
    const offsets = new Map(
      fetched
        .find((one) => one.topic === kafkaTopic)
        ?.partitions.map(({ partition, offset }) => [partition, Number(offset)]),
    );
    return (await admin.fetchTopicOffsets(kafkaTopic))
      .filter(({ high }) => Number(high) > 0)
      .map(({ partition, high, low }) => {
        // A group without an offset (-1), or with one whose record is deleted, starts at the earliest record.
        const committed = Math.max(offsets.get(partition) ?? 0, 0);
        const from = Math.max(committed, Number(low));
        return { topic, partition, lag: Math.max(0, Number(high) - from), committed };
      })
      .sort((a, b) => a.partition - b.partition);
  });
  return (await Promise.all(rows)).flat();
}
