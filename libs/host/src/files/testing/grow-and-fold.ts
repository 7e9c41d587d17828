import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { openDatabase } from '@meterbook/runtime/sqlite';
import { SystemClock } from '@meterbook/runtime/system-clock';

/** Appends to the store of a folder and notes at once, in a derived file, that it is folded, until the thread is ended. */
async function main(directory: string): Promise<void> {
  const store = new EmbeddedEventStore(join(directory, 'store'), new SystemClock());
  const file = openDatabase(join(directory, 'finance/books-1.db'));
  file.pragma('journal_mode = WAL');
  const note = file.prepare<[string]>('UPDATE progress SET position = ?');
  const event = { type: 'Noted', data: '{}', metadata: '{}', hash: 'x' };
  for (;;) {
    const expectedRevision = await store.head('account-p/b');
    await store.append([{ stream: 'account-p/b', expectedRevision, events: [event] }]);
    note.run(await store.end());
    parentPort?.postMessage('grown');
  }
}

void main(workerData as string);
