import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { StandaloneProcess } from '../../support/standalone-process';
import { accountName, openAccounts, platform, usageJson } from '../books';
import { publish } from '../parts';
import { atRate, byCallers, rawSyncP99Ms, type Call, type Latency } from './load';

const entry = join(__dirname, '../../../apps/standalone/src/main.js');
const CALLERS = 64;
/** Usages of one request. */
const BATCH = 100;

export interface AuthorizationFigures {
  readonly rawSyncP99Ms: number;
  readonly rows: readonly (readonly [what: string, latency: Latency])[];
}

/** Authorizations with a durable hold over HTTP, uniform over many accounts: at fixed rates, alone and beside usage, and by callers. */
export async function authorizations(
  accounts: number,
  seconds: number,
  usagesPerSecond: number,
  count: number,
): Promise<AuthorizationFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'meterbook-bench-'));
  const store = new EmbeddedEventStore(join(folder, 'store'), new SystemClock());
  await publish(store);
  await openAccounts(store, accounts);
  await store.close();
  const standalone = await StandaloneProcess.start(folder, {}, { entryFile: entry });
  const { url } = standalone;
  let run = 0;
  const holding = (): ((i: number) => Call) => {
    const name = `run${++run}`;
    return (i) => hold(`${name}-${i}`, Math.floor(Math.random() * accounts));
  };
  try {
    await byCallers(url, CALLERS, Math.min(count, 2000), holding());
    const rows: (readonly [string, Latency])[] = [];
    for (const rate of [500, 1000]) rows.push([`${rate}/s alone`, await atRate(url, rate, seconds, holding())]);
    for (const rate of [500, 1000]) {
      const usage = atRate(url, usagesPerSecond / BATCH, seconds, (i) => usages(rate * 1_000_000 + i, accounts));
      rows.push([`${rate}/s beside ${usagesPerSecond} usages/s`, await atRate(url, rate, seconds, holding())]);
      await usage;
    }
    rows.push([`holds, ${CALLERS} callers`, await byCallers(url, CALLERS, count, holding())]);
    const recharging = (i: number): Call => recharge(`pay-${i}`, Math.floor(Math.random() * accounts));
    rows.push([`recharges, ${CALLERS} callers`, await byCallers(url, CALLERS, count, recharging)]);
    rows.push([`a bare route, ${CALLERS} callers`, await bareRoute(count)]);
    return { rawSyncP99Ms: rawSyncP99Ms(folder), rows };
  } finally {
    await standalone.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a route of the same schema takes that does nothing. */
async function bareRoute(count: number): Promise<Latency> {
  const app = fastify();
  const text = { type: 'string' };
  const properties = { requestId: text, model: text, units: { type: 'object' } };
  const body = { type: 'object', required: Object.keys(properties), properties, additionalProperties: false };
  app.post('/*', { schema: { body } }, (_request, reply) =>
    reply.code(201).send({ authorizationId: 'auth', tier: 'default' }),
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const figures = await byCallers(`http://127.0.0.1:${port}`, CALLERS, count, (i) => hold(`bare-${i}`, i));
  await app.close();
  return figures;
}

function hold(requestId: string, account: number): Call {
  return {
    path: `/v1/platforms/${platform}/accounts/${accountName(account)}/authorizations`,
    body: JSON.stringify({ requestId, model: 'claude-sonnet', units: { inputTokens: 120, outputTokens: 35 } }),
  };
}

function recharge(rechargeId: string, account: number): Call {
  return {
    path: `/v1/platforms/${platform}/accounts/${accountName(account)}/recharges`,
    body: JSON.stringify({ rechargeId, provider: 'manual', amount: '1', currency: 'CNY' }),
  };
}

function usages(from: number, accounts: number): Call {
  const time = new Date().toISOString();
  const events = Array.from({ length: BATCH }, (_, i) =>
    usageJson(from * BATCH + i, Math.floor(Math.random() * accounts), time),
  );
  return { path: '/v1/usage', body: `[${events.join(',')}]` };
}
