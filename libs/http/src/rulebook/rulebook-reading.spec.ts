import { RawBody } from '../request/raw-body';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import {
  MAX_WAITING,
  MAX_WAITING_OF_ONE,
  READING_TIMEOUT_MS,
  RulebookReading,
  STARVED_TIMEOUT_MS,
} from './rulebook-reading';
import { MAX_RULEBOOK_BYTES } from './rulebook-limits';

/** Read in the thread that answers, each of the large bodies takes seconds; a busy machine may hold this one up for less, in milliseconds. */
const longestTurnMs = 1_000;

const body = (text: string, isYaml: boolean): RawBody => new RawBody(Buffer.from(text), isYaml);
const valid = JSON.stringify({
  platform: 'p',
  currency: 'CNY',
  tiers: [{ id: 'default', rank: 1 }],
  groups: [{ id: 'default', models: ['*'] }],
  models: [{ id: 'gpt', group: 'default', price: { mode: 'request', unit: '1' } }],
});
const filled = (unit: string, before = '', after = ''): string =>
  `${before}${unit.repeat(Math.floor((MAX_RULEBOOK_BYTES - before.length - after.length) / unit.length))}${after}`;

describe('a rulebook that comes in', () => {
  const clock = new SystemClock();
  let reading: RulebookReading;

  beforeAll(() => {
    reading = new RulebookReading(clock);
  });
  afterAll(() => reading.close());

  /** The longest time in which this thread did nothing else while some work was done. */
  const longestTurn = async (work: Promise<unknown>): Promise<number> => {
    const done = new AbortController();
    void work.then(
      () => done.abort(),
      () => done.abort(),
    );
    let longest = 0;
    for (let before = Date.now(); !done.signal.aborted;) {
      await clock.sleep(5);
      longest = Math.max(longest, Date.now() - before);
      before = Date.now();
    }
    return longest;
  };

  it.each<readonly [what: string, yaml: boolean, text: string, outcome: object]>([
    ['valid JSON', false, valid, { kind: 'valid', platform: 'p', currency: 'CNY', text: valid, effectiveFrom: null }],
    ['nothing at all', false, '', { kind: 'invalid' }],
    ['no JSON', false, '{', { kind: 'unreadable', code: 'invalid_json' }],
    [
      'YAML of nothing but aliases',
      true,
      `a: &a [1]\nb: &b [${'*a, '.repeat(200)}]\nc: [${'*b, '.repeat(200)}]`,
      { kind: 'unreadable' },
    ],
    ['infinity', true, 'limits: { requestsPerDay: .inf }', { kind: 'unreadable', code: 'invalid_yaml' }],
    ['no number', true, 'limits: { requestsPerDay: .nan }', { kind: 'unreadable', code: 'invalid_yaml' }],
    ['a key twice', true, 'a: 1\nb: 2\na: 3', { kind: 'unreadable', code: 'invalid_yaml' }],
    ['a key twice, once in quotes', true, 'a: 1\n"a": 3', { kind: 'unreadable', code: 'invalid_yaml' }],
    ['30,000 keys', true, Array.from({ length: 30_000 }, (_, i) => `k${i}: 1`).join('\n'), { kind: 'invalid' }],
    ['four megabytes of YAML lists', true, filled('- []\n', 'models:\n'), { kind: 'invalid' }],
    ['four megabytes of YAML keys', true, filled('?\n'), {}],
    ['four megabytes of YAML in one line', true, filled('[', 'a: '), {}],
    ['four megabytes of JSON lists', false, filled('[],', '{"models":[', '[]]}'), { kind: 'invalid' }],
    ['four megabytes of JSON models', false, filled('{"id":"a"},', '{"models":[', '{}]}'), { kind: 'invalid' }],
    ['four megabytes of one text', false, filled('"'.replace('"', '\\"'), '{"note":"', '"}'), { kind: 'invalid' }],
  ])('is read beside everything else, and costs no more than it may: %s', async (_what, yaml, text, outcome) => {
    // What takes longer than it may is refused, or put off where the machine is too busy to tell.
    const read = reading
      .read('caller', body(text, yaml))
      .catch((problem: unknown) => ({ kind: 'put off', problem }) as const);
    expect(await longestTurn(read)).toBeLessThan(longestTurnMs);
    const content = await read;
    const mayBePutOff = text.length > MAX_RULEBOOK_BYTES / 2 && content.kind === 'put off';
    expect(content).toMatchObject(mayBePutOff ? { problem: { code: 'too_busy' } } : outcome);
    expect(content.kind === 'invalid' ? content.faults.length : 0).toBeLessThanOrEqual(100);
    expect(await reading.read('caller', body(valid, false))).toMatchObject({ kind: 'valid' });
  });

  it.each<readonly [what: string, processorMs: number, waitMs: number, outcome: object]>([
    ['has had its time', READING_TIMEOUT_MS, READING_TIMEOUT_MS, { value: { faults: [{ code: 'too_large' }] } }],
    [
      'was kept from it by a busy machine',
      READING_TIMEOUT_MS - 1,
      STARVED_TIMEOUT_MS,
      { reason: { code: 'too_busy' } },
    ],
  ])('is given up when it %s', async (_what, processorMs, waitMs, outcome) => {
    const standing = new ManualClock();
    let used = 0;
    const slow = new RulebookReading(standing, () => used);
    const read = Promise.allSettled([slow.read('caller', body(filled('[],', '{"models":[', '[]]}'), false))]);
    while (standing.sleeping === 0) await clock.sleep(1);
    used = processorMs;
    await standing.advance(waitMs - 1);
    expect(standing.sleeping).toBe(1);
    await standing.advance(1);
    expect(await read).toMatchObject([outcome]);
    await slow.close();
  });

  it('waits for its turn among callers, each of whom may have a few', async () => {
    const order: string[] = [];
    const send = (caller: string): Promise<unknown> =>
      reading.read(caller, body(valid, false)).then(() => order.push(caller));
    const hungry = Array.from({ length: MAX_WAITING_OF_ONE + 1 }, () => send('hungry'));
    expect(() => reading.read('hungry', body(valid, false))).toThrow('too_busy');
    const modest = send('modest');
    await Promise.all([...hungry, modest]);
    expect(order.indexOf('modest')).toBeLessThanOrEqual(2);
    const many = Array.from({ length: MAX_WAITING + 1 }, (_, i) => send(`caller ${i}`));
    expect(() => reading.read('another', body(valid, false))).toThrow('too_busy');
    await Promise.all(many);
  });
});
