import type { Loop } from '@meterbook/host/loops/loop-host';
import { GROUPS, TOPICS } from '@meterbook/messages/topic-table';
import type { BatchHandler, Topics } from '@meterbook/topics/topics';

/**
 * Runs work while this process owns the one partition of the control topic, and not otherwise: one process leads at a time,
 * and another takes over when it stops, dies or is not heard of. The topic holds a record that is never dealt with: it is
 * delivered to whoever owns the partition, and its handler is the work. Ends when aborted, or when the work does.
 */
export async function whileLeading(topics: Topics, work: Loop, signal: AbortSignal): Promise<void> {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  signal.addEventListener('abort', stop);
  let failure: { readonly error: unknown } | undefined;
  const lead: BatchHandler = async (_batch, owning) => {
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
    await putControlRecord(topics);
    await topics.consume(GROUPS.relaying, [TOPICS.relayControl], lead, stopping.signal);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  if (failure) throw failure.error;
}

/** Since nobody commits it, one is enough for ever; two processes that start at once may put two, which does no harm. */
async function putControlRecord(topics: Topics): Promise<void> {
  const waiting = await topics.lag(GROUPS.relaying, [TOPICS.relayControl]);
  if (waiting.some(({ lag }) => lag > 0)) return;
  await topics.publish(TOPICS.relayControl, [{ key: 'relay', value: '{}' }]);
}

function abortionOf(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
