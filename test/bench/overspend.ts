import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '@meterbook/runtime/sqlite';
import { plainRulebook } from '../support/plain-platform';
import { StandaloneProcess } from '../support/standalone-process';

const entryFile = join(__dirname, '../../apps/standalone/src/main.js');
const platform = 'spenders';
const customers = Number(process.env['BENCH_CUSTOMERS'] ?? 250);
/** Each customer comes so often with so many requests at once. */
const bursts = 3;
const atOnce = 20;
/** What a customer has, and what an answer as long as it was estimated costs, in millionths. */
const money = 50_000;
const perToken = 5;
const estimatedTokens = 1_000;
/** How long an upstream takes at least and at most, milliseconds. */
const servedWithinMs = [50, 500] as const;
/** How long a customer waits for the question to be answered, and a gateway for one try of it. */
const patienceMs = 10_000;
const tryMs = 2_000;
const pauseMs = 200;
/** Between two tries of the same the pause grows up to this. */
const longestPauseMs = 3_000;
/** How long the run goes on beside the time that the store is away, milliseconds. */
const aroundMs = 30_000;
const settledWithinMs = 300_000;

export interface Overspend {
  /** Requests that were let through, refused for want of money, and refused since nobody answered in time. */
  readonly granted: number;
  readonly denied: number;
  readonly unanswered: number;
  /** What all that was served cost, and what of it nobody has paid, in the wallet's currency. */
  readonly served: number;
  readonly beyond: number;
  /** The second of the two as a part of the first. */
  readonly share: number;
}

/** How many tokens an answer comes to, by chance (0 to 1). */
type Answers = (chance: number) => number;

export const answersThatHold: Answers = (chance) => Math.ceil(chance * estimatedTokens);
export const answersTenTimesAsLong: Answers = () => estimatedTokens * 10;
/** One in ten is ten times as long as it was estimated. */
export const answersMostlyThatHold: Answers = (chance) =>
  chance < 0.1 ? estimatedTokens * 10 : answersThatHold(chance);

/**
 * Customers who come all at once to a gateway that authorizes, serves and reports, while the store takes nothing for a while and the
 * process is killed twice: what of all that was served had no money behind it.
 */
