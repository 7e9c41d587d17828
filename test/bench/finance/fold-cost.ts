import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountPrefix } from '@meterbook/books/stream-kinds';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { BesideEvents } from '@meterbook/finance/projections/beside-events';
import { EventReader } from '@meterbook/finance/projections/event-reader';
import { financeProjections } from '@meterbook/finance/finance-projections';
import { ProjectionFile } from '@meterbook/finance/projections/projection-file';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { writeChargedStore } from './charged-store';

const accounts = 10_000;
const US_PER_MS = 1000;

/** CPU that each projection takes for a charge, microseconds, and what reading and decoding it for all of them takes. */
export async function foldCost(charges: number): Promise<ReadonlyMap<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'meterbook-bench-'));
  try {
    await writeChargedStore(join(folder, 'store'), { charges, accounts, days: 2 });
    return await folded(folder, charges);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function folded(folder: string, charges: number): Promise<ReadonlyMap<string, number>> {
  const store = new EmbeddedEventStore(join(folder, 'store'), new SystemClock());
  const files = financeProjections.map((projection) => ({
    name: projection.name,
    file: ProjectionFile.create(join(folder, `${projection.name}.db`), projection),
  }));
  const usedMs = new Map<string, number>();
  const measured = <T>(what: string, work: () => T): T => {
    const before = cpuMs();
    const result = work();
    usedMs.set(what, (usedMs.get(what) ?? 0) + cpuMs() - before);
    return result;
  };
  const [reader, beside] = [new EventReader(), new BesideEvents(store)];
  const done = new AbortController();
  for await (const batch of store.subscribe([accountPrefix], 'start', done.signal)) {
    const read = await beside.completed(measured('decoding, for all of them', () => reader.read(batch)));
    for (const { name, file } of files) measured(name, () => file.fold(read));
    if (batch.caughtUp) done.abort();
  }
  for (const { file } of files) file.close();
  await store.close();
  return new Map([...usedMs].map(([what, ms]) => [what, (ms * US_PER_MS) / charges]));
}

/** CPU of this process so far, milliseconds; garbage that other threads collect is in it. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / US_PER_MS;
}
