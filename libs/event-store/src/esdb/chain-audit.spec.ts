import type { StoreAudit } from '../event-store';
import { begin, goOn, StoreBench } from './testing/store-bench';
import type { WireRecord } from './testing/wire-log';

const stream = 'account-p/b';

let bench: StoreBench;

beforeEach(async () => {
  bench = new StoreBench();
  await bench.start();
  const store = bench.open();
  await begin(store, 'account-p/a', '1');
  await begin(store, stream, 'first ü', 'second ü', 'third');
  await begin(store, 'tier-p/a', '1');
  await goOn(store, stream, 'fourth', 'fifth');
});
afterEach(() => bench.stop());

const record = (revision: number): WireRecord => bench.server.log.stream(stream)[revision] as WireRecord;
const audit = (): Promise<StoreAudit> => bench.open().audit(() => undefined);
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('an audit of the store', () => {
  it('counts what it has read and finds no fault in what nobody changed', async () => {
    expect(await audit()).toEqual({ streams: 3, events: 7, faults: [] });
  });

  it('names the event of which any single byte of the data or the metadata was changed, and only that one', async () => {
    const whole = record(1);
    const misjudged: string[] = [];
    for (const part of ['data', 'metadata'] as const)
      for (let i = 0; i < whole[part].length; i++) {
        const bytes = Buffer.from(whole[part]);
        bytes[i] = (bytes[i] as number) ^ 1;
        bench.server.log.tamper(record(1), { [part]: bytes });
        const { faults } = await audit();
        if (faults.length !== 1 || faults[0]?.revision !== 1 || faults[0].stream !== stream)
          misjudged.push(`${part} ${i}: ${JSON.stringify(faults)}`);
        bench.server.log.tamper(record(1), { [part]: whole[part] });
      }
    expect(misjudged).toEqual([]);
  });

  it.each<[string, Partial<WireRecord>, string]>([
    ['type', { type: 'Other' }, 'the record does not match its hash'],
    ['id', { id: '11111111-1111-8111-8111-111111111111' }, 'the event id does not derive from the hash'],
    ['text that is none', { data: Buffer.from([0x22, 0xff, 0x22]) }, 'the record cannot be read'],
    ['missing hash', { metadata: Buffer.from('{"actor":"contract"}') }, 'the record cannot be read'],
  ])('names an event with another %s', async (_what, change, detail) => {
    bench.server.log.tamper(record(1), change);
    const { faults } = await audit();
    expect(faults[0]).toMatchObject({ stream, revision: 1, detail });
    expect(faults[0]?.position).toContain(String(record(1).position));
  });

  it('names the event after one that was taken out, and an event of which the beginning is gone', async () => {
    const { log } = bench.server;
    const whole = [...log.records];
    const second = record(1);
    log.records.splice(log.records.indexOf(second), 1);
    expect((await audit()).faults).toMatchObject([{ stream, revision: 2, detail: 'revision 2 follows 0' }]);
    log.records.splice(0, log.records.length, ...whole);
    log.truncate(stream, 1);
    expect((await audit()).faults).toMatchObject([{ stream, revision: 1, detail: 'revision 1 follows nothing' }]);
  });

  it('names an event that was added by somebody else', async () => {
    bench.server.log.write(stream, [{ ...record(4), metadata: Buffer.from(text(record(4).metadata)) }]);
    expect((await audit()).faults).toMatchObject([
      { stream, revision: 5, detail: 'the record does not match its hash' },
    ]);
  });

  it('shows every event that can be read, in store order', async () => {
    const seen: string[] = [];
    await bench.open().audit(({ stream: of, revision }) => seen.push(`${of} ${revision}`));
    expect(seen).toEqual(bench.server.log.records.map(({ stream: of, revision }) => `${of} ${revision}`));
  });
});
