import { readFileSync, rmSync } from 'node:fs';
import { encodeEvent } from '@meterbook/books/event-codec';
import { accountStream } from '@meterbook/books/account-stream';
import { ProjectionControl } from '@meterbook/finance/projections/projection-control';
import { openToRead } from '@meterbook/finance/projections/projection-file';
import { StoredLines } from '@meterbook/finance/projections/trial-balance/read-lines';
import { chainStart } from '@meterbook/event-store/hash-chain';
import type { Engines } from '@meterbook/host/engines/engines';
import { folders } from '@meterbook/host/engines/folders';
import type { HostedLoop } from '@meterbook/host/loops/hosted-loops';
import { loopTable, threadsBesideHttp } from '@meterbook/host/loops/loop-table';
import { TOPICS } from '@meterbook/messages/topic-table';
import { EveryLoop, loopsDeadlineMs } from './testing/every-loop';
import { failingEngines, type Strike } from './testing/failing-engines';

const platform = 'shop';
const accounts = ['a0', 'a1', 'a2', 'a3'];
const rulebook = {
  platform,
  currency: 'CNY',
  effectiveFrom: '2020-01-01T00:00:00.000Z',
  tiers: [
    { id: 'default', rank: 1 },
    { id: 'vip', rank: 2 },
  ],
  promotion: [{ tier: 'vip', anyOf: [{ anyRecharge: true }] }],
  groups: [{ id: 'default', models: ['*'] }],
  providers: { manual: {} },
  models: [{ id: 'gpt', group: 'default', price: { mode: 'request', unit: '1' } }],
};
/** Which calls of an engine fail, counted from 1: the gaps grow, so that whatever has to come through at once does in the end. */
const failingCalls: ReadonlySet<number> = new Set([1, 2, 4, 7, 11, 16, 22, 29, 37]);

interface Trial {
  readonly books: EveryLoop;
  readonly failures: ReadonlyMap<string, unknown[]>;
}

/** Runs every loop until nothing is left to do. One that fails is started again, as the same instance or, as after a restart, a new one. */
async function run(books: EveryLoop, failing?: { name: string; strike: Strike; anew: boolean }): Promise<Trial> {
  const stop = new AbortController();
  const failures = new Map<string, unknown[]>(loopTable.map(({ name }) => [name, []]));
  const current = new Map(books.hosted());
  const engines = failing ? failingEngines(books.engines, failing.strike) : books.engines;
  const anew = (name: string): HostedLoop => {
    const loop = books.hosted(failing?.name === name ? engines : books.engines).get(name);
    if (!loop) throw new Error(`nobody hosts ${name}`);
    current.set(name, loop);
    return loop;
  };
  const runs = loopTable.map(async ({ name }) => {
    let loop = anew(name);
    while (!stop.signal.aborted)
      try {
        await loop.run(stop.signal);
      } catch (error) {
        failures.get(name)?.push(error);
        if (failing?.anew === true) loop = anew(name);
      }
  });
  try {
    await books.settled(() => current.values());
    await sendLater(books);
    await books.settled(() => current.values());
  } finally {
    stop.abort();
    await Promise.all(runs);
  }
  return { books, failures };
}

/** What the loops have made of the books, without what depends on when they did. */
async function outcomeOf(books: EveryLoop): Promise<object> {
  const made = await Promise.all(
    accounts.map(async (account) => {
      const at = `/v1/platforms/${platform}/accounts/${account}`;
      const { charges } = (await books.ask(`${at}/charges`)) as { charges: Record<string, unknown>[] };
      const { balances, tier } = await books.ask(at);
      return {
        balances,
        tier,
        promoted: await books.ask(`${at}/tier`),
        charges: charges.map(({ id, amount, draws }) => [id, amount, draws]),
        keyOf: await accountOf(books, secrets.get(account)),
      };
    }),
  );
  const { items } = (await books.ask('/v1/dead-letters')) as { items: { id: string; reason: string }[] };
  return {
    made,
    deadLetters: items.map(({ id, reason }) => `${id} ${reason}`).sort(),
    lines: linesOf(books),
    unrelayed: await unrelayedOf(books),
  };
}

