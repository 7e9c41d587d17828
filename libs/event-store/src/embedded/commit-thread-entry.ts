import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { sqliteCode } from '@meterbook/runtime/sqlite-failure';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { commitRound, orRollBack, type Round } from './commits';
import type { CommitAnswer, CommitOrder, CommitThreadStart } from './commit-thread-messages';
import { BUSY_TIMEOUT_MS, FrameTable } from './frame-table';
import { WriteLock } from './write-lock';

const { directory } = workerData as CommitThreadStart;
const clock = new SystemClock();
let opened: { readonly table: FrameTable; readonly lock: WriteLock } | undefined;

/** Opened at the first order, so that a failure is the answer to it. */
function open(): { readonly table: FrameTable; readonly lock: WriteLock } {
  if (opened) return opened;
  const table = new FrameTable(directory);
  const lock = new WriteLock(table.database, join(directory, 'turn.db'), clock, BUSY_TIMEOUT_MS);
  return (opened = { table, lock });
}

function endsAs(table: FrameTable, { next, lastHash }: Round): boolean {
  const last = table.last();
  return last ? last.position + last.events === next && last.hash === lastHash : next === 0;
}

async function carryOut(order: Exclude<CommitOrder, { readonly kind: 'close' }>): Promise<CommitAnswer> {
  const { table, lock } = open();
  switch (order.kind) {
    case 'append':
      await lock.take();
      return orRollBack(table, (): CommitAnswer => {
        const { round } = order;
        return endsAs(table, round) ? committed(table, round) : { kind: 'moved' };
      });
    case 'held':
      return orRollBack(table, () => committed(table, order.round));
    case 'release':
      table.database.exec('ROLLBACK');
      return { kind: 'released' };
  }
}

function committed(table: FrameTable, round: Round): CommitAnswer {
  const { bookedAt, lastHash } = commitRound(table, clock, round);
  return { kind: 'committed', bookedAt, lastHash };
}

/** Only the code goes over: whoever asked names it again, also where it was named here. */
function failed(error: unknown): CommitAnswer {
  if (!(error instanceof Error)) return { kind: 'failed', message: String(error), code: undefined };
  return { kind: 'failed', message: error.message, code: sqliteCode(error) ?? sqliteCode(error.cause) };
}

function close(): void {
  opened?.lock.close();
  opened?.table.close();
  parentPort?.close();
}

parentPort?.on('message', (order: CommitOrder) => {
  if (order.kind === 'close') return close();
  void carryOut(order)
    .catch(failed)
    .then((answer) => parentPort?.postMessage(answer));
});
