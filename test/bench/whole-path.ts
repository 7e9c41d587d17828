import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { StandaloneProcess } from '../support/standalone-process';
import { openAccounts, usageJson } from './books';
import { publish } from './parts';

const batchSize = 500;
const connections = 8;
const entry = join(__dirname, '../../apps/standalone/src/main.js');
/** How often progress is looked at. */
const sampleMs = 500;
/** The loops that have to have seen everything before it counts as projected. */
const loops = ['charge-usage', 'relay-entries', 'index-keys', 'promote-tiers', 'fold-recharges', 'projections'];

export interface WholePath {
  /** Usages per second over the whole run, from the first request. */
  readonly durablePerSecond: number;
  readonly chargedPerSecond: number;
  readonly projectedPerSecond: number;
  /** Charges per second while the n-th tenth of all was charged. */
  readonly tenths: readonly number[];
  readonly bytesPerCharge: number;
  readonly rssMiB: number;
}

interface Sample {
  readonly atMs: number;
  readonly charged: number;
}

/** Usage over HTTP into the standalone, uniform over many accounts: until it is durable, charged, and projected. */
export async function wholePath(accounts: number, usages: number, tell: (line: string) => void): Promise<WholePath> {
  const folder = mkdtempSync(join(tmpdir(), 'meterbook-bench-'));
  await prepare(join(folder, 'store'), accounts);
  tell(`opened ${accounts} accounts`);
  const bytesBefore = storeBytes(folder);
  const standalone = await StandaloneProcess.start(folder, {}, { entryFile: entry });
  try {
    await caughtUp(standalone.url);
    tell('caught up with their opening');
    const startedMs = performance.now();
    const samples: Sample[] = [];
    const stop = new AbortController();
    const watching = watch(standalone.url, samples, startedMs, stop.signal, tell);
    await send(standalone.url, accounts, usages);
    const durableMs = performance.now() - startedMs;
    await sampled(samples, usages);
    stop.abort();
    await watching;
    await caughtUp(standalone.url);
    const projectedMs = performance.now() - startedMs;
    const chargedMs = timeOf(samples, usages);
    const rssMiB = Math.round((await metric(standalone.url, 'process_resident_memory_bytes')) / 2 ** 20);
    // A clean end leaves no write-ahead log behind, so that the file is all there is.
    await standalone.stop();
    const tenth = usages / 10;
    return {
      durablePerSecond: rate(usages, durableMs),
      chargedPerSecond: rate(usages, chargedMs),
      projectedPerSecond: rate(usages, projectedMs),
      tenths: Array.from({ length: 10 }, (_, n) =>
        rate(tenth, timeOf(samples, (n + 1) * tenth) - timeOf(samples, n * tenth)),
      ),
      rssMiB,
      bytesPerCharge: Math.round((storeBytes(folder) - bytesBefore) / usages),
    };
  } finally {
    await standalone.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function prepare(folder: string, accounts: number): Promise<void> {
  const store = new EmbeddedEventStore(folder, new SystemClock());
  await publish(store);
  await openAccounts(store, accounts);
  await store.close();
}

async function send(url: string, accounts: number, usages: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let next = 0;
  const connection = async (): Promise<void> => {
    while (next < usages) {
      const from = next;
      next += batchSize;
      const time = new Date().toISOString();
      const events = Array.from({ length: Math.min(batchSize, usages - from) }, (_, i) =>
        usageJson(from + i, Math.floor(Math.random() * accounts), time),
      );
      const body = `[${events.join(',')}]`;
      while ((await post(agent, `${url}/v1/usage`, body)) !== 202) await sleep(50);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  agent.destroy();
}

function post(agent: Agent, url: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sending = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
    });
    sending.once('error', reject);
    sending.end(body);
  });
}

async function watch(
  url: string,
  samples: Sample[],
  startedMs: number,
  signal: AbortSignal,
  tell: (line: string) => void,
): Promise<void> {
  let toldMs = 0;
  while (!signal.aborted) {
    const charged = await metric(url, 'meterbook_usage_total{outcome="charged"}');
    const atMs = performance.now() - startedMs;
    samples.push({ atMs, charged });
    if (atMs - toldMs > 10_000) {
      toldMs = atMs;
      tell(`${Math.round(atMs / 1000)} s: ${charged} charged`);
    }
    await sleep(sampleMs);
  }
}

async function sampled(samples: readonly Sample[], usages: number): Promise<void> {
  while ((samples[samples.length - 1]?.charged ?? 0) < usages) await sleep(sampleMs / 4);
}

/** When a number of usages was charged, between the samples around it. */
function timeOf(samples: readonly Sample[], count: number): number {
  let before: Sample = { atMs: 0, charged: 0 };
  for (const sample of samples) {
    if (sample.charged >= count && sample.charged > before.charged)
      return before.atMs + ((count - before.charged) / (sample.charged - before.charged)) * (sample.atMs - before.atMs);
    before = sample;
  }
  return before.atMs;
}

interface Indicator {
  readonly name: string;
  readonly up: boolean;
  readonly behind?: number;
}

async function caughtUp(url: string): Promise<void> {
  for (;;) {
    const { indicators } = (await (await fetch(`${url}/health/ready`)).json()) as { indicators: Indicator[] };
    const seen = indicators.filter(({ name, up, behind }) => loops.includes(name) && up && behind === 0);
    if (seen.length === loops.length) return;
    await sleep(sampleMs / 4);
  }
}

async function metric(url: string, name: string): Promise<number> {
  return valueIn(await (await fetch(`${url}/metrics`)).text(), name);
}

function valueIn(text: string, name: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return line ? Number(line.slice(name.length + 1)) : Number.NaN;
}

function storeBytes(folder: string): number {
  return statSync(join(folder, 'store', 'events.db')).size;
}

function rate(count: number, ms: number): number {
  return Math.round(count / (ms / 1000));
}
