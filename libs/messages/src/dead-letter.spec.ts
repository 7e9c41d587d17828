import fc from 'fast-check';
import { MAX_RECORD_BYTES, type DeliveredRecord, type TopicRecord } from '@meterbook/topics/topics';
import { acceptedAtOf, readDeadLetterRecord, readDeadLetterText, toDeadLetter, toRedriven } from './dead-letter';
import { MAX_LETTER_RECORD_BYTES } from './dead-letter-parts';

const record = (more: Partial<DeliveredRecord> = {}): DeliveredRecord => ({
  topic: 'usage.recorded',
  partition: 3,
  offset: 17,
  timestamp: 1_790_000_000_000,
  headers: {},
  key: 'apibox/a',
  value: '{}',
  ...more,
});

const lettersOf = (delivered: DeliveredRecord): TopicRecord[] =>
  toDeadLetter({
    kind: 'dead',
    record: delivered,
    platform: null,
    account: null,
    reason: 'malformed',
    detail: 'x'.repeat(500),
  });

const bytesOf = ({ key, headers, value }: TopicRecord): number =>
  Buffer.byteLength(key) + Buffer.byteLength(JSON.stringify(headers ?? {})) + Buffer.byteLength(value);

describe('a dead letter', () => {
  it('is one record as long as it fits into one', () => {
    const [only, ...more] = lettersOf(record());
    expect(more).toEqual([]);
    expect(readDeadLetterRecord(only ?? record())).toMatchObject({ id: 'usage.recorded-3-17', event: '{}' });
  });

  it('is cut into records that fit, and comes back whole, whatever the record held', () => {
    const filler = fc.constantFrom('"', '\\', '\u0000', '€', '😀', '\udc80', 'x', ' ');
    fc.assert(
      fc.property(filler, filler, fc.integer({ min: 0, max: 3 }), (value, key, shift) => {
        const large =
          'a'.repeat(shift) + value.repeat(Math.floor((MAX_RECORD_BYTES - 5_000) / Buffer.byteLength(value)));
        const delivered = record({ value: large, key: key.repeat(1_000) });
        const records = lettersOf(delivered);
        for (const one of records) expect(bytesOf(one)).toBeLessThanOrEqual(MAX_LETTER_RECORD_BYTES);
        expect(new Set(records.map((one) => one.key)).size).toBe(1);
        const said = records.map((one) => readDeadLetterRecord(one));
        const texts = said.map((part) => (part?.kind === 'dead-letter-part' ? part.text : ''));
        const whole = said[0]?.kind === 'dead-letter' ? said[0] : readDeadLetterText(texts.join(''));
        expect(whole).toMatchObject({ kind: 'dead-letter', event: large, key: delivered.key });
        expect(said.map((part) => part?.kind === 'dead-letter-part' && [part.part, part.parts])).toEqual(
          said.map((_, i) => said.length > 1 && [i + 1, said.length]),
        );
      }),
      { seed: 3, numRuns: 30 },
    );
  });

  it('tells the acceptance that its record carries, and of a header that is none nothing', () => {
    expect(acceptedAtOf(record({ headers: { 'accepted-at': '1780000000000' } }))).toBe(1_780_000_000_000);
    for (const said of ['', 'yesterday', '-1', '1e3', '9007199254740991', 'NaN'])
      expect(acceptedAtOf(record({ headers: { 'accepted-at': said } }))).toBe(1_790_000_000_000);
    expect(acceptedAtOf(record({ timestamp: -1 }))).toBe(0);
  });

  it('keeps its acceptance when it is redriven, which is never later than now', () => {
    const [only] = lettersOf(record({ headers: { 'accepted-at': '1780000000000' } }));
    const letter = readDeadLetterText(only?.value ?? '');
    if (letter?.kind !== 'dead-letter') throw new Error('no dead letter');
    const redriven = (now: number): string | undefined => toRedriven(letter, now).headers?.['accepted-at'];
    expect(redriven(1_790_000_000_000)).toBe('1780000000000');
    expect(redriven(1_770_000_000_000)).toBe('1770000000000');
  });

  it('takes only an id of ours from a header', () => {
    for (const said of ['', 'x', '"'.repeat(300), '../etc-1-2'])
      expect(lettersOf(record({ headers: { 'dead-letter-id': said } }))[0]?.value).toContain('usage.recorded-3-17');
    expect(lettersOf(record({ headers: { 'dead-letter-id': 'usage.recorded-0-1' } }))[0]?.value).toContain(
      '"usage.recorded-0-1"',
    );
  });
});
