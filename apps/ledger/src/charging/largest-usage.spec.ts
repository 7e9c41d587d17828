import { accountStream } from '@meterbook/books/account-stream';
import { MAX_LETTER_RECORD_BYTES } from '@meterbook/messages/dead-letter-parts';
import { MAX_RELAYED_BYTES, toRecord } from '@meterbook/messages/relayed-event';
import { readUsageRecord } from '@meterbook/messages/usage-event/read-usage-record';
import {
  MAX_FIELD_NAME_BYTES,
  MAX_FIELD_VALUE_BYTES,
  MAX_FIELDS,
  MAX_IDENTITY_BYTES,
  MAX_NAME_BYTES,
  MAX_UNIT,
  MAX_UNITS,
} from '@meterbook/messages/usage-event/usage-event';
import type { DeliveredRecord, TopicRecord } from '@meterbook/topics/topics';
import { EmbeddedLedger, platform, rulebook, usageRecord } from '../testing/embedded-ledger';

const unitNames = Array.from({ length: MAX_UNITS }, (_, i) => `unitNumber${String(i).padStart(3, '0')}`);
const extras = Object.fromEntries(unitNames.map((name) => [name, '0.000000000001']));

const fill = (filler: string, bytes: number, end = ''): string =>
  filler.repeat(Math.floor((bytes - end.length) / Buffer.byteLength(filler))) + end;

const bytesOf = ({ key, headers, value }: TopicRecord): number =>
  Buffer.byteLength(key) + Buffer.byteLength(JSON.stringify(headers ?? {})) + Buffer.byteLength(value);

describe('the largest usage that ingest takes', () => {
  let ledger: EmbeddedLedger;

  beforeEach(async () => {
    ledger = new EmbeddedLedger();
    await ledger.publish({
      ...rulebook,
      models: [{ id: '*', group: 'default', price: { mode: 'request', unit: '0.000001', extras } }],
    });
    await ledger.open('a', '1000000');
  });
  afterEach(() => ledger.close());

  const largest = (filler: string, n: number, fields: number): DeliveredRecord =>
    usageRecord('a', fill(filler, MAX_IDENTITY_BYTES, String(n)), n, {
      source: fill(filler, MAX_IDENTITY_BYTES),
      data: {
        model: fill(filler, MAX_NAME_BYTES),
        authorizationId: fill(filler, MAX_NAME_BYTES),
        units: Object.fromEntries(unitNames.map((name) => [name, MAX_UNIT])),
        fields: Object.fromEntries(
          Array.from({ length: fields }, (_, i) => [
            fill(filler, MAX_FIELD_NAME_BYTES, String(i)),
            fill(filler, MAX_FIELD_VALUE_BYTES),
          ]),
        ),
      },
    });

  it.each([
    ['quotation marks', '"', 1000, 0],
    ['backslashes', '\\', 150, MAX_FIELDS],
    ['quotation marks in fields', '"', 150, MAX_FIELDS],
    ['characters of three bytes', '€', 150, MAX_FIELDS],
  ])('is charged in events that every later hop takes: %s', async (_what, filler, count, fields) => {
    const records = Array.from({ length: count }, (_, n) => largest(filler, n, fields));
    for (const { value } of records.slice(0, 1)) expect(readUsageRecord(value)).toMatchObject({ kind: 'usage' });
    const batch = { topic: 'usage.recorded', partition: 0, records };
    await ledger.parts.charge.handle(batch, new AbortController().signal);
    expect(ledger.parts.charge.counts).toMatchObject({ charged: count, deadLetters: 0 });
    let events = 0;
    for await (const stored of ledger.store.read(accountStream({ platform, account: 'a' }), 'start', 'forward')) {
      const relayed = toRecord(stored);
      expect(relayed && bytesOf(relayed)).toBeLessThanOrEqual(MAX_RELAYED_BYTES);
      // It is relayed whole: a record that only names its event would fit anyhow.
      expect(relayed?.value).toContain('"data"');
      events += 1;
    }
    expect(events).toBeGreaterThan(3);
    expect(await ledger.balance('a')).toMatchObject({ charges: count });
  });

  it('is kept in dead letters that fit, of one batch all at once', async () => {
    const records = Array.from({ length: 150 }, (_, n) => {
      const { value, ...record } = largest('"', n, MAX_FIELDS);
      return { ...record, value: value.replace('"subject":"a"', '"subject":"nobody"') };
    });
    const batch = { topic: 'usage.recorded', partition: 0, records };
    await ledger.parts.charge.handle(batch, new AbortController().signal);
    const letters = await ledger.deadLetters();
    expect(letters.map(({ reason, event }) => [reason, event])).toEqual(
      records.map(({ value }) => ['unknown_account', value]),
    );
    for (const letter of letters)
      expect(Buffer.byteLength(JSON.stringify(letter))).toBeLessThan(MAX_LETTER_RECORD_BYTES);
  });
});
