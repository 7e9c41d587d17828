import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { busiestMinute, provenReservations, storedAccess } from '@meterbook/ledger/testing/proven-holds';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { eventually, request, type Answer } from '../support/client';
import { plainRulebook, usageEvent } from '../support/plain-platform';
import { StandaloneProcess } from '../support/standalone-process';

const platform = 'held';
/** Some have a limit, and all have little money. */
const accounts = ['free-1', 'free-2', 'limited-1', 'limited-2'];
const perMinute = 12;
const callersOfEach = 8;
const kills = 12;
/** The longest that a process lives before it is killed. */
const longestLifeMs = 1_200;
const rulebook = { ...plainRulebook(platform), holds: { expireAfterSeconds: 86_400 } };
const pathOf = (account: string): string => `/v1/platforms/${platform}/accounts/${account}`;

/** What a gateway knows of one request. */
interface Granted {
  readonly account: string;
  readonly body: object;
  readonly authorizationId: string;
}

describe('a process that is killed while access is asked for', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-held-'));
  let running: StandaloneProcess;
  // Where the test has failed the process still runs, and whoever started it would wait for it for ever.
  afterAll(async () => {
    await running.kill();
    rmSync(directory, { recursive: true, force: true });
  });

  const granted: Granted[] = [];
  const used: object[] = [];
  const released = new Set<string>();
  let asked = 0;
  let paid = 0;

  /** One request of a customer; what was granted is used, given up, or left as it is. It throws where the process dies. */
  async function serve(url: string, account: string): Promise<void> {
    const body = { requestId: `q${(asked += 1)}`, model: 'm', hold: true };
    const answer = await request(url, 'POST', `${pathOf(account)}/authorizations`, body);
    if (answer.status !== 201) {
      expectRefusal(answer);
      return;
    }
    const authorizationId = String(answer.body['authorizationId']);
    granted.push({ account, body, authorizationId });
    const fate = granted.length % 3;
    if (fate === 0) {
      const time = new Date().toISOString();
      const event = { ...usageEvent({ platform, id: body.requestId, subject: account, time }) } as { data: object };
      event.data = { ...event.data, authorizationId };
      used.push(event);
      await request(url, 'POST', '/v1/usage', event);
    } else if (fate === 1) {
      released.add(authorizationId);
      await request(url, 'DELETE', `${pathOf(account)}/authorizations/${authorizationId}`);
    }
  }

  it(
    `never reserved more than there was, nor let more through than a limit allows, and forgot nothing (${kills} times)`,
    async () => {
      running = await StandaloneProcess.start(directory);
      expect((await request(running.url, 'PUT', `/v1/platforms/${platform}/rulebook`, rulebook)).status).toBe(201);
      for (const account of accounts) await recharge(running.url, account, 'r');
      for (const account of accounts.slice(2))
        await request(running.url, 'PATCH', pathOf(account), { limits: { requestsPerMinute: perMinute } });
      for (let killed = 0; killed < kills; killed++) {
        const { url } = running;
        const flows = accounts.flatMap((account) =>
          Array.from({ length: callersOfEach }, () => untilKilled(() => serve(url, account))),
        );
        const paying = untilKilled(async () => {
          paid += 1;
          await recharge(url, accounts[paid % accounts.length] ?? '', `r${paid}`);
          await new Promise((resolve) => setTimeout(resolve, 50));
        });
        await new Promise((resolve) => setTimeout(resolve, (0.2 + 0.8 * Math.random()) * longestLifeMs));
        await running.kill();
        await Promise.all([...flows, paying]);
        running = await StandaloneProcess.start(directory);
      }
      // What was granted is known: the same is answered the same. What may not have arrived is sent again.
      for (const { account, body, authorizationId } of granted) {
        const again = await request(running.url, 'POST', `${pathOf(account)}/authorizations`, body);
        expect([again.status, again.body['authorizationId']]).toEqual([200, authorizationId]);
        if (!released.has(authorizationId)) continue;
        const path = `${pathOf(account)}/authorizations/${authorizationId}`;
        expect((await request(running.url, 'DELETE', path)).status).toBe(204);
      }
      for (const event of used) expect((await request(running.url, 'POST', '/v1/usage', event)).status).toBe(202);
      expect(Math.min(granted.length, used.length, released.size)).toBeGreaterThan(0);

      const store = new EmbeddedEventStore(join(directory, 'store'), new SystemClock());
      for (const account of accounts) {
        const ofIt = used.filter((event) => (event as { subject: string }).subject === account).length;
        await eventually(
          () => request(running.url, 'GET', `${pathOf(account)}/charges?limit=1000`),
          ({ body }) => (body['charges'] as unknown[]).length === ofIt,
        );
        const { body } = await request(running.url, 'GET', pathOf(account));
        const stored = await storedAccess(store, { platform, account });
        // Every answer was as long as it was estimated, so nobody owes anything.
        expect([body['receivable'], body['held']]).toEqual(['0', String(provenReservations(stored))]);
        if (account.startsWith('limited')) expect(busiestMinute(stored)).toBeLessThanOrEqual(perMinute);
      }
      await store.close();
      const verified = await request(running.url, 'POST', '/v1/verify', {});
      expect(verified.body).toMatchObject({ ok: true, faults: [] });
      console.info(`${asked} asked, ${granted.length} granted, ${used.length} used, ${released.size} given up`);
    },
    20 * 60_000,
  );
});

function expectRefusal({ status, body }: Answer): void {
  if (![402, 429, 503].includes(status)) throw new Refused(`${status} ${JSON.stringify(body)}`);
}

/** An answer that nobody should get. */
class Refused extends Error {}

async function recharge(url: string, account: string, rechargeId: string): Promise<void> {
  const body = { rechargeId, provider: 'manual', amount: '10', currency: 'USD' };
  const { status } = await request(url, 'POST', `${pathOf(account)}/recharges`, body);
  if (status > 201 && status !== 503) throw new Refused(`recharge ${status}`);
}

/** Does something over and over until the process is gone. A refusal is no such end. */
async function untilKilled(act: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await act();
    } catch (error) {
      if (error instanceof Refused) throw error;
      return;
    }
  }
}
