import type { KafkaMessage } from 'kafkajs';
import { partitionOf } from '../murmur2';
import { MAX_RECORD_BYTES, RecordTooLarge } from '../topics';
import { decodeRecord, encodeRecords } from './kafka-records';

const fetched = (changes: Partial<KafkaMessage>): KafkaMessage =>
  ({ key: null, value: null, headers: {}, offset: '7', timestamp: '1000', attributes: 0, ...changes }) as KafkaMessage;

describe('Kafka records', () => {
  it('come back as they were published, with bytes that are no UTF-8 as they were', () => {
    const record = {
      key: 'p/账户',
      value: '{"a":"\udcff ü 💀"}',
      headers: { type: 'Noted', broken: '\udc80', empty: '' },
    };
    const [encoded] = encodeRecords('t', [record], 12);
    expect(encoded?.message.partition).toBe(partitionOf(record.key, 12));
    expect((encoded?.message.value as Buffer).includes(0xff)).toBe(true);
    const { key, value, headers } = encoded?.message ?? {};
    const decoded = decodeRecord('t', 3, fetched({ key, value, headers } as Partial<KafkaMessage>));
    expect(decoded).toEqual({ topic: 't', partition: 3, offset: 7, timestamp: 1000, ...record });
  });

  it('have an empty text where another client left key, value or a header out', () => {
    expect(decodeRecord('t', 0, fetched({ headers: { none: undefined } }))).toMatchObject({
      key: '',
      value: '',
      headers: { none: '' },
    });
  });

  it('are refused where they are larger than the limit, headers included', () => {
    const headers = { h: 'x'.repeat(100) };
    const value = 'x'.repeat(MAX_RECORD_BYTES - 1 - JSON.stringify(headers).length);
    expect(encodeRecords('t', [{ key: 'k', value, headers }], 4)).toHaveLength(1);
    const refused = (): unknown =>
      encodeRecords(
        't',
        [
          { key: 'k', value: '' },
          { key: 'kk', value, headers },
        ],
        4,
      );
    expect(refused).toThrow(RecordTooLarge);
    expect(refused).toThrow(`record 1 for topic t has ${MAX_RECORD_BYTES + 1} bytes`);
  });

  it('count with at least what they take in a batch', () => {
    const [encoded] = encodeRecords('t', [{ key: 'key', value: 'value', headers: { name: 'text' } }], 4);
    // Length, attributes and two deltas; key, value and header count with theirs; a header's name and text with theirs.
    const taken = 2 + 1 + 3 + 2 + (1 + 3) + (1 + 5) + 1 + (1 + 4) + (1 + 4);
    expect(encoded?.bytes).toBeGreaterThanOrEqual(taken);
  });
});
