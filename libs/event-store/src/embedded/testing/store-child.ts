import { SystemClock } from '@meterbook/runtime/system-clock';
import { EmbeddedEventStore } from '../embedded-event-store';
import type { StoredEvent } from '../../event-store';
import { chainHash, chainStart } from '../../hash-chain';

const [, , directory = '', writer = '', streams = '1', committing = 'here'] = process.argv;
const store = new EmbeddedEventStore(directory, new SystemClock(), committing === 'in-thread' ? 'in-thread' : 'here');

async function last(stream: string): Promise<StoredEvent | undefined> {
  for await (const event of store.read(stream, 'end', 'backward')) return event;
  return undefined;
}

/** Appends to streams that others append to as well, as fast as it can, and says which of its events are taken. */
async function write(): Promise<void> {
  for (let number = 0; ; number += 1) {
    const stream = `account-p/${number % Number(streams)}`;
    const head = await last(stream);
    const data = JSON.stringify({ writer, number });
    const revision = head ? head.revision + 1 : 0;
    const hash = chainHash(head?.hash ?? chainStart, stream, revision, 'Noted', '{}', data);
    const [outcome] = await store.append([
      {
        stream,
        expectedRevision: head?.revision ?? 'no-stream',
        events: [{ type: 'Noted', metadata: '{}', data, hash }],
      },
    ]);
    console.log(outcome?.kind === 'appended' ? `appended ${outcome.revision} ${data}` : 'conflict');
  }
}

void write();
