import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import type { Position } from '@meterbook/event-store/event-store';
import { openEngines, type Engines } from '@meterbook/host/engines/engines';
import { readConfiguration } from '@meterbook/runtime/configuration';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { StandaloneProcess } from '../support/standalone-process';
import { Asking, type Answer } from './asking';
import { accountName, openAccounts, platform, usageJson } from './books';
import { publish } from './parts';
import { promotionHops } from './promotion-hops';
import { fullRateOf, UsageFlow } from './usage-flow';

const entry = join(__dirname, '../../apps/standalone/src/main.js');
const rechargesPerSecond = 50;
/** How often is looked whether a promotion has come through, milliseconds: what is measured is too large by up to as much. */
const lookEveryMs = 20;
/** A promotion that takes longer has not come through, milliseconds. */
const lostAfterMs = 30_000;
/** Looks that are under way at a time, at the most. */
const connections = 64;
/** What has not come through for long is looked for less often, by this part of the wait: it is asked of the same thread that is measured. */
const lookAgainAfter = 0.1;
/** How long usage is sent as fast as it is taken, to know the full rate, milliseconds. */
const fullRateMs = 5_000;
/** Recharges before those that are counted: a process that was asked for nothing but usage has to read its code and what was charged first. */
const warmingUp = 100;
/** Accounts that usage is spread over, beside those that are promoted. */
const usageAccounts = 10_000;
/** More than the rulebook asks for. */
const promotingAmount = '1000000';

type Row = (what: string, figure: string) => void;

function progress(line: string): void {
  console.error(`  … ${line}`);
}

/** How long after the answer to its recharge each promotion is seen: at 50 a second beside usage at half the rate that is charged when it comes as fast as it is taken. */
export async function benchPromotion(row: Row): Promise<void> {
  const recharges = Number(process.env['BENCH_RECHARGES'] ?? 1_000);
  const folder = mkdtempSync(join(tmpdir(), 'meterbook-bench-'));
  const store = new EmbeddedEventStore(join(folder, 'store'), new SystemClock());
  await publish(store);
  await openAccounts(store, usageAccounts + warmingUp + recharges);
  await store.close();
  const standalone = await StandaloneProcess.start(folder, {}, { entryFile: entry });
  try {
    const { url } = standalone;
    const { takenPerSecond, chargedPerSecond } = await fullRateOf(url, usageAccounts, fullRateMs);
    await caughtUp(url);
    progress(`usage is taken at ${takenPerSecond.toFixed(0)} a second, and charged at ${chargedPerSecond.toFixed(0)}`);
    const half = new UsageFlow(url, 1e9, usageAccounts);
    const flowing = half.run(chargedPerSecond / 2);
    await promoteAll(url, usageAccounts, warmingUp);
    const before = await storeEnd(folder);
    const seen = await promoteAll(url, usageAccounts + warmingUp, recharges);
    half.stop();
    progress('every promotion was seen');
    row(
      'usage beside it, events per second (charged at full rate)',
      `${(await flowing).toFixed(0)} (${chargedPerSecond.toFixed(0)})`,
    );
    tell(
      row,
      'a recharge',
      seen.map(({ rechargeMs }) => rechargeMs),
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
    row(
      'usage sent once the view showed it, charged by another tier',
      String(await chargedByOthers(url, usageAccounts + warmingUp, recharges)),
    );
    await standalone.stop();
    const engines = await enginesOf(folder);
    for (const [hop, ms] of await promotionHops(engines.store, engines.topics, before)) tell(row, hop, ms);
    await engines.close();
  } finally {
    await standalone.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function enginesOf(folder: string): Promise<Engines> {
  return openEngines(readConfiguration({ DATA_DIR: folder }), new SystemClock(), createLog('error'));
}

async function storeEnd(folder: string): Promise<Position> {
  const engines = await enginesOf(folder);
  const end = await engines.store.end();
  await engines.close();
  return end;
}

function tell(row: Row, what: string, ms: number[]): void {
  const sorted = ms.sort((a, b) => a - b);
  const quantile = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(0);
  row(`${what}: p50, p99, largest, ms`, `${quantile(0.5)}, ${quantile(0.99)}, ${quantile(1)}`);
}

interface Seen {
  readonly rechargeMs: number;
  readonly viewMs: number;
  readonly authorizationMs: number;
}

const pathOf = (account: number): string => `/v1/platforms/${platform}/accounts/${accountName(account)}`;

async function promoteAll(url: string, first: number, recharges: number): Promise<Seen[]> {
  const asking = new Asking(url, connections);
  const startedMs = performance.now();
  const running: Promise<Seen>[] = [];
  for (let number = 0; number < recharges; number++) {
    const dueMs = startedMs + (number / rechargesPerSecond) * 1000;
    if (dueMs > performance.now()) await sleep(dueMs - performance.now());
    running.push(promote(asking, first + number));
  }
  const seen = await Promise.all(running);
  asking.close();
  return seen;
}

async function promote(asking: Asking, account: number): Promise<Seen> {
  const payment = { rechargeId: 'large', provider: 'manual', amount: promotingAmount, currency: 'CNY' };
  const askedMs = performance.now();
  const { status } = await asking.post(`${pathOf(account)}/recharges`, JSON.stringify(payment));
  if (status !== 201) throw new Error(`the recharge was answered with ${status}`);
  const answeredMs = performance.now();
  const question = JSON.stringify({
    requestId: 'look',
    model: 'claude-sonnet',
    units: { inputTokens: 1 },
    hold: false,
  });
  const [viewMs, authorizationMs] = await Promise.all([
    until(answeredMs, () => asking.get(pathOf(account))),
    until(answeredMs, () => asking.post(`${pathOf(account)}/authorizations`, question)),
  ]);
  await asking.post('/v1/usage', `[${usageJson(2e9 + account, account, new Date().toISOString())}]`);
  return { rechargeMs: answeredMs - askedMs, viewMs, authorizationMs };
}

async function until(fromMs: number, look: () => Promise<Answer>): Promise<number> {
  while (tierIn(JSON.parse((await look()).text)) !== 'vip') {
    const waitedMs = performance.now() - fromMs;
    if (waitedMs > lostAfterMs) throw new Error(`no promotion within ${lostAfterMs} ms`);
    await sleep(Math.max(lookEveryMs, waitedMs * lookAgainAfter));
  }
  return performance.now() - fromMs;
}

const tierIn = (answer: unknown): unknown => (answer as { readonly tier?: unknown }).tier;

async function chargedByOthers(url: string, first: number, recharges: number): Promise<number> {
  const asking = new Asking(url, connections);
  let others = 0;
  for (let account = first; account < first + recharges; account++) {
    const { text } = await asking.get(`${pathOf(account)}/charges?source=gateway-1&id=req-${2e9 + account}`);
    const { charges } = JSON.parse(text) as { charges: readonly object[] };
    if (charges.length !== 1 || tierIn(charges[0]) !== 'vip') others += 1;
  }
  asking.close();
  return others;
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
