import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, request, type Answer } from '../support/client';
import { plainRulebook, usageEvent } from '../support/plain-platform';
import { StandaloneProcess } from '../support/standalone-process';

const platform = 'subscribers';
const subscribers = 12;
const kills = 20;
/** Who sends usage at the same time, and how much in one request. */
const senders = 3;
const batch = 10;
/** The longest a process lives before it is killed, and the latest that it must have caught up after the last start. */
const longestLifeMs = 900;
const caughtUpWithinMs = 60_000;

/** Fees and full pools, as the books have to add them up. */
const plans = [
  { id: 'small', price: '10', baseCredits: '100', bonus: '0', backup: '1', periodDays: 30 },
  { id: 'big', price: '25', baseCredits: '300', bonus: '0', backup: '2', periodDays: 30 },
];
const bought: Readonly<Record<string, { readonly fee: number; readonly credits: number }>> = {
  small: { fee: 10, credits: 200 },
  big: { fee: 25, credits: 900 },
};
const rulebook = {
  ...plainRulebook(platform),
  creditsPerUnit: '100',
  plans,
  renewal: { main: 'refill', backup: 'refill' },
};

/** Park and Miller's generator: a run can be repeated with its seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** A customer who pays again and again, and sends what was not answered again until it is. */
class Subscriber {
  private payments = 0;
  private plan = 'small';
  fees = 0;
  credits = 0;

  constructor(
    private readonly path: string,
    private readonly random: () => number,
  ) {}

  /** Pays once; throws where the process dies, and pays the same again the next time. */
  async pay(url: string): Promise<void> {
    const { route, plan, body } = this.payment();
    const answer = await request(url, 'POST', this.path + route, body);
    if (answer.status === 503) return;
    if (answer.status > 201) throw new Refused(answer);
    this.payments++;
    this.plan = plan;
    this.fees += bought[plan]?.fee ?? 0;
    this.credits += bought[plan]?.credits ?? 0;
    this.next = undefined;
  }

  private next: ReturnType<Subscriber['chosen']> | undefined;

  private payment(): ReturnType<Subscriber['chosen']> {
    return (this.next ??= this.chosen());
  }

  private chosen() {
    const paid = { paymentRef: `p${this.payments}`, provider: 'manual' };
    if (this.payments === 0) return { route: '', plan: 'small', body: { ...paid, plan: 'small', kind: 'auto-renew' } };
    if (this.random() < 0.5) return { route: '/renewals', plan: this.plan, body: paid };
    const plan = this.plan === 'small' ? 'big' : 'small';
    return { route: '/switch', plan, body: { ...paid, plan } };
  }
}

/** A gateway that sends each batch again until it is answered. */
class Sender {
  private batches = 0;
  private next: readonly object[] | undefined;
  sent = 0;

  constructor(private readonly name: string) {}

  async send(url: string): Promise<void> {
    const time = new Date().toISOString();
    this.next ??= Array.from({ length: batch }, (_, i) => {
      const subject = `a${(this.batches + i) % subscribers}`;
      return usageEvent({ platform, id: `${this.name}-${this.batches}-${i}`, subject, time });
    });
    const answer = await request(url, 'POST', '/v1/usage', this.next);
    if (answer.status === 503) return;
    if (answer.status !== 202) throw new Refused(answer);
    this.sent += this.next.length;
    this.batches++;
    this.next = undefined;
  }
}

class Refused extends Error {
  constructor({ status, body }: Answer) {
    super(`${status} ${JSON.stringify(body)}`);
  }
}

describe('a process that is killed while subscriptions are paid', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-subscribers-'));
  const seed = Date.now() % 2_147_483_647;
  const random = seeded(seed);
  let running: StandaloneProcess;
  // Where the test has failed the process still runs, and whoever started it would wait for it for ever.
  afterAll(async () => {
    await running.kill();
    rmSync(directory, { recursive: true, force: true });
  });

  it(
    `has taken every payment once, and issued its pools once (${kills} times)`,
    async () => {
      running = await StandaloneProcess.start(directory);
      expect((await request(running.url, 'PUT', `/v1/platforms/${platform}/rulebook`, rulebook)).status).toBe(201);
      const all: Subscriber[] = [];
      for (let n = 0; n < subscribers; n++) {
        const account = { account: `a${n}` };
        expect((await request(running.url, 'POST', `/v1/platforms/${platform}/accounts`, account)).status).toBe(201);
        all.push(new Subscriber(`/v1/platforms/${platform}/accounts/a${n}/subscription`, random));
      }
      const gateways = Array.from({ length: senders }, (_, n) => new Sender(`g${n}`));
      for (let killed = 0; killed < kills; killed++) {
        const { url } = running;
        const flows = all.map((subscriber) => untilKilled(() => subscriber.pay(url)));
        const usage = gateways.map((gateway) => untilKilled(() => gateway.send(url)));
        await new Promise((resolve) => setTimeout(resolve, random() * longestLifeMs));
        await running.kill();
        await Promise.all([...flows, ...usage]);
        running = await StandaloneProcess.start(directory);
      }
      // Each sends what it was not answered once more, so that all that may have been taken is known to be.
      for (const subscriber of all) await subscriber.pay(running.url);
      for (const gateway of gateways) await gateway.send(running.url);
      const used = gateways.reduce((sum, { sent }) => sum + sent, 0);

      const fees = all.reduce((sum, subscriber) => sum + subscriber.fees, 0);
      const credits = all.reduce((sum, subscriber) => sum + subscriber.credits, 0);
      const balance = await eventually(
        () => request(running.url, 'GET', `/v1/platforms/${platform}/finance/trial-balance`),
        ({ body }) => balanceOf(body, 'assets:cash:manual') === String(fees) && chargedIn(body) === used,
        caughtUpWithinMs,
      );
      expect(balanceOf(balance.body, 'pools:issued')).toBe(String(credits));
      for (const total of balance.body['totals'] as { balance: string }[]) expect(total.balance).toBe('0');
      const verified = await request(running.url, 'POST', '/v1/verify', {});
      expect(verified.body).toMatchObject({ ok: true, faults: [] });
      expect(await running.stop()).toBe(0);
      console.info(`seed ${seed}: ${fees} in fees, ${used} usages, killed ${kills} times`);
    },
    20 * 60_000,
  );
});

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

/** Requests of one dollar, or of a hundred credits, that were charged. */
function chargedIn(body: Answer['body']): number {
  return Number(balanceOf(body, 'pools:consumed') ?? 0) / -100 - Number(balanceOf(body, 'revenue:usage') ?? 0);
}

function balanceOf(body: Answer['body'], ledgerAccount: string): string | undefined {
  const lines = body['lines'] as { readonly ledgerAccount: string; readonly balance: string }[] | undefined;
  return lines?.find((line) => line.ledgerAccount === ledgerAccount)?.balance;
}
