import { MAX_LETTERS_OF_REQUEST } from './redrive-dead-letters';
import { createLog } from '@meterbook/runtime/log';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { platform, rulebook } from '../testing/embedded-ledger';
import { LedgerApp, type LedgerResponse } from '../testing/ledger-app';
import { DeadLetterIndex } from './dead-letter-index';

interface Item {
  readonly id: string;
  readonly reason: string;
  readonly account: string | null;
  readonly dismissed?: object;
}

interface Group {
  readonly reason: string;
  readonly model: string | null;
  readonly count: number;
  readonly first: Item;
  readonly last: Item;
}

const items = <T = Item>({ body }: LedgerResponse): T[] => body['items'] as T[];

describe('dead letters that are dealt with', () => {
  let ledger: LedgerApp;

  beforeEach(async () => {
    ledger = await LedgerApp.start();
    await ledger.publish();
    await ledger.on('POST', '/accounts', { account: 'a' });
  });
  afterEach(() => ledger.close());

  const list = (query = ''): Promise<LedgerResponse> => ledger.send('GET', `/v1/dead-letters${query}`);
  const listed = (count: number, query = ''): Promise<LedgerResponse> =>
    ledger.eventually(
      () => list(query),
      (answer) => items(answer).length === count,
    );
  const post = (path: string, body: object = {}): Promise<LedgerResponse> =>
    ledger.send('POST', `/v1/dead-letters/${path}`, body);
  const mend = (): Promise<LedgerResponse> =>
    ledger.publish({
      ...rulebook,
      models: [...rulebook.models, { id: 'later', group: 'default', price: { mode: 'request', unit: '2' } }],
    });
  const waiting = (reason: string): Promise<string | undefined> =>
    ledger.metric(`meterbook_dead_letters_waiting{reason="${reason}"}`);

  it('are dismissed with a reason: kept, listed for themselves, and no longer counted', async () => {
    await ledger.use('a', 'u1', { model: 'later' });
    await ledger.use('nobody', 'u2');
    const [letter] = items(await listed(1, '?reason=unknown_model'));
    await listed(2);
    expect(await waiting('unknown_model')).toBe('1');
    const answer = await post(`${letter?.id}/dismiss`, { reason: 'a test of the gateway' });
    expect(answer).toMatchObject({
      status: 200,
      body: { id: letter?.id, dismissed: { reason: 'a test of the gateway', by: 'anonymous' } },
    });
    // At once, wherever the word of it is just now.
    expect(items(await list()).map(({ reason }) => reason)).toEqual(['unknown_account']);
    expect(await waiting('unknown_model')).toBe('0');
    expect(items<Group>(await list('?groupBy=reason,model')).map(({ reason }) => reason)).toEqual(['unknown_account']);
    expect(items(await list('?dismissed=true'))).toMatchObject([
      { id: letter?.id, dismissed: { reason: 'a test of the gateway' } },
    ]);
    expect((await post(`${letter?.id}/dismiss`, { reason: 'another' })).body).toEqual(answer.body);
    expect(await post(`${letter?.id}/dismiss`)).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
    expect(await post('usage.recorded-0-999/dismiss', { reason: 'x' })).toMatchObject({ status: 404 });
  });

  it('stay dismissed in every process and after the file was lost, and wait again once there is news of them', async () => {
    await ledger.use('nobody', 'u1', { model: 'later' });
    const [letter] = items(await listed(1));
    await post(`${letter?.id}/dismiss`, { reason: 'x' });
    const other = new DeadLetterIndex(':memory:', new SystemRandom(), createLog('fatal'));
    await ledger.fill(other, 0, 1);
    expect(other.find(letter?.id ?? '')?.dismissal).toMatchObject({ reason: 'x' });
    other.close();
    // Still the same reason: it stays dismissed.
    expect(await post(`${letter?.id}/redrive`)).toMatchObject({ status: 202 });
    await ledger.on('POST', '/accounts', { account: 'nobody' });
    await ledger.eventually(
      async () => {
        await post(`${letter?.id}/redrive`);
        return list();
      },
      (answer) => items(answer).length === 1,
    );
    expect(items(await list())).toMatchObject([{ id: letter?.id, reason: 'unknown_model' }]);
    expect(items(await list('?dismissed=true'))).toEqual([]);
  });

  it('are counted by reason and model, with a first and a last one each', async () => {
    for (let at = 0; at < 5; at += 1) await ledger.use('a', `u${at}`, { model: 'later' });
    await ledger.use('a', 'v', { model: 'never' });
    await ledger.use('a', 'w', { model: 'later' }, 60_000, 'other');
    await ledger.put('apibox/x', 'no json');
    await listed(8);
    const groups = items<Group>(await list('?groupBy=reason,model'));
    expect(groups.map(({ reason, model, count }) => [reason, model, count])).toEqual([
      ['malformed', null, 1],
      ['unknown_account', 'later', 1],
      ['unknown_model', 'later', 5],
      ['unknown_model', 'never', 1],
    ]);
    expect(groups[2]).toMatchObject({ first: { event: { id: 'u0' } }, last: { event: { id: 'u4' } } });
    expect(
      items<Group>(await list(`?groupBy=reason,model&platform=${platform}&reason=unknown_model`)).map(
        ({ model, count }) => [model, count],
      ),
    ).toEqual([
      ['later', 5],
      ['never', 1],
    ]);
  });

  it('are all redriven by a filter, in parts, and again without harm', async () => {
    const count = 2_300;
    const usage = (n: number): { key: string; value: string } => ({
      key: `${platform}/a`,
      value: JSON.stringify({
        specversion: '1.0',
        type: 'usage.recorded',
        source: 'gw',
        id: `u${n}`,
        time: new Date(ledger.clock.now() - 60_000).toISOString(),
        platform,
        subject: 'a',
        data: { model: n % 100 === 0 ? 'never' : 'later', units: {} },
      }),
    });
    await ledger.putAll(Array.from({ length: count }, (_, n) => usage(n)));
    const ofModel = count - count / 100;
    await ledger.eventually(
      () => list('?groupBy=reason,model'),
      (answer) => items<Group>(answer).reduce((sum, group) => sum + group.count, 0) === count,
    );
    await mend();
    const redriveAll = async (): Promise<number[]> => {
      const offered: number[] = [];
      let cursor: unknown = null;
      do {
        const filter = { platform, reason: 'unknown_model', model: 'later' };
        const answer = await post('redrive', { ...filter, ...(cursor === null ? {} : { cursor }) });
        expect(answer.status).toBe(202);
        offered.push(Number(answer.body['offered']));
        cursor = answer.body['next'];
      } while (cursor !== null);
      return offered;
    };
    const whole = new Array<number>(Math.floor(ofModel / MAX_LETTERS_OF_REQUEST)).fill(MAX_LETTERS_OF_REQUEST);
    expect(await redriveAll()).toEqual([...whole, ofModel % MAX_LETTERS_OF_REQUEST]);
    await redriveAll();
    await ledger.eventually(
      () => list('?groupBy=reason,model'),
      (answer) => items<Group>(answer).every(({ model }) => model === 'never'),
    );
    await redriveAll();
    expect(items<Group>(await list('?groupBy=reason,model'))).toMatchObject([{ model: 'never', count: count / 100 }]);
    expect(await ledger.on('GET', '/accounts/a')).toMatchObject({ body: { receivable: String(2 * ofModel) } });
  });

  it('that nothing mends are passed over by whoever redrives all, and offered to whoever names their reason', async () => {
    await ledger.use('a', 'same');
    await ledger.charged('a', 'same');
    await ledger.use('a', 'same', { units: { requests: 7 } });
    await listed(1, '?reason=id_conflict');
    expect(await post('redrive')).toMatchObject({ status: 202, body: { offered: 0, passedOver: 1, next: null } });
    expect(await post('redrive', { reason: 'id_conflict' })).toMatchObject({ body: { offered: 1, passedOver: 0 } });
    expect(await post('redrive', { colour: 'red' })).toMatchObject({ status: 422 });
    expect(await post('redrive', { model: 'gpt' })).toMatchObject({ status: 422 });
  });

  it('that are too old are passed over', async () => {
    await ledger.use('a', 'u1', { model: 'later' }, 30 * 86_400_000);
    await listed(1);
    ledger.clock.aheadMs = 6 * 86_400_000;
    expect(await post('redrive')).toMatchObject({ status: 202, body: { offered: 0, passedOver: 1, waiting: 1 } });
  });
});
