import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@meterbook/runtime/sqlite';
import { chargeUsage } from '@meterbook/domain/account/charging/charge';
import { evolve } from '@meterbook/domain/account/evolve';
import { formatInstant } from '@meterbook/domain/time/instant';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { encodeEvent } from '@meterbook/books/event-codec';
import { chargingParts } from '@meterbook/ledger/charging/charging-parts';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { EmbeddedTopics } from '@meterbook/topics/embedded/embedded-topics';
import type { DeliveredRecord } from '@meterbook/topics/topics';
import {
  accountName,
  openAccounts,
  openedAccount,
  platform,
  publishedRulebooks,
  rulebookContent,
  usageJson,
  usageOf,
} from './books';

const now = Date.now();
const frameBytes = 16_000;
const never = new AbortController().signal;

export function inTemporaryFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'meterbook-bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const result = use(folder);
  if (result instanceof Promise) void result.finally(remove).catch(() => undefined);
  else remove();
  return result;
}

/** Decisions per second of the pure domain: price, draw, fold, one usage a decision. */
export function domainDecisions(count: number): number {
  const rulebooks = publishedRulebooks();
  const { account } = openedAccount(rulebooks);
  let folded = account;
  const started = performance.now();
  for (let i = 0; i < count; i++) {
    const { event } = chargeUsage(folded, [usageOf(i, now)], rulebooks);
    if (event) folded = evolve(folded, event, folded.revision + 1);
  }
  return perSecond(count, started);
}

/** A typical charge as it is stored, its line whole. */
export function typicalLine(): string {
  const rulebooks = publishedRulebooks();
  const { account } = openedAccount(rulebooks);
  const { event } = chargeUsage(account, [usageOf(1_000_000, now)], rulebooks);
  if (!event) throw new Error('not charged');
  const stream = `account-${platform}/${accountName(500_000)}`;
  const { type, hash, metadata, data } = encodeEvent(stream, 2, '', event, { record: 'usage.recorded/7/100000' });
  return `${stream} 2 1000000 12000\t${type}\t${hash}\t${metadata}\t${data}\n`;
}

/** Events per second that SQLite alone takes for the same bytes in frames and commits of the same size. */
export function rawLog(count: number, perCommit: number): number {
  return inTemporaryFolder((folder) => {
    const database = openDatabase(join(folder, 'raw.db'));
    for (const pragma of ['page_size = 16384', 'journal_mode = WAL', 'synchronous = FULL', 'wal_autocheckpoint = 8192'])
      database.pragma(pragma);
    database.exec('CREATE TABLE frames (position INTEGER PRIMARY KEY, body BLOB NOT NULL)');
    const insert = database.prepare('INSERT INTO frames (body) VALUES (?)');
    const line = typicalLine();
    const perFrame = Math.floor(frameBytes / line.length);
    const frame = Buffer.from(line.repeat(perFrame));
    const commit = database.transaction(() => {
      for (let i = 0; i < perCommit; i += perFrame) insert.run(frame);
    });
    const started = performance.now();
    for (let done = 0; done < count; done += perCommit) commit();
    const rate = perSecond(count, started);
    database.close();
    return rate;
  });
}

export interface ColdAccount {
  readonly chargesPerSecond: number;
  /** Milliseconds until a process that knows nothing has charged the account's next usage. */
  readonly loadMs: number;
}

/** An account of very many charges, and how long a cold process takes until it charges it again. */
export async function coldAccount(charges: number): Promise<ColdAccount> {
  const folder = mkdtempSync(join(tmpdir(), 'meterbook-bench-'));
  const clock = new SystemClock();
  const store = new EmbeddedEventStore(join(folder, 'store'), clock);
  const topics = new EmbeddedTopics(join(folder, 'topics'), clock, { prefix: '', partitions: 1 });
  const limits = { maxBytes: 1e9, checkpointEvery: 1000, maxAgeDays: 35 };
  await publish(store);
  await openAccounts(store, 1);
  const time = formatInstant(now - 1000);
  const record = (number: number): DeliveredRecord => ({
    topic: 'usage.recorded',
    partition: 0,
    offset: number,
    timestamp: now,
    headers: {},
    key: `${platform}/${accountName(0)}`,
    value: usageJson(number, 0, time),
  });
  const batch = (from: number, size: number): { topic: string; partition: number; records: DeliveredRecord[] } => ({
    topic: 'usage.recorded',
    partition: 0,
    records: Array.from({ length: size }, (_, i) => record(from + i)),
  });
  const warm = chargingParts(store, topics, limits, { clock, log: createLog('error') });
  const started = performance.now();
  for (let done = 0; done < charges; done += 1000) await warm.charge.handle(batch(done, 1000), never);
  const chargesPerSecond = perSecond(charges, started);
  await warm.writer.idle();

  const cold = chargingParts(store, topics, limits, { clock, log: createLog('error') });
  const loading = performance.now();
  await cold.charge.handle(batch(charges, 1), never);
  const loadMs = performance.now() - loading;
  if (cold.charge.counts.charged !== 1) throw new Error('the cold process did not charge');
  await topics.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
  return { chargesPerSecond, loadMs };
}

/** Publishes the rulebook straight to the store. */
export async function publish(store: EmbeddedEventStore, rulebook: object = rulebookContent): Promise<void> {
  const stream = `rulebook-${platform}`;
  const event = {
    type: 'RulebookPublished',
    version: 1,
    effectiveFrom: '2020-01-01T00:00:00.000Z',
    sha256: '',
    rulebook,
  };
  await store.append([
    { stream, expectedRevision: 'no-stream', events: [encodeEvent(stream, 0, '', event, { actor: 'bench' })] },
  ]);
}

function perSecond(count: number, startedMs: number): number {
  return Math.round(count / ((performance.now() - startedMs) / 1000));
}
