import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@meterbook/runtime/log';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { platform, rulebook } from '../testing/embedded-ledger';
import { LedgerApp, type LedgerResponse } from '../testing/ledger-app';
import { toDeadLetter, toResolution, type DeadLetterRecord, type DeadRecord } from '@meterbook/messages/dead-letter';
import type { DeliveredRecord, TopicRecord } from '@meterbook/topics/topics';
import { DeadLetterIndex } from './dead-letter-index';
import { MAX_PAGE_LETTERS, type DeadLetterMark, type DeadLetterPage } from './dead-letter-queries';

const dayMs = 86_400_000;

interface Item {
  readonly id: string;
  readonly reason: string;
  readonly account: string | null;
  readonly event: unknown;
}

const items = ({ body }: LedgerResponse): Item[] => body['items'] as Item[];

describe('dead letters', () => {
  let ledger: LedgerApp;

  beforeEach(async () => {
    ledger = await LedgerApp.start();
    await ledger.publish();
    await ledger.on('POST', '/accounts/a/recharges', {
      rechargeId: 'r1',
      provider: 'manual',
      amount: '100',
      currency: 'CNY',
    });
  });
  afterEach(() => ledger.close());

  const list = (query = ''): Promise<LedgerResponse> => ledger.send('GET', `/v1/dead-letters${query}`);
  const listed = (count: number, query = ''): Promise<LedgerResponse> =>
    ledger.eventually(
      () => list(query),
      (answer) => items(answer).length === count,
    );
  const redrive = (id: string): Promise<LedgerResponse> => ledger.send('POST', `/v1/dead-letters/${id}/redrive`, {});

  it('are listed with their reason and their event, of a platform and by a reason', async () => {
    await ledger.use('nobody', 'u1');
    await ledger.use('a', 'u2', { model: 'later' });
    await ledger.put('apibox/x', 'no json');
    const all = await listed(3);
    expect(new Set(items(all).map(({ reason }) => reason))).toEqual(
      new Set(['unknown_account', 'unknown_model', 'malformed']),
    );
    expect(
      items(await list(`?platform=${platform}`))
        .map(({ account }) => account)
        .toSorted(),
    ).toEqual(['a', 'nobody']);
    expect(items(await list('?platform=other'))).toEqual([]);
    expect(items(await list('?reason=unknown_model'))).toMatchObject([
      { reason: 'unknown_model', platform, account: 'a', event: { id: 'u2', subject: 'a', data: { model: 'later' } } },
    ]);
    expect(items(await list('?reason=malformed'))).toMatchObject([{ platform: null, account: null, event: 'no json' }]);
  });

  it('leave the list once they are mended and redriven, however often', async () => {
    await ledger.use('a', 'u1', { model: 'later' });
    const [letter] = items(await listed(1));
    await ledger.publish({
      ...rulebook,
      models: [...rulebook.models, { id: 'later', group: 'default', price: { mode: 'request', unit: '2' } }],
    });
    const answers = await Promise.all([redrive(letter?.id ?? ''), redrive(letter?.id ?? '')]);
    expect(answers.map(({ status }) => status)).toEqual([202, 200]);
    expect(await ledger.charged('a', 'u1')).toMatchObject({ amount: '2', rulebookVersion: 2 });
    await listed(0);
    expect((await ledger.on('GET', '/accounts/a')).body['wallet']).toBe('98');
    expect(await redrive(letter?.id ?? '')).toMatchObject({ status: 200, body: { id: letter?.id } });
    expect((await ledger.on('GET', '/accounts/a')).body['wallet']).toBe('98');
  });

  it('stay with their new reason where they still cannot be charged', async () => {
    await ledger.use('later', 'u1', { model: 'later' });
    const [letter] = items(await listed(1, '?reason=unknown_account'));
    await ledger.on('POST', '/accounts', { account: 'later' });
    await redrive(letter?.id ?? '');
    expect(items(await listed(1, '?reason=unknown_model'))).toMatchObject([{ id: letter?.id }]);
    expect(items(await list())).toHaveLength(1);
    // There is news of it, so it is offered once more, and not taken for one that is on its way.
    expect(await redrive(letter?.id ?? '')).toMatchObject({ status: 202 });
  });

  it('can be redriven within the age window of their usage only', async () => {
    await ledger.use('a', 'u1', { model: 'later' }, 30 * dayMs);
    const [letter] = items(await listed(1));
    ledger.clock.aheadMs = 6 * dayMs;
    expect(await redrive(letter?.id ?? '')).toMatchObject({ status: 422, body: { code: 'usage_too_old' } });
    ledger.clock.aheadMs = 4 * dayMs;
    expect(await redrive(letter?.id ?? '')).toMatchObject({ status: 202 });
  });

  it('are known to every process, and again after the file was lost', async () => {
    await ledger.use('nobody', 'u1');
    await listed(1);
    const path = join(ledger.directory, 'spec', 'dead-letters.db');
    for (const round of [1, 2]) {
      const index = new DeadLetterIndex(path, new SystemRandom(), createLog('fatal'));
      await ledger.fill(index, 1);
      expect([round, index.queries.list({ platforms: null, reason: null, after: null }).letters.length]).toEqual([
        round,
        1,
      ]);
      index.close();
      rmSync(join(ledger.directory, 'spec'), { recursive: true });
    }
  });

  it('are all listed where the file was put back to an older state than its group has committed', async () => {
    const folder = join(ledger.directory, 'spec');
    const path = join(folder, 'dead-letters.db');
    const open = (): DeadLetterIndex => new DeadLetterIndex(path, new SystemRandom(), createLog('fatal'));
    const filled = async (letters: number): Promise<string> => {
      const index = open();
      await ledger.fill(index, letters);
      index.close();
      return index.group;
    };
    open().close();
    const older = readFileSync(path);
    await ledger.use('nobody', 'u1');
    await listed(1);
    const group = await filled(1);
    expect(await filled(1)).toBe(group);
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    writeFileSync(path, older);
    const another = await filled(1);
    expect(another).not.toBe(group);
    await ledger.use('nobody', 'u2');
    expect(await filled(2)).toBe(another);
  });

  it('refuse what is no query', async () => {
    for (const query of ['?cursor=x', '?platform=No', '?state=open', '?groupBy=account', '?model=gpt', '?dismissed=1'])
      expect(await list(query)).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
    expect(await redrive('usage.recorded-0-999')).toMatchObject({ status: 404, body: { code: 'unknown_dead_letter' } });
  });
});

