import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toText } from '@meterbook/domain/amount/decimal';
import { formatInstant } from '@meterbook/domain/time/instant';
import { billAmount } from './bill-amount';
import { Buckets } from './buckets';
import type { ReconciliationQuestion } from './question';
import { InvalidRow, readBill } from './read-bill';

describe('an amount of a bill', () => {
  it.each([
    ['3', '3'],
    ['3.00', '3'],
    ['+5', '5'],
    ['-0.50', '-0.5'],
    ['007', '7'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1e-3', '0.001'],
    ['12.5E2', '1250'],
    ['1e+02', '100'],
    [' 4 ', '4'],
    ['-0', '0'],
    ['123456789012345678.123456789012345678', '123456789012345678.123456789012345678'],
  ])('may be spelled %s', (spelled, value) => {
    const read = billAmount(spelled);
    expect(read && toText(read)).toBe(value);
  });

  it.each([
    '',
    '.',
    '-',
    'five',
    '1,000',
    '1e',
    '1e100',
    '0x10',
    '1 2',
    '--1',
    '$3',
    '1234567890123456789',
    'NaN',
    '1/2',
  ])('is not %p', (spelled) => {
    expect(billAmount(spelled)).toBeUndefined();
  });
});

describe('a time of a bill', () => {
  const read = (granularity: ReconciliationQuestion['granularity'], zone: string, text: string): unknown => {
    const time = new Buckets(granularity, zone).read(text);
    return time && [formatInstant(time.atMs), time.bucket];
  };

  it.each([
    ['day', 'UTC', '2026-11-02T10:00:00Z', '2026-11-02T10:00:00.000Z', '2026-11-02'],
    ['day', 'Asia/Shanghai', '2026-11-01T16:00:00Z', '2026-11-01T16:00:00.000Z', '2026-11-02'],
    ['day', 'Asia/Shanghai', '2026-11-02', '2026-11-01T16:00:00.000Z', '2026-11-02'],
    ['month', 'Asia/Shanghai', '2026-10-31 16:30:00Z', '2026-10-31T16:30:00.000Z', '2026-11'],
    ['month', 'UTC', '2026-11-02', '2026-11-02T00:00:00.000Z', '2026-11'],
    ['hour', 'UTC', '2026-11-02 10:30', '2026-11-02T10:30:00.000Z', '2026-11-02T10:00:00.000Z'],
    ['hour', 'Asia/Kolkata', '2026-11-02T10:30:00', '2026-11-02T05:00:00.000Z', '2026-11-02T04:30:00.000Z'],
    // Clocks are put back at three: what they show twice is the first time.
    ['hour', 'Europe/Berlin', '2026-10-25T02:30:00', '2026-10-25T00:30:00.000Z', '2026-10-25T00:00:00.000Z'],
    ['hour', 'Europe/Berlin', '2026-10-25T03:30:00', '2026-10-25T02:30:00.000Z', '2026-10-25T02:00:00.000Z'],
    // Clocks are put forward at two: half past two is half past three.
    ['hour', 'Europe/Berlin', '2026-03-29T02:30:00', '2026-03-29T01:30:00.000Z', '2026-03-29T01:00:00.000Z'],
    ['day', 'America/New_York', '2026-03-08', '2026-03-08T05:00:00.000Z', '2026-03-08'],
    ['request', 'UTC', '2026-11-02T10:30:00.5+02:00', '2026-11-02T08:30:00.500Z', ''],
  ] as const)('by %s in %s: %s', (granularity, zone, text, instant, bucket) => {
    expect(read(granularity, zone, text)).toEqual([instant, bucket]);
  });

  it.each([
    ['hour', '2026-11-02'],
    ['request', '2026-11-02'],
    ['day', '2026-11'],
    ['day', '2026-02-30'],
    ['day', '02.11.2026'],
    ['day', '2026-11-02T25:00:00'],
    ['month', ''],
    ['hour', '2026-11-02T10:30:00+5'],
  ] as const)('by %s is not %p', (granularity, text) => {
    expect(read(granularity, 'UTC', text)).toBeUndefined();
  });
});

describe('the rows of a bill', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-bill-'));
  const file = join(directory, 'bill.csv');
  afterAll(() => rmSync(directory, { recursive: true }));

  const question: ReconciliationQuestion = {
    platform: 'shop',
    from: Date.parse('2026-11-01T00:00:00Z'),
    to: Date.parse('2026-12-01T00:00:00Z'),
    granularity: 'day',
    zone: 'UTC',
    channels: [],
    absolute: '0',
    ratio: '0',
    currency: null,
    columns: { time: 'date', model: 'sku', amount: 'total', request: null },
    models: [['gpt', 'chat']],
  };
  const rowsOf = async (text: string | Buffer, more: Partial<ReconciliationQuestion> = {}): Promise<unknown> => {
    writeFileSync(file, text);
    const rows: string[] = [];
    const read = await readBill(file, { ...question, ...more }, ({ key, amount }) =>
      rows.push([...key, toText(amount)].join(' ')),
    );
    return { taken: rows, ...read };
  };
  const faultOf = async (text: string): Promise<number> => {
    try {
      await rowsOf(text);
    } catch (error) {
      if (error instanceof InvalidRow) return error.line;
      throw error;
    }
    throw new Error('it was read');
  };

  it('are read as spreadsheets and programs write them: with a mark, any line ends, quotes, blank lines and other columns', async () => {
    const text =
      '\uFEFFsku,note,date,total\r\n"gpt","a ""b"",\r\nc",2026-11-02,1.50\r\n\r\nvoice,,2026-11-03,2\nimage,,2026-12-01,9';
    expect(await rowsOf(text)).toEqual({
      taken: ['2026-11-02 chat 1.5', '2026-11-03 voice 2'],
      rows: 3,
      skipped: 1,
    });
  });

  it.each([
    ['an amount that is none', 'date,sku,total\n2026-11-02,a,1\n2026-11-02,a,five\n', 3],
    ['a time that is none', 'date,sku,total\n\n\nsoon,a,1\n', 4],
    ['a cell too many', 'date,sku,total\n2026-11-02,a,1,\n', 2],
    ['a cell too few', 'date,sku,total\r\n2026-11-02,a,1\r\n2026-11-02,a\r\n', 3],
    ['a column that is not there', 'date,model,total\n2026-11-02,a,1\n', 1],
    ['a column that is there twice', 'date,sku,total,total\n2026-11-02,a,1,1\n', 1],
    ['semicolons', 'date;sku;total\n2026-11-02;a;1\n', 1],
    ['nothing at all', '', 1],
    ['a quote in the middle of a cell', 'date,sku,total\n2026-11-02,5" disc,1\n', 2],
    ['a quote that never ends', 'date,sku,total\n2026-11-02,"a,1\n', 2],
  ])('are refused with their line: %s', async (_what, text, line) => {
    expect(await faultOf(text)).toBe(line);
  });
});
