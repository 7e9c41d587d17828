import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { StandaloneProcess } from '../../support/standalone-process';
import { accountName, openAccounts, platform } from '../books';
import { publish } from '../parts';
import { get, load, post, type Load } from './callers';

const callers = 64;
const accounts = 10_000;
const entry = join(__dirname, '../../../apps/standalone/src/main.js');
const accountPath = (number: number): string => `/v1/platforms/${platform}/accounts/${accountName(number % accounts)}`;
const recharge = (number: number): string =>
  post(`${accountPath(number)}/recharges`, {
    rechargeId: `bench-${number}`,
    provider: 'manual',
    amount: '10',
    currency: 'CNY',
  });
const hold = (number: number): string =>
  post(`${accountPath(number)}/authorizations`, {
    requestId: `bench-${number}`,
    model: 'claude-sonnet',
    units: { inputTokens: 1200, outputTokens: 350 },
  });

/** Commands one at a time by 64 callers, beside a route that does nothing but check the same body: `BENCH_COMMANDS=50000`. */
export async function benchCommands(row: (what: string, figure: string) => void): Promise<void> {
  const requests = Number(process.env['BENCH_COMMANDS'] ?? 20_000);
  const bare = await bareRoute(requests);
  tell(row, 'a bare Fastify route with the same schema', bare, bare);
  const folder = mkdtempSync(join(tmpdir(), 'meterbook-bench-'));
  const store = new EmbeddedEventStore(join(folder, 'store'), new SystemClock());
  await publish(store);
  await openAccounts(store, accounts);
  await store.close();
  const standalone = await StandaloneProcess.start(folder, {}, { entryFile: entry });
  try {
    await load(standalone, callers, accounts, 200, (number) => get(accountPath(number)));
    tell(row, 'views', await load(standalone, callers, requests, 200, (number) => get(accountPath(number))), bare);
    tell(row, 'recharges', await load(standalone, callers, requests, 201, recharge), bare);
    tell(row, 'authorizations with a hold', await load(standalone, callers, requests, 201, hold), bare);
  } finally {
    await standalone.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function tell(row: (what: string, figure: string) => void, what: string, figures: Load, bare: Load): void {
  const { perSecond, p50Ms, p99Ms, cpuMs } = figures;
  const ratio = (perSecond / bare.perSecond).toFixed(2);
  row(`${what}: per second (of the bare route)`, `${perSecond.toFixed(0)} (${ratio})`);
  row('  p50, p99, ms', `${p50Ms.toFixed(1)}, ${p99Ms.toFixed(1)}`);
  row('  CPU of the HTTP thread, ms each', cpuMs.toFixed(3));
}

async function bareRoute(requests: number): Promise<Load> {
  const child = spawn(process.execPath, [join(__dirname, 'bare-route.js')], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const url = await addressOf(child);
    const target = { url, pid: child.pid ?? 0 };
    await load(target, callers, requests / 4, 201, recharge);
    return await load(target, callers, requests, 201, recharge);
  } finally {
    child.kill();
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('the bare route did not start')));
    if (!child.stdout) return reject(new Error('the bare route says nothing'));
    createInterface({ input: child.stdout }).once('line', (line) =>
      resolve((JSON.parse(line) as { address: string }).address),
    );
  });
}
