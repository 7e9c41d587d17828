import { GROUPS, TOPICS, type TopicName } from '@meterbook/messages/topic-table';
import type { BatchHandler, Topics } from '@meterbook/topics/topics';
import type { Loop } from './loop-host';

/** Work that one process of a deployment does at a time: the topic whose one partition that process owns, and the group that gives it out. */
export interface Lead {
  readonly topic: TopicName;
  readonly group: string;
}

export const LEADS = {
  relay: { topic: TOPICS.relayControl, group: GROUPS.relaying },
  webhooks: { topic: TOPICS.webhooksControl, group: GROUPS.deliveringWebhooks },
} as const satisfies Readonly<Record<string, Lead>>;

/**
 * Runs work while this process owns the one partition of its control topic, and not otherwise: one process leads at a time,
 * and another takes over when it stops, dies or is not heard of. The topic holds a record that is never dealt with: it is
 * delivered to whoever owns the partition, and its handler is the work. Ends when aborted, or when the work does.
 */
export async function whileLeading(topics: Topics, lead: Lead, work: Loop, signal: AbortSignal): Promise<void> {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  signal.addEventListener('abort', stop);
  let failure: { readonly error: unknown } | undefined;
  const owned: BatchHandler = async (_batch, owning) => {
    try {
      await work(owning);
      if (!owning.aborted) throw new Error('the work of the leader ended although nobody stopped it');
    } catch (error) {
      if (!owning.aborted) {
        // Whoever hosts this loop starts it again after a while; until then another may lead.
        failure = { error };
        stop();
        await abortionOf(owning);
      }
    }
    throw new Error('the record stays for the next leader');
  };
  try {
    if (signal.aborted) return;
    await putControlRecord(topics, lead);
    await topics.consume(lead.group, [lead.topic], owned, stopping.signal);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  if (failure) throw failure.error;
}

/** Since nobody commits it, one is enough for ever; two processes that start at once may put two, which does no harm. */
async function putControlRecord(topics: Topics, { topic, group }: Lead): Promise<void> {
  const waiting = await topics.lag(group, [topic]);
  if (waiting.some(({ lag }) => lag > 0)) return;
  await topics.publish(topic, [{ key: group, value: '{}' }]);
}

function abortionOf(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
