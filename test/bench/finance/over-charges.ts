import { setTimeout as sleep } from 'node:timers/promises';
import { platform } from '../books';
import { beside, fullRate, p99, type Asked, type Beside } from './load';
import { streamed, type Streamed } from './streamed';

export type Row = (what: string, figure: string) => void;

/** How long recharges are timed without anything beside them but usage, milliseconds. */
const aloneMs = 10_000;
/** How long before that, so that the process has read its code, milliseconds. */
const warmingUpMs = 3_000;
/** How often is looked how far a rebuild has come, and a report asked for, milliseconds. */
const askEveryMs = 250;

const finance = `/v1/platforms/${platform}/finance`;

/** What is asked, and where. */
type Questions = readonly (readonly [what: string, path: string])[];

/** What is asked of reports over charges. */
export const ofCharges: Questions = [
  ['usage by day × model', `${finance}/usage?groupBy=day,model`],
  ['usage by account', `${finance}/usage?groupBy=account`],
  ['usage by day of one team (a label)', `${finance}/usage?groupBy=day&label:team=team-1`],
  ['revenue by day', `${finance}/revenue?groupBy=day`],
];

/** What is asked of reports over subscriptions. */
export const ofFees: Questions = [['revenue by day', `${finance}/revenue?groupBy=day`]];

function tell(
  row: Row,
  what: string,
  { workMs, rechargeP99Ms, usagePerSecond, rssBeforeMiB, rssMostMiB }: Beside<unknown>,
): void {
  row(`${what}: seconds`, (workMs / 1000).toFixed(2));
  row(
    '  beside usages/s; recharge p99, ms; memory before and most, MiB',
    `${usagePerSecond.toFixed(0)}; ${rechargeP99Ms.toFixed(0)}; ${rssBeforeMiB}, ${rssMostMiB}`,
  );
}

/** Half of the full rate, and the recharge's p99 beside that alone. */
async function halfRate(asked: Asked, row: Row): Promise<number> {
  const half = (await fullRate(asked)) / 2;
  await beside(asked, half, () => sleep(warmingUpMs));
  tell(row, 'nothing beside usage and recharges', await beside(asked, half, () => sleep(aloneMs)));
  return half;
}

/** Each report over all that is booked, alone and beside usage at half the full rate. */
export async function reportsOver(asked: Asked, questions: Questions, row: Row): Promise<void> {
  for (const [what, path] of questions) {
    const startedMs = performance.now();
    const { lines } = await streamed(asked.url + path);
    row(`${what}, alone: seconds (rows)`, `${((performance.now() - startedMs) / 1000).toFixed(2)} (${lines - 1})`);
  }
  const half = await halfRate(asked, row);
  for (const [what, path] of questions) tell(row, what, await beside(asked, half, () => streamed(asked.url + path)));
}

/** The whole journal and all usage as CSV: lines a second, and whether memory stays flat. */
export async function exportsOf(asked: Asked, row: Row): Promise<void> {
  const half = await halfRate(asked, row);
  for (const [what, path] of [
    ['usage as CSV (FOCUS)', `${finance}/charges?format=focus`],
    ['the journal as CSV', `${finance}/journal?format=csv`],
  ] as const) {
    const exported = await beside<Streamed>(asked, half, () => streamed(asked.url + path));
    const { lines, bytes } = exported.result;
    row(`${what}: lines, MiB`, `${lines}, ${(bytes / 2 ** 20).toFixed(0)}`);
    row('  lines a second', (lines / (exported.workMs / 1000)).toFixed(0));
    tell(row, what, exported);
  }
}

interface Rebuild {
  readonly state: 'running' | 'swapped' | 'failed';
  readonly events: number | null;
  readonly eventsPerSecond: number | null;
  readonly identical: boolean | null;
}

/** One projection folded anew from the first event: events a second, and reports meanwhile. */
export async function rebuildOf(asked: Asked, projection: string, row: Row): Promise<void> {
  const half = await halfRate(asked, row);
  const report = `${asked.url}${finance}/usage?groupBy=model&from=${today()}`;
  const alone: number[] = [];
  for (let n = 0; n < 20; n++) alone.push(await timed(report));
  row('a report of today alone: p99, ms', p99(alone).toFixed(0));
  const meanwhile: number[] = [];
  const rebuilt = await beside(asked, half, async () => {
    const started = await fetch(`${asked.url}/v1/projections/${projection}/rebuild`, { method: 'POST' });
    if (started.status !== 202) throw new Error(`the rebuild was answered with ${started.status}`);
    const { rebuildId } = (await started.json()) as { rebuildId: string };
    for (;;) {
      meanwhile.push(await timed(report));
      const path = `/v1/projections/${projection}/rebuilds/${rebuildId}`;
      const told = (await (await fetch(asked.url + path)).json()) as Rebuild;
      if (told.state !== 'running') return told;
      await sleep(askEveryMs);
    }
  });
  const { state, events, eventsPerSecond, identical } = rebuilt.result;
  row(`rebuild of ${projection}: ${state}, identical ${String(identical)}, events`, String(events));
  row('  events a second', String(eventsPerSecond));
  row('a report of today meanwhile: p99, ms (reports)', `${p99(meanwhile).toFixed(0)} (${meanwhile.length})`);
  tell(row, `rebuild of ${projection}`, rebuilt);
}

function today(): string {
  return `${new Date().toISOString().slice(0, 10)}T00:00:00Z`;
}

async function timed(url: string): Promise<number> {
  const startedMs = performance.now();
  await streamed(url);
  return performance.now() - startedMs;
}
