import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { writeChargedStore } from './charged-store';
import { foldCost } from './fold-cost';
import { inHouse } from './house';
import type { Asked } from './load';
import { exportsOf, ofCharges, ofFees, rebuildOf, reportsOver, type Row } from './over-charges';
import { writeSubscribers } from './subscribers';

const amount = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const charges = amount('BENCH_CHARGES', 1_000_000);
const accounts = amount('BENCH_ACCOUNTS', 10_000);
const subscribers = amount('BENCH_SUBSCRIBERS', 100_000);
/** Days over which the charges are spread. */
const days = 90;
const periodsOfAYear = 12;

const row: Row = (what, figure) => console.log(`${what.padEnd(72)} ${figure.padStart(24)}`);

function folderAsked(): string {
  const folder = process.argv[3];
  if (folder === undefined) throw new Error('name the folder that the books are kept in from part to part');
  return folder;
}

/** Books of a folder, which are filled where it is new and kept for the parts that come after. */
async function over(fill: (store: string) => Promise<void>, work: (asked: Asked) => Promise<void>): Promise<void> {
  const folder = folderAsked();
  if (!existsSync(join(folder, 'store'))) await fill(join(folder, 'store'));
  await inHouse(folder, async ({ url, pid }, caughtUpMs) => {
    row('until the projections had caught up, seconds', (caughtUpMs / 1000).toFixed(1));
    await work({ url, pid, accounts });
  });
}

const filledWithCharges = (store: string): Promise<void> => writeChargedStore(store, { charges, accounts, days });

/** Each is run alone, since each takes a minute or two: `npm run bench:finance -- reports FOLDER`. Sizes are set by the environment. */
const parts: Readonly<Record<string, () => Promise<void>>> = {
  folds: async () => {
    for (const [what, us] of await foldCost(charges / 5)) row(`${what}: CPU of a charge, µs`, us.toFixed(1));
  },
  prepare: () => over(filledWithCharges, async () => undefined),
  reports: () => over(filledWithCharges, (asked) => reportsOver(asked, ofCharges, row)),
  exports: () => over(filledWithCharges, (asked) => exportsOf(asked, row)),
  rebuild: () => over(filledWithCharges, (asked) => rebuildOf(asked, 'charges', row)),
  subscribers: () =>
    over(
      (store) => writeSubscribers(store, subscribers, periodsOfAYear),
      (asked) => reportsOver({ ...asked, accounts: Math.min(accounts, subscribers) }, ofFees, row),
    ),
};

async function main(): Promise<void> {
  const named = process.argv[2] ?? 'folds';
  const part = parts[named];
  if (!part) throw new Error(`there is no part ${named}; there are ${Object.keys(parts).join(', ')}`);
  await part();
}

void main();
