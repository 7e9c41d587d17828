import { SystemClock } from '@meterbook/runtime/system-clock';
import type { NewEvent } from '../../event-store';
import { chainHash, chainStart } from '../../hash-chain';
import { EmbeddedEventStore } from '../embedded-event-store';

/** Pause of whoever writes one at a time, milliseconds. */
const pauseMs = 3;
/** Events that are read before a reader begins anew. */
const readEvents = 2_000;
/** How long a reader may go on with one subscription, milliseconds. */
const readForMs = 60_000;

const [, , directory = '', role = '', rounds = '0'] = process.argv;
const clock = new SystemClock();
const store = new EmbeddedEventStore(directory, clock);
const stream = `account-p/${role}-${process.pid}`;
let hash = chainStart;
let next = 0;

/** Answers with the position of the event. */
async function appendOne(): Promise<number> {
  const [metadata, data] = ['{}', JSON.stringify({ number: next })];
  hash = chainHash(hash, stream, next, 'Noted', metadata, data);
  const events: NewEvent[] = [{ type: 'Noted', data, metadata, hash }];
  await store.append([{ stream, expectedRevision: next === 0 ? 'no-stream' : next - 1, events }]);
  next += 1;
  for await (const event of store.read(stream, 'end', 'forward')) return Number(event.position);
  throw new Error('nothing was written');
}

/** Appends as fast as it can. */
async function writeAll(): Promise<void> {
  for (;;) await appendOne();
}

/** Appends one at a time, and says how many of the others' events came first each time, and how long it took, milliseconds. */
async function writeSome(): Promise<void> {
  for (let n = 0; n < Number(rounds); n++) {
    const before = Number(await store.end());
    const askedAt = clock.now();
    const position = await appendOne();
    console.log(JSON.stringify({ overtaken: position - before - 1, ms: clock.now() - askedAt }));
    await clock.sleep(pauseMs);
  }
}

/** Reads the store again and again. */
async function read(): Promise<void> {
  for (;;) {
    let events = 0;
    for await (const batch of store.subscribe([''], 'start', AbortSignal.timeout(readForMs))) {
      events += batch.events.length;
      if (batch.caughtUp || events > readEvents) break;
    }
  }
}

async function main(): Promise<void> {
  if (role === 'patient') return writeSome();
  console.log('begun');
  await (role === 'writer' ? writeAll() : read());
}

void main().then(() => process.exit(0));
