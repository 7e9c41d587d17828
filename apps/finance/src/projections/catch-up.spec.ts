import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import type { Position } from '@meterbook/event-store/event-store';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { catchUp } from './catch-up';
import { FoldGroup, type GroupMember } from './fold-group';

const place = '00000000000000001000/00000000000000001000';
/** One place of EventStoreDB, as a version before this one kept it, and with the time of booking there. */
const texts: readonly (readonly [Position, Position])[] = [
  [place, `${place};1700000000000`],
  [`${place};1700000000000`, place],
];

describe('positions that name one place in two ways', () => {
  const clock = new SystemClock();
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-catch-up-'));
  const store = new EmbeddedEventStore(directory, clock);
  afterAll(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  it.each(texts)('%s is there where the others stand at %s', async (own, others) => {
    const stop = AbortSignal.timeout(5_000);
    let arrived = false;
    const fold = (): void => {
      throw new Error('there is nothing to fold');
    };
    const parts = { position: () => own, fold, target: () => others, arrived: () => (arrived = true) };
    await catchUp(parts, store, clock, stop);
    expect(arrived).toBe(true);
  });

  it.each(texts)('a projection at %s joins those at %s', (own, others) => {
    const at = (position: Position): GroupMember => ({ position, take: () => undefined });
    const group = new FoldGroup();
    group.join(at(others));
    group.join(at(own));
    expect(group.formation).toBe(1);
  });
});
