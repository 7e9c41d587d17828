import { AgeWindow } from '@meterbook/domain/usage/age-window';
import fc from 'fast-check';
import { chargeUsage } from '@meterbook/domain/account/charging/charge';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { formatInstant } from '@meterbook/domain/time/instant';
import { MAX_RECORD_BYTES, type DeliveredRecord, type TopicRecord } from '@meterbook/topics/topics';
import { EmbeddedLedger, platform, usageRecord } from '../testing/embedded-ledger';
import { AccountUsage } from './account-usage';
import { ChargeUsage } from './charge-usage';

const deadlineMs = 30_000;
const pollMs = 5;
/** Room for key and headers beside a value as large as a record may be. */
const largestValue = MAX_RECORD_BYTES - 900;
const key = `${platform}/a`;

const usageText = (more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    specversion: '1.0',
    type: 'usage.recorded',
    source: 'gw',
    id: 'x',
    time: '2026-11-21T10:00:00Z',
    platform,
    subject: 'a',
    data: { model: 'gpt', units: {} },
    ...more,
  });

const hugeText = fc.constantFrom(
  '"'.repeat(largestValue),
  '\\'.repeat(largestValue),
  '\u0000'.repeat(largestValue),
  '['.repeat(largestValue),
  '{"a":'.repeat(largestValue / 5),
  '€'.repeat(Math.floor(largestValue / 3)),
  `${usageText()}${' '.repeat(largestValue - 400)}`,
);

const oddMember = fc.constantFrom<[string, unknown]>(
  ['data', { model: 'gpt', units: { seconds: 0.5 } }],
  ['data', { model: 'gpt', units: { toString: 1 } }],
  ['data', { model: 'gpt', units: { requests: 1e308 } }],
  ['data', { model: 'gpt', units: { requests: 999_999_999_999 } }],
  ['data', { model: '__proto__', units: {} }],
  ['data', { model: 'gpt', units: {}, apiKeyId: 'constructor', group: 'hasOwnProperty' }],
  ['data', null],
  ['data', []],
  ['time', '9999-12-31T23:59:59Z'],
  ['time', '0000-01-01T00:00:00Z'],
  ['source', '\ud800'],
  ['id', '\u0000'],
  ['subject', '../a'],
  ['platform', '__proto__'],
  ['platform', 'nowhere'],
);

const spelled = fc.constantFrom(
  '',
  'null',
  '"',
  '1e999',
  '[]',
  '{"__proto__":{"type":"usage.recorded"}}',
  usageText().replace('"units":{}', '"units":{"__proto__":1}'),
  usageText().replace('"units":{}', '"units":{"requests":1,"requests":2}'),
  usageText().replace('"gpt"', '9'.repeat(5000)),
  usageText().replace('"source":"gw"', '"source":"\\ud800"'),
);

const headers = fc.constantFrom<Record<string, string>>(
  {},
  { 'accepted-at': 'yesterday' },
  { 'accepted-at': '9007199254740991' },
  { 'accepted-at': '-1' },
  { 'dead-letter-id': '' },
  { 'dead-letter-id': '"'.repeat(200) },
);

const hostile: fc.Arbitrary<TopicRecord> = fc.record({
  key: fc.constantFrom(key, key, key, '', 'nobody', '/', '\u0000', 'x'.repeat(100)),
  value: fc.oneof(
    { weight: 4, arbitrary: oddMember.map(([name, value]) => usageText({ [name]: value })) },
    { weight: 4, arbitrary: spelled },
    { weight: 1, arbitrary: hugeText },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 50 }) },
  ),
  headers,
});

describe('hostile records', () => {
  let ledger: EmbeddedLedger;

  beforeEach(async () => {
    ledger = new EmbeddedLedger();
    await ledger.publish();
    await ledger.open('a', '1000');
  });
  afterEach(() => ledger.close());

  const eventually = async (holds: () => boolean): Promise<void> => {
    const end = ledger.clock.now() + deadlineMs;
    while (!holds()) {
      if (ledger.clock.now() > end) throw new Error('it never comes true');
      await ledger.clock.sleep(pollMs);
    }
  };

  it('never stop a partition: what stands behind them is charged', async () => {
    const stop = new AbortController();
    const running = ledger.parts.charge.run(stop.signal);
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 6 }), async (records) => {
        round += 1;
        const id = `good-${round}`;
        const good = { key, value: usageText({ id, time: formatInstant(ledger.clock.now()) }) };
        // A good one behind them in each partition that they went to.
        const behind = records.map((record) => ({ ...good, key: record.key }));
        await ledger.topics.publish('usage.recorded', [...records, good, ...behind]);
        await eventually(() => ledger.parts.charge.counts.charged >= round);
      }),
      { seed: 7, numRuns: 40 },
    );
    const end = ledger.clock.now() + deadlineMs;
    const lag = async (): Promise<number> =>
      (await ledger.topics.lag('ledger', ['usage.recorded'])).reduce((sum, row) => sum + row.lag, 0);
    while ((await lag()) > 0) {
      if (ledger.clock.now() > end) throw new Error('a partition does not move on');
      await ledger.clock.sleep(pollMs);
    }
    stop.abort();
    await running;
    expect(await ledger.balance('a')).toMatchObject({ charges: ledger.parts.charge.counts.charged });
  });

  it('cost only themselves where the rules throw on them, as an alarm', async () => {
    const { accounts, writer, time } = ledger.parts;
    const withBug: typeof chargeUsage = (account, usages, rulebooks) => {
      if (usages.some(({ model }) => model === 'bad')) throw new Error('not a safe integer: 0.5');
      return chargeUsage(account, usages, rulebooks);
    };
    const usage = new AccountUsage(accounts, new AgeWindow(35), ledger.clock, withBug);
    const charge = new ChargeUsage(
      ledger.topics,
      writer,
      new Rulebooks(ledger.store),
      usage,
      new AgeWindow(35),
      accounts.damaged,
      time,
      ledger.log,
    );
    const bad = { data: { model: 'bad' } };
    const records: DeliveredRecord[] = [
      usageRecord('a', 'u1', 0),
      usageRecord('a', 'u2', 1, bad),
      usageRecord('a', 'u3', 2),
      usageRecord('a', 'u4', 3, bad),
    ];
    await charge.handle({ topic: 'usage.recorded', partition: 0, records }, new AbortController().signal);
    expect(charge.counts).toEqual({ charged: 2, duplicates: 0, deadLetters: 2, unratable: 2 });
    expect(await ledger.balance('a')).toMatchObject({ charges: 2, wallet: '998' });
    const letters = await ledger.deadLetters();
    expect(letters).toEqual([
      expect.objectContaining({
        id: 'usage.recorded-0-1',
        reason: 'unratable',
        detail: 'Error: not a safe integer: 0.5',
      }),
      expect.objectContaining({ id: 'usage.recorded-0-3', reason: 'unratable' }),
    ]);
  });
});