export async function overspend(answers: Answers, awayMs: number, tell: (line: string) => void): Promise<Overspend> {
  const folder = mkdtempSync(join(tmpdir(), 'meterbook-overspend-'));
  const rig = new Rig(folder, answers);
  try {
    await rig.start();
    await rig.open();
    tell(`${customers} customers have ${money / 1e6} each`);
    const stop = new AbortController();
    const reporting = rig.report(stop.signal);
    await Promise.all([rig.come(awayMs + aroundMs), disturb(rig, folder, awayMs, tell)]);
    tell('everybody came; the rest is reported');
    const settled = await rig.settled();
    stop.abort();
    await reporting;
    return settled;
  } finally {
    await rig.standalone?.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function disturb(rig: Rig, folder: string, awayMs: number, tell: (line: string) => void): Promise<void> {
  await sleep(aroundMs / 4);
  await rig.restart();
  tell('killed and started again');
  await sleep(aroundMs / 4);
  // Whoever has the turn keeps every writer out.
  const turn = openDatabase(join(folder, 'store', 'turn.db'), { timeout: tryMs });
  turn.exec('BEGIN IMMEDIATE');
  tell(`the store takes nothing for ${awayMs / 1000} s`);
  await sleep(awayMs);
  turn.exec('ROLLBACK');
  turn.close();
  tell('the store takes something again');
  await sleep(aroundMs / 4);
  await rig.restart();
  tell('killed and started again');
}

interface Served {
  readonly customer: number;
  readonly tokens: number;
  readonly event: object;
}

/** The gateway and its customers. */
class Rig {
  standalone: StandaloneProcess | undefined;
  private readonly unreported: Served[] = [];
  private readonly spent = new Array<number>(customers).fill(0);
  private granted = 0;
  private denied = 0;
  private unanswered = 0;

  constructor(
    private readonly folder: string,
    private readonly answers: Answers,
  ) {}

  async start(): Promise<void> {
    this.standalone = await StandaloneProcess.start(this.folder, {}, { entryFile, quiet: true });
  }

  /** As a power cut would. */
  async restart(): Promise<void> {
    await this.standalone?.kill();
    await this.start();
  }

  async open(): Promise<void> {
    const price = { mode: 'token', per: 1_000_000, input: '0', output: String(perToken) };
    const models = [{ id: 'm', group: 'default', price }];
    await this.send('PUT', `/v1/platforms/${platform}/rulebook`, { ...plainRulebook(platform), models });
    for (let n = 0; n < customers; n++) {
      const recharge = { rechargeId: 'r', provider: 'manual', amount: String(money / 1e6), currency: 'USD' };
      await this.send('POST', `${accountOf(n)}/recharges`, recharge);
    }
  }

  /** Every customer comes some times within a while. */
  async come(withinMs: number): Promise<void> {
    const comings = Array.from({ length: customers * bursts }, async (_, i) => {
      await sleep(Math.random() * withinMs);
      await Promise.all(Array.from({ length: atOnce }, (_each, n) => this.serve(i % customers, `${i}-${n}`)));
    });
    await Promise.all(comings);
  }

  /** Sends what was served until it is accepted, as a gateway does that has written it down. */
  async report(signal: AbortSignal): Promise<void> {
    while (!signal.aborted || this.unreported.length > 0) {
      const batch = this.unreported.slice(0, 100);
      const answer =
        batch.length === 0
          ? undefined
          : await this.ask(
              'POST',
              '/v1/usage',
              batch.map(({ event }) => event),
            );
      if (answer?.status === 202) this.unreported.splice(0, batch.length);
      else await sleep(pauseMs);
    }
  }

  /** Waits until all is charged, and adds up. Throws where the ledger comes to another sum than the gateway. */
  async settled(): Promise<Overspend> {
    const served = sum(this.spent);
    const beyond = sum(this.spent.map((spent) => Math.max(0, spent - money)));
    const deadline = Date.now() + settledWithinMs;
    for (;;) {
      const views = await Promise.all(this.spent.map((_, n) => this.look(n)));
      const charged = sum(views.map(({ wallet, receivable }) => money - wallet + receivable));
      if (charged === served) {
        const owed = sum(views.map(({ receivable }) => receivable));
        if (owed !== beyond) throw new Error(`the ledger says ${owed} are owed, the gateway ${beyond}`);
        const { granted, denied, unanswered } = this;
        return { granted, denied, unanswered, served: served / 1e6, beyond: beyond / 1e6, share: beyond / served };
      }
      if (Date.now() > deadline) throw new Error(`${charged} of ${served} were charged`);
      await sleep(pauseMs);
    }
  }

  private async serve(customer: number, requestId: string): Promise<void> {
    const asked = { requestId, model: 'm', units: { outputTokens: estimatedTokens } };
    const answer = await this.send('POST', `${accountOf(customer)}/authorizations`, asked, Date.now() + patienceMs);
    if (answer === undefined) this.unanswered += 1;
    else if (answer.status === 402) this.denied += 1;
    else {
      const { authorizationId } = (await answer.json()) as { authorizationId: string };
      this.granted += 1;
      const [least, most] = servedWithinMs;
      await sleep(least + Math.random() * (most - least));
      const tokens = this.answers(Math.random());
      this.spent[customer] = (this.spent[customer] ?? 0) + tokens * perToken;
      this.unreported.push({ customer, tokens, event: usageOf(customer, requestId, authorizationId, tokens) });
    }
  }

  private async look(n: number): Promise<{ readonly wallet: number; readonly receivable: number }> {
    const answer = await this.send('GET', accountOf(n));
    const view = (await answer?.json()) as { wallet: string; receivable: string };
    return { wallet: Math.round(Number(view.wallet) * 1e6), receivable: Math.round(Number(view.receivable) * 1e6) };
  }

  /** Sends the same until it is answered with something that trying again does not change; undefined where that took too long. */
  private async send(method: string, path: string, body?: object, until = Infinity): Promise<Response | undefined> {
    for (let pause = pauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
      const answer = await this.ask(method, path, body);
      // A machine that is starved may not have read a request in time.
      if (answer !== undefined && answer.status !== 503 && answer.status !== 408) {
        if (answer.ok || answer.status === 402) return answer;
        throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      }
      if (Date.now() > until) return undefined;
      await sleep(pause * (0.5 + Math.random()));
    }
  }

  private ask(method: string, path: string, body?: object): Promise<Response | undefined> {
    return fetch(`${this.standalone?.url}${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(tryMs),
    }).catch(() => undefined);
  }
}

function accountOf(customer: number): string {
  return `/v1/platforms/${platform}/accounts/c${customer}`;
}

function usageOf(customer: number, id: string, authorizationId: string, outputTokens: number): object {
  return {
    ...{ specversion: '1.0', type: 'usage.recorded', source: 'gateway', id, time: new Date().toISOString() },
    ...{ platform, subject: `c${customer}` },
    data: { model: 'm', authorizationId, units: { outputTokens } },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
