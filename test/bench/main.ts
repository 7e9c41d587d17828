import { onPlans } from './books';
import { benchCommands } from './commands/commands';
import { answersMostlyThatHold, answersTenTimesAsLong, answersThatHold, overspend } from './overspend';
import { coldAccount, domainDecisions, rawLog, typicalLine } from './parts';
import { benchPromotion } from './promotion';
import { wholePath } from './whole-path';

/** A short run for a first look: `BENCH_ACCOUNTS=10000 BENCH_USAGES=100000 npm run bench`; with every account on a plan: `BENCH_PLANS=1`. */
const accounts = Number(process.env['BENCH_ACCOUNTS'] ?? 1_000_000);
const usages = Number(process.env['BENCH_USAGES'] ?? 2_000_000);
/** What one append of the charge loop holds under load, about. */
const perCommit = 2000;
/** How long the store is away in `npm run bench -- overspend`, in seconds. */
const awaySeconds = Number(process.env['BENCH_AWAY_SECONDS'] ?? 30);

function row(what: string, figure: string): void {
  console.log(`${what.padEnd(64)} ${figure.padStart(16)}`);
}

function tell(line: string): void {
  console.error(`  … ${line}`);
}

/** What customers spend that they do not have: `npm run bench -- overspend`. */
async function overspends(): Promise<void> {
  for (const [what, answers] of [
    ['answers within their estimates', answersThatHold],
    ['one answer in ten is ten times as long', answersMostlyThatHold],
    ['every answer is ten times as long', answersTenTimesAsLong],
  ] as const) {
    const { granted, denied, unanswered, served, beyond, share } = await overspend(answers, awaySeconds * 1_000, tell);
    console.log(`\n${what}:`);
    row('let through, refused for want of money, unanswered', `${granted} ${denied} ${unanswered}`);
    row('served, and of it without money', `${served.toFixed(3)} ${beyond.toFixed(3)}`);
    row('served without money, per cent', (share * 100).toFixed(3));
  }
}

/** What is measured alone where it is named: `npm run bench -- commands`. */
const alone: Readonly<Record<string, (tellRow: typeof row) => Promise<void>>> = {
  commands: benchCommands,
  overspend: overspends,
  promotion: benchPromotion,
};

async function main(): Promise<void> {
  const named = process.argv[2];
  if (named === undefined) return everything();
  const bench = alone[named];
  if (!bench) throw new Error(`there is no bench ${named}; there are ${Object.keys(alone).join(', ')}`);
  await bench(row);
}

async function everything(): Promise<void> {
  if (onPlans) console.log('every account is on a plan');
  domainDecisions(50_000);
  row('domain decisions (price, draw, fold), per second', String(domainDecisions(300_000)));
  row('a typical charge alone in its event, bytes with all that is stored', String(Buffer.byteLength(typicalLine())));
  const raw = rawLog(400_000, perCommit);
  row(`raw SQLite log, the same bytes, ${perCommit} a commit, events per second`, String(raw));

  const cold = await coldAccount(usages / 2);
  row(`one account of ${usages / 2} charges: charges per second`, String(cold.chargesPerSecond));
  row('a cold process until it has charged it again, ms', cold.loadMs.toFixed(0));

  const path = await wholePath(accounts, usages, tell);
  const ratio = (n: number): string => `${n} (${(n / raw).toFixed(2)} of raw)`;
  console.log(`\n${usages} usages over HTTP, uniform over ${accounts} accounts, per second:`);
  row('durable (202)', ratio(path.durablePerSecond));
  row('charged', ratio(path.chargedPerSecond));
  row('projected', ratio(path.projectedPerSecond));
  row('charged, tenth by tenth', path.tenths.join(' '));
  row('last tenth against the first', ((path.tenths[9] ?? 0) / (path.tenths[0] ?? 1)).toFixed(2));
  row('bytes of store per charge', String(path.bytesPerCharge));
  row('resident memory, MiB', String(path.rssMiB));
}

void main();
