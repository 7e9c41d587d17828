import { authorizations } from './authorizations';
import { settledHolds } from './holds';

/** A short run for a first look: `BENCH_HOLDS=20000 BENCH_SECONDS=3 BENCH_ACCOUNTS=1000 BENCH_REQUESTS=2000 npm run bench:access`. */
const holds = Number(process.env['BENCH_HOLDS'] ?? 1_000_000);
const accounts = Number(process.env['BENCH_ACCOUNTS'] ?? 50_000);
const seconds = Number(process.env['BENCH_SECONDS'] ?? 20);
const requests = Number(process.env['BENCH_REQUESTS'] ?? 50_000);
/** Half of what the whole path takes in a run of the same machine. */
const usagesPerSecond = Number(process.env['BENCH_USAGES_PER_SECOND'] ?? 5_000);

function row(what: string, ...figures: readonly (string | number)[]): void {
  console.log(`${what.padEnd(48)} ${figures.map((figure) => String(figure).padStart(12)).join(' ')}`);
}

const ms = (value: number): string => value.toFixed(2);

async function main(): Promise<void> {
  const asked = process.argv[2];
  if (asked !== 'holds') {
    const { rawSyncP99Ms, rows } = await authorizations(accounts, seconds, usagesPerSecond, requests);
    row('over HTTP', 'per second', 'p50 ms', 'p99 ms', 'answers');
    for (const [what, { perSecond, p50Ms, p99Ms, statuses }] of rows)
      row(what, perSecond, ms(p50Ms), ms(p99Ms), JSON.stringify(statuses));
    row('raw 4 KiB fdatasync', '', '', ms(rawSyncP99Ms));
  }
  if (asked !== 'authorizations') {
    const figures = await settledHolds(holds);
    row(`one account of ${holds} settled holds: held per second`, figures.heldPerSecond);
    row('bytes of store per hold', figures.bytesPerHold);
    row('a cold process until it has authorized again, ms', ms(figures.coldMs));
    row('of it to read the account, ms', ms(figures.coldAccountMs));
    row('the same for an account that never held any, ms', ms(figures.coldWithoutMs));
    row('a cold process until it knows what is held, ms', ms(figures.coldViewMs));
  }
}

void main();