describe('the file of the index', () => {
  it('is filled anew where it is damaged, missing or of other tables', () => {
    const folder = mkdtempSync(join(tmpdir(), 'meterbook-dead-letters-'));
    const path = join(folder, 'dead-letters.db');
    const group = (): string => {
      const opened = new DeadLetterIndex(path, new SystemRandom(), createLog('fatal'));
      opened.close();
      return opened.group;
    };
    const first = group();
    expect(group()).toBe(first);
    const groups = [first];
    const whole = readFileSync(path);
    const damaged = Buffer.from(whole).fill(0x7f, 8192, whole.length - 4096);
    for (const bytes of [Buffer.from('garbage '.repeat(2000)), whole.subarray(0, 5000), Buffer.alloc(0), damaged]) {
      writeFileSync(path, bytes);
      groups.push(group());
    }
    rmSync(path);
    groups.push(group());
    expect(new Set(groups).size).toBe(6);
    rmSync(folder, { recursive: true });
  });
});

describe('the index of dead letters', () => {
  let index: DeadLetterIndex;
  let nextOffset = 0;

  beforeEach(() => {
    index = new DeadLetterIndex(':memory:', new SystemRandom(), createLog('fatal'));
    nextOffset = 0;
  });
  afterEach(() => index.close());

  const letter = (n: number, event = '{}'): DeadLetterRecord => ({
    kind: 'dead-letter',
    id: `usage.recorded-0-${n}`,
    reason: 'unknown_account',
    detail: '',
    platform: n % 2 ? 'odd' : 'even',
    account: 'a',
    acceptedAt: new Date(1_790_000_000_000 + Math.floor(n / 3)).toISOString(),
    key: 'k',
    event,
  });
  const delivered = (value: string): DeliveredRecord => ({
    topic: 't',
    partition: 0,
    offset: nextOffset++,
    timestamp: 0,
    headers: {},
    key: 'k',
    value,
  });
  const batch = (...values: readonly string[]) => ({ topic: 't', partition: 0, records: values.map(delivered) });
  const takeRecords = (records: readonly TopicRecord[]): void =>
    index.take({ topic: 't', partition: 0, records: records.map((record) => ({ ...delivered(''), ...record })) });
  const take = (...said: readonly DeadLetterRecord[]): void =>
    index.take(batch(...said.map((one) => JSON.stringify(one))));
  const all = (platforms: readonly string[] | null = null): string[] => {
    const ids: string[] = [];
    let after: DeadLetterMark | null = null;
    do {
      const page: DeadLetterPage = index.queries.list({ platforms, reason: null, after });
      expect(page.letters.length).toBeLessThanOrEqual(MAX_PAGE_LETTERS);
      ids.push(...page.letters.map(({ letter: { id } }) => id));
      after = page.next;
    } while (after);
    return ids;
  };

  it('lists each letter once, page by page, also those of one instant', () => {
    const numbers = Array.from({ length: 250 }, (_, n) => n);
    take(...numbers.map((n) => letter(n)));
    expect(new Set(all())).toEqual(new Set(numbers.map((n) => `usage.recorded-0-${n}`)));
    expect(all()).toHaveLength(250);
    expect(all(['odd'])).toHaveLength(125);
    expect(all(['odd', 'even'])).toHaveLength(250);
  });

  it('ends a page before it grows too large', () => {
    take(...[1, 2, 3, 4].map((n) => letter(n, `"${'x'.repeat(1_500_000)}"`)));
    const page = index.queries.list({ platforms: null, reason: null, after: null });
    expect(page.letters.length).toBeLessThan(4);
    expect(all()).toHaveLength(4);
  });

  it('puts a large letter together from its parts, and completes one whose writer died half-way when it is written again', () => {
    const event = '"'.repeat(900_000);
    const record: DeliveredRecord = { ...delivered(''), topic: 'usage.recorded', offset: 7, value: event };
    const dead: DeadRecord = {
      kind: 'dead',
      record,
      platform: null,
      account: null,
      reason: 'malformed',
      detail: 'one',
    };
    const parts = toDeadLetter(dead);
    const again = toDeadLetter({ ...dead, detail: 'another text' });
    expect(parts.length).toBeGreaterThan(1);
    takeRecords(parts.slice(0, -1));
    expect(all()).toEqual([]);
    takeRecords(again);
    takeRecords(parts.slice(-1));
    expect(all()).toEqual(['usage.recorded-0-7']);
    expect(index.find('usage.recorded-0-7')?.letter).toMatchObject({ event, detail: 'another text' });
    takeRecords([...parts, toResolution(record)]);
    expect(all()).toEqual([]);
  });

  it('takes a record once: a batch that is delivered again brings nothing back', () => {
    const first = batch(JSON.stringify(letter(1)));
    index.take(first);
    take({ kind: 'resolved', id: 'usage.recorded-0-1' });
    index.take(first);
    expect(all()).toEqual([]);
  });

  it('passes over what is none of the ledger’s', () => {
    const half = JSON.stringify({ ...letter(2), acceptedAt: 'yesterday' });
    index.take(batch('no json', 'null', '{"kind":"other"}', '{"kind":"dead-letter"}', half, JSON.stringify(letter(1))));
    expect(all()).toEqual(['usage.recorded-0-1']);
  });
});