/** The account that a key's secret leads to. */
async function accountOf(books: EveryLoop, secret = ''): Promise<unknown> {
  const headers = { authorization: `Bearer ${secret}` };
  const answer = await books.app.inject({ method: 'GET', url: '/api/auth/me', headers });
  return answer.json<{ account?: string }>().account;
}

function linesOf({ configuration }: EveryLoop): unknown {
  const control = ProjectionControl.shared(folders(configuration).finance);
  const database = openToRead(control.livePath('trial-balance') ?? '');
  const lines = [...new StoredLines(database, platform, null).lines('lines')];
  database.close();
  control.close();
  return lines;
}

/** The events of accounts that are in the store and not on the topic, or the other way round. */
async function unrelayedOf({ engines: { store, topics } }: EveryLoop): Promise<string[]> {
  const waiting = (await topics.lag('spec', [TOPICS.entries])).reduce((sum, { lag }) => sum + lag, 0);
  const found = new Set<string>();
  const stop = new AbortController();
  let seen = 0;
  const read = async ({ records }: { records: readonly { headers: Readonly<Record<string, string>> }[] }) => {
    for (const { headers } of records) found.add(`${headers['stream']} ${headers['revision']} ${headers['type']}`);
    seen += records.length;
    if (seen >= waiting) stop.abort();
  };
  await topics.consume('spec', [TOPICS.entries], read, stop.signal);
  const stored = new Set<string>();
  for (const account of accounts)
    for await (const { stream, revision, type } of store.read(accountStream({ platform, account }), 'start', 'forward'))
      stored.add(`${stream} ${revision} ${type}`);
  return [...found, ...stored].filter((event) => !found.has(event) || !stored.has(event));
}

const recharge = (books: EveryLoop, account: string, rechargeId: string, amount: string): Promise<void> => {
  const body = { rechargeId, provider: 'manual', amount, currency: 'CNY' };
  return books.send('POST', `/v1/platforms/${platform}/accounts/${account}/recharges`, body);
};
const usage = (account: string, id: string, model: string): object => ({
  specversion: '1.0',
  type: 'usage.recorded',
  source: 'gw',
  id,
  time: new Date(Date.now() - 60_000).toISOString(),
  platform,
  subject: account,
  data: { model, units: {} },
});

/** Of the keys that were issued last, by account. */
const secrets = new Map<string, string>();

/** Issues a key, and remembers its secret. One that had been issued although the answer was lost shows no secret again, so each try has an id of its own. */
async function issueKey(books: EveryLoop, account: string): Promise<void> {
  const keyId = `key-${(issued += 1)}`;
  const url = `/v1/platforms/${platform}/accounts/${account}/keys`;
  const answer = await books.app.inject({ method: 'POST', url, payload: { keyId } });
  if (answer.statusCode !== 201) throw new Error(`${answer.statusCode} ${answer.body}`);
  secrets.set(account, answer.json<{ secret: string }>().secret);
}
let issued = 0;

/** What comes once every loop has done what there was: one that has lost its place, or says that it has none, shows then. */
async function sendLater(books: EveryLoop): Promise<void> {
  for (const account of accounts) {
    await books.insist(() => recharge(books, account, 'r2', '2'));
    await books.insist(() => issueKey(books, account));
  }
  await books.insist(() =>
    books.send(
      'POST',
      '/v1/usage',
      accounts.map((account) => usage(account, 'later', 'gpt')),
    ),
  );
}

async function writeBooks(): Promise<EveryLoop> {
  const books = await EveryLoop.open();
  await books.send('PUT', `/v1/platforms/${platform}/rulebook`, rulebook);
  for (const account of accounts) {
    await books.send('POST', `/v1/platforms/${platform}/accounts`, { account });
    await recharge(books, account, 'r1', '5');
  }
  for (let round = 0; round < 8; round++)
    await books.send(
      'POST',
      '/v1/usage',
      [...accounts, 'broken'].map((account) => usage(account, `u${round}`, round === 3 ? 'nope' : 'gpt')),
    );
  return books;
}

