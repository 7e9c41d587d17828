import { eventually, request, type Answer } from '../support/client';
import { plainRulebook, usageEvent } from '../support/plain-platform';
import type { StandaloneProcess } from '../support/standalone-process';

/** Rules with a promotion, so that every topic and every read model has something to do. */
const platform = 'matrix';
const rulebook = {
  ...plainRulebook(platform),
  tiers: [
    { id: 'default', rank: 1 },
    { id: 'vip', rank: 2 },
  ],
  promotion: [{ tier: 'vip', anyOf: [{ anyRecharge: true }] }],
};
const accounts = ['a', 'b', 'c', 'd', 'e', 'f'];
const rechargeAmount = 1_000;
/** How long a process may take to have caught up. */
const withinMs = 30_000;

/** What was answered with success and has to be in the books, whatever happened to the files. */
export class BooksAtWork {
  private rounds = 0;
  private charged = 0;
  private letters = 0;

  /** The same history under way on a copy of the files. */
  copy(): BooksAtWork {
    return Object.assign(new BooksAtWork(), this);
  }

  async begin({ url }: StandaloneProcess): Promise<void> {
    await send(url, 'PUT', `/v1/platforms/${platform}/rulebook`, rulebook, 201);
  }

  /** A recharge and a usage for every account, and a usage that becomes a dead letter. */
  async work({ url }: StandaloneProcess): Promise<void> {
    const round = ++this.rounds;
    const body = { rechargeId: `r${round}`, provider: 'manual', amount: String(rechargeAmount), currency: 'USD' };
    await Promise.all(
      accounts.map((account) =>
        send(url, 'POST', `/v1/platforms/${platform}/accounts/${account}/recharges`, body, 201),
      ),
    );
    const time = new Date().toISOString();
    const usage = (id: string, subject: string, model: string): object =>
      usageEvent({ platform, id, subject, time, model });
    const events = accounts.map((account) => usage(`u${round}`, account, 'm'));
    await send(url, 'POST', '/v1/usage', [...events, usage(`x${round}`, 'a', 'unheard-of')], 202);
    this.charged += 1;
    this.letters += 1;
  }

  /** Waits until every read says what was answered, and proves the books. */
  async prove({ url }: StandaloneProcess): Promise<void> {
    const wallet = String(rechargeAmount * this.rounds - this.charged);
    for (const account of accounts) {
      const path = `/v1/platforms/${platform}/accounts/${account}`;
      await eventually(
        () => request(url, 'GET', path),
        ({ body }) => body['wallet'] === wallet && body['tier'] === 'vip',
        withinMs,
      );
      const count = String(this.rounds);
      await eventually(
        () => request(url, 'GET', `${path}/tier`),
        ({ body }) => JSON.stringify(body).includes(`"recharges":${count},`),
        withinMs,
      );
    }
    await eventually(
      () => request(url, 'GET', `/v1/dead-letters?platform=${platform}`),
      ({ body }) => (body['items'] as unknown[] | undefined)?.length === this.letters,
      withinMs,
    );
    await eventually(
      () => request(url, 'GET', '/health/ready'),
      ({ status }) => status === 200,
      withinMs,
    );
    const cash = String(rechargeAmount * this.rounds * accounts.length);
    await eventually(
      () => request(url, 'GET', `/v1/platforms/${platform}/finance/trial-balance`),
      (answer) => isSettled(answer, cash),
      withinMs,
    );
    const verified = await request(url, 'POST', '/v1/verify', {});
    if (verified.body['ok'] !== true) throw new Error(`not proved: ${JSON.stringify(verified.body)}`);
  }
}

function isSettled({ body }: Answer, cash: string): boolean {
  const text = JSON.stringify(body);
  return body['final'] === true && text.includes(`"${cash}"`);
}

async function send(url: string, method: string, path: string, body: unknown, status: number): Promise<void> {
  const answer = await request(url, method, path, body);
  if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
}
