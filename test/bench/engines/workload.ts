import { chargeUsage } from '@meterbook/domain/account/charging/charge';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { encodeEvent } from '@meterbook/books/event-codec';
import type { EventStore, NewEvent, StreamAppend } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { accountStream } from '@meterbook/books/account-stream';
import { KafkaTopics } from '@meterbook/topics/kafka/kafka-topics';
import { SystemClock } from '@meterbook/runtime/system-clock';
import type { TopicRecord } from '@meterbook/topics/topics';
import { accountName, openedAccount, publishedRulebooks, rulebookContent, usageOf } from '../books';

export const usageTopic = 'usage.recorded';
/** As many as a topic is made with by default. */
export const partitions = 12;
/** As the services have them by default. */
export const chargingLimits = { maxBytes: 1024 * 1024 * 1024, checkpointEvery: 1000, maxAgeDays: 35 };
const openedAtATime = 500;

/** Topics of one prefix, as a service has them on one broker. */
export function kafkaTopics(brokers: readonly string[], prefix: string): KafkaTopics {
  return new KafkaTopics(new SystemClock(), {
    brokers,
    clientId: 'bench',
    prefix,
    partitions,
    partitionsOf: { 'relay.control': 1 },
    replicationFactor: 1,
    minInsyncReplicas: 1,
  });
}

/** The record that usage ingest publishes for a usage. */
export function usageRecord(platform: string, number: number, account: number, time: string): TopicRecord {
  const name = accountName(account);
  return {
    key: `${platform}/${name}`,
    value: `{"specversion":"1.0","type":"usage.recorded","source":"gateway-1","id":"req-${number}","time":"${time}","platform":"${platform}","subject":"${name}","data":{"model":"claude-sonnet","units":{"inputTokens":1200,"outputTokens":350}}}`,
  };
}

/** Usages of accounts that are drawn anew each time, all as likely. */
export function usageRecords(platform: string, count: number, accounts: number): TopicRecord[] {
  const time = new Date().toISOString();
  return Array.from({ length: count }, (_, number) =>
    usageRecord(platform, number, Math.floor(Math.random() * accounts), time),
  );
}

export function listsOf<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

/** Publishes the rulebook and opens accounts straight in the store. */
export async function openBooks(store: EventStore, platform: string, accounts: number): Promise<void> {
  const rulebook = {
    type: 'RulebookPublished',
    version: 1,
    effectiveFrom: '2020-01-01T00:00:00.000Z',
    sha256: '',
    rulebook: { ...rulebookContent, platform },
  };
  await store.append([firstAppend(`rulebook-${platform}`, [rulebook])]);
  const { events } = openedAccount(publishedRulebooks());
  const numbers = Array.from({ length: accounts }, (_, number) => number);
  for (const list of listsOf(numbers, openedAtATime))
    await store.append(
      list.map((number) => firstAppend(accountStream({ platform, account: accountName(number) }), events)),
    );
}

/** A stream's first events, chained. */
export function firstAppend(stream: string, events: readonly { readonly type: string }[]): StreamAppend {
  return { stream, expectedRevision: 'no-stream', events: chained(stream, events) };
}

export function chained(stream: string, events: readonly { readonly type: string }[]): NewEvent[] {
  let hash = chainStart;
  return events.map((event, revision) => {
    const encoded = encodeEvent(stream, revision, hash, event, { record: `${usageTopic}/7/100000` });
    hash = encoded.hash;
    return encoded;
  });
}

/** A charge of one usage as it is stored. */
export function typicalCharge(): AccountEvent {
  const rulebooks = publishedRulebooks();
  const { event } = chargeUsage(openedAccount(rulebooks).account, [usageOf(1_000_000, Date.now())], rulebooks);
  if (!event) throw new Error('not charged');
  return event;
}