describe('every loop', () => {
  let written: string;
  let expected: object;
  const trial = async (
    prepare: (books: EveryLoop) => Promise<Trial>,
    seenBy?: (engines: Engines) => Engines,
  ): Promise<Trial & { outcome: object }> => {
    const books = await EveryLoop.open(written, seenBy);
    try {
      const done = await prepare(books);
      return { ...done, outcome: await outcomeOf(books) };
    } finally {
      await books.close();
    }
  };

  beforeAll(async () => {
    const books = await writeBooks();
    await books.release();
    written = books.directory;
    expected = (await trial((whole) => run(whole))).outcome;
  }, loopsDeadlineMs);
  afterAll(() => rmSync(written, { recursive: true, force: true }));

  it('does something in these books', () => {
    expect(expected).toMatchObject({
      made: accounts.map((account) => ({
        tier: 'vip',
        // The promotion knows the first recharge, and only the fold of recharges knows the second.
        promoted: { tier: 'vip', recharges: 2, cumulativeRecharge: '7' },
        charges: { length: 8 },
        keyOf: account,
      })),
      deadLetters: { length: 12 },
      lines: expect.arrayContaining([
        expect.objectContaining({ ledgerAccount: 'liabilities:wallet:a0', commodity: 'CNY' }),
      ]) as unknown,
      unrelayed: [],
    });
  });

  it('is declared once, hosted as it is declared, and named where it is to be operated', async () => {
    const books = await EveryLoop.open(written);
    const hosted = [...books.hosted().values()].map(({ name, reads, thread }) => ({ name, reads, thread }));
    await books.close();
    const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
    expect(hosted.sort(byName)).toEqual(loopTable.toSorted(byName));
    expect([...threadsBesideHttp].sort()).toEqual(['charging', 'projecting', 'relaying', 'webhooks']);
    const operating = readFileSync('docs/operating.md', 'utf8');
    expect(loopTable.filter(({ name }) => !operating.includes(`\`${name}\``))).toEqual([]);
  });

  it.each(loopTable)(
    '$name ends soon when it is told to, be it before it has begun or in the middle',
    async ({ name }) => {
      const books = await EveryLoop.open(written);
      const loop = books.hosted().get(name);
      await loop?.run(AbortSignal.abort());
      const stop = new AbortController();
      const running = loop?.run(stop.signal);
      await books.engines.store.end();
      stop.abort();
      await running;
      await books.close();
    },
  );

  describe.each([
    ['goes on with the same instance', false],
    ['is started anew, as by another process', true],
  ])('that meets engines which fail in its middle, and %s,', (_how, anew) => {
    it.each(loopTable)('$name: nothing is lost or done twice', async ({ name, thread }) => {
      let calls = 0;
      let struck = 0;
      let settled = false;
      const strike = (): void => {
        calls += 1;
        if (settled || !failingCalls.has(calls)) return;
        struck += 1;
        throw new Error('the engine is away');
      };
      // The loop of the thread that answers requests is made of parts of the HTTP side.
      const seenBy = (engines: Engines): Engines => (thread === 'http' ? failingEngines(engines, strike) : engines);
      const { outcome } = await trial(async (books) => {
        const done = await run(books, { name, strike, anew });
        settled = true;
        return done;
      }, seenBy);
      expect(struck).toBeGreaterThan(2);
      expect(outcome).toEqual(expected);
    });
  });

  it('goes on without streams that are damaged, for everybody else as ever', async () => {
    const { failures, outcome } = await trial(async (books) => {
      const stream = accountStream({ platform, account: 'broken' });
      const event = encodeEvent(stream, 0, chainStart, { type: 'SomethingOfALaterRelease' }, {});
      await books.engines.store.append([{ stream, expectedRevision: 'no-stream', events: [event] }]);
      return run(books);
    });
    expect([...failures].filter(([, errors]) => errors.length > 0)).toEqual([]);
    const { made, lines } = expected as { made: unknown; lines: unknown };
    expect(outcome).toMatchObject({ made, lines });
  });
});
