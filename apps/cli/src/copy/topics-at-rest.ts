import { readDeadLetterRecord } from '@meterbook/messages/dead-letter';
import { GROUPS, TOPICS } from '@meterbook/messages/topic-table';
import type { TopicRecord, Topics } from '@meterbook/topics/topics';
import { isCopiedId } from './copy-dead-letters';
import { CopyRefused } from './copy-refused';

/** Throws `CopyRefused` where usage was accepted and not charged, or where these cannot be the topics of a store that a relay worked on. */
export async function refuseUncharged(topics: Topics, wasRelayed: boolean): Promise<void> {
  const usage = await topics.lag(GROUPS.charging, [TOPICS.usage]);
  const waiting = usage.reduce((sum, { lag }) => sum + lag, 0);
  if (waiting > 0)
    throw new CopyRefused(
      `${waiting} records of ${TOPICS.usage} were accepted and are not charged yet: they would be lost.`,
      'Stop what sends usage, let the ledger of --from charge the rest, stop it, and give the same command again.',
    );
  const relayed = await topics.lag(GROUPS.promoting, [TOPICS.entries, TOPICS.tierChanges]);
  if (wasRelayed && relayed.length === 0)
    throw new CopyRefused(
      'The topics of --from hold nothing, although a ledger has relayed its events: they are the topics of something else.',
      'See that KAFKA_BROKERS, TOPIC_PREFIX and DATA_DIR of --from are those of its services.',
    );
}

/** Throws `CopyRefused` where usage was accepted on topics that are to be filled. */
export async function refuseUsed(topics: Topics): Promise<void> {
  const used = await topics.lag(GROUPS.charging, [TOPICS.usage, TOPICS.entries, TOPICS.tierChanges]);
  if (used.length > 0) throw inUse(used[0]?.topic ?? TOPICS.usage);
}

/** Throws `CopyRefused` where dead letters that are there already came from no copy. */
export function refuseOtherLetters(records: readonly TopicRecord[]): void {
  for (const record of records) {
    const said = readDeadLetterRecord(record);
    if (said && !isCopiedId(said.id)) throw inUse(TOPICS.deadLetters);
  }
}

function inUse(topic: string): CopyRefused {
  return new CopyRefused(
    `The topics of --to are in use: ${topic} holds records.`,
    'Choose empty ones: another DATA_DIR, or another TOPIC_PREFIX.',
  );
}
