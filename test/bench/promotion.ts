import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { StandaloneProcess } from '../support/standalone-process';
import { accountName, openAccounts, platform, usageJson } from './books';
import { publish } from './parts';

const entry = join(__dirname, '../../apps/standalone/src/main.js');
const rechargesPerSecond = 50;
/** How often is looked whether a promotion has come through, milliseconds: what is measured is too large by up to as much. */
const lookEveryMs = 20;
/** A promotion that takes longer has not come through, milliseconds. */
const lostAfterMs = 30_000;
const usageBatch = 500;
const connections = 8;
/** How long usage is sent as fast as it is taken, to know the full rate, milliseconds. */
const fullRateMs = 5_000;
/** Accounts that usage is spread over, beside those that are promoted. */
const usageAccounts = 10_000;
/** More than the rulebook asks for. */
const promotingAmount = '1000000';

type Row = (what: string, figure: string) => void;

function progress(line: string): void {
  console.error(`  … ${line}`);
}

/** Usage in batches; once told to end, how many were taken a second. */
class UsageFlow {
  private begun = 0;
  private taken = 0;
  private stopped = false;

  constructor(
    private readonly url: string,
    private readonly firstId: number,
  ) {}

  stop(): void {
    this.stopped = true;
  }

  /** As fast as it is taken, or so many a second. */
  async run(perSecond = Infinity): Promise<number> {
    const startedMs = performance.now();
    await Promise.all(Array.from({ length: connections }, () => this.send(startedMs, perSecond)));
    return this.taken / ((performance.now() - startedMs) / 1000);
  }

  private async send(startedMs: number, perSecond: number): Promise<void> {
    while (!this.stopped) {
      const first = this.begun;
      this.begun += usageBatch;
      const dueMs = startedMs + (first / perSecond) * 1000;
      if (dueMs > performance.now()) await sleep(dueMs - performance.now());
      const time = new Date().toISOString();
      const events = Array.from({ length: usageBatch }, (_, i) =>
        usageJson(this.firstId + first + i, Math.floor(Math.random() * usageAccounts), time),
      );
      const { status } = await post(this.url, '/v1/usage', `[${events.join(',')}]`);
      if (status === 202) this.taken += usageBatch;
      else await sleep(50);
    }
  }
}

/** How long after the answer to its recharge each promotion is seen: at 50 a second beside usage at half the rate that is taken. */
export async function benchPromotion(row: Row): Promise<void> {
  const recharges = Number(process.env['BENCH_RECHARGES'] ?? 1_000);
  const folder = mkdtempSync(join(tmpdir(), 'meterbook-bench-'));
  const store = new EmbeddedEventStore(join(folder, 'store'), new SystemClock());
  await publish(store);
  await openAccounts(store, usageAccounts + recharges);
  await store.close();
  const standalone = await StandaloneProcess.start(folder, {}, { entryFile: entry });
  try {
    const { url } = standalone;
    const full = new UsageFlow(url, 0);
    setTimeout(() => full.stop(), fullRateMs);
    const fullRate = await full.run();
    await caughtUp(url);
    progress(`usage is taken at ${fullRate.toFixed(0)} a second, and charged`);
    const half = new UsageFlow(url, 1e9);
    const flowing = half.run(fullRate / 2);
    const seen = await promoteAll(url, recharges);
    half.stop();
    progress('every promotion was seen');
    row(
      'usage beside it, events per second (taken at full rate)',
      `${(await flowing).toFixed(0)} (${fullRate.toFixed(0)})`,
    );
    tell(
      row,
      'promotion in the account view',
      seen.map(({ viewMs }) => viewMs),
    );
    tell(
      row,
      'promotion in an authorization',
      seen.map(({ authorizationMs }) => authorizationMs),
    );
    await caughtUp(url);
    row('usage sent once the view showed it, charged by another tier', String(await chargedByOthers(url, recharges)));
  } finally {
    await standalone.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function tell(row: Row, what: string, ms: number[]): void {
  const sorted = ms.sort((a, b) => a - b);
  const quantile = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(0);
  row(`${what}: p50, p99, largest, ms`, `${quantile(0.5)}, ${quantile(0.99)}, ${quantile(1)}`);
}

interface Seen {
  readonly viewMs: number;
  readonly authorizationMs: number;
}

const pathOf = (account: number): string => `/v1/platforms/${platform}/accounts/${accountName(account)}`;

async function promoteAll(url: string, recharges: number): Promise<Seen[]> {
  const startedMs = performance.now();
  const running: Promise<Seen>[] = [];
  for (let number = 0; number < recharges; number++) {
    const dueMs = startedMs + (number / rechargesPerSecond) * 1000;
    if (dueMs > performance.now()) await sleep(dueMs - performance.now());
    running.push(promote(url, usageAccounts + number));
  }
  return Promise.all(running);
}

async function promote(url: string, account: number): Promise<Seen> {
  const payment = { rechargeId: 'large', provider: 'manual', amount: promotingAmount, currency: 'CNY' };
  const { status } = await post(url, `${pathOf(account)}/recharges`, JSON.stringify(payment));
  if (status !== 201) throw new Error(`the recharge was answered with ${status}`);
  const answeredMs = performance.now();
  const question = JSON.stringify({
    requestId: 'look',
    model: 'claude-sonnet',
    units: { inputTokens: 1 },
    hold: false,
  });
  const [viewMs, authorizationMs] = await Promise.all([
    until(answeredMs, async () => tierIn(await (await fetch(url + pathOf(account))).json())),
    until(answeredMs, async () => tierIn((await post(url, `${pathOf(account)}/authorizations`, question)).body)),
  ]);
  await post(url, '/v1/usage', `[${usageJson(2e9 + account, account, new Date().toISOString())}]`);
  return { viewMs, authorizationMs };
}

async function until(fromMs: number, tier: () => Promise<unknown>): Promise<number> {
  while ((await tier()) !== 'vip') {
    if (performance.now() - fromMs > lostAfterMs) throw new Error(`no promotion within ${lostAfterMs} ms`);
    await sleep(lookEveryMs);
  }
  return performance.now() - fromMs;
}

const tierIn = (answer: unknown): unknown => (answer as { readonly tier?: unknown }).tier;

async function chargedByOthers(url: string, recharges: number): Promise<number> {
  let others = 0;
  for (let account = usageAccounts; account < usageAccounts + recharges; account++) {
    const { charges } = (await (
      await fetch(`${url}${pathOf(account)}/charges?source=gateway-1&id=req-${2e9 + account}`)
    ).json()) as { charges: readonly object[] };
    if (charges.length !== 1 || tierIn(charges[0]) !== 'vip') others += 1;
  }
  return others;
}

async function post(
  url: string,
  path: string,
  body: string,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const answer = await fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return { status: answer.status, body: await answer.json() };
}

async function caughtUp(url: string): Promise<void> {
  for (;;) {
    const text = await (await fetch(`${url}/metrics`)).text();
    const behind = ['charge_usage', 'relay_entries', 'promote_tiers', 'follow_tiers'].map((loop) =>
      Number(new RegExp(`^meterbook_${loop}_behind (\\S+)$`, 'm').exec(text)?.[1]),
    );
    if (behind.every((records) => records === 0)) return;
    await sleep(lookEveryMs);
  }
}
