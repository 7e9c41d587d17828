import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { EmbeddedTopics } from '@meterbook/topics/embedded/embedded-topics';
import type { TopicRecord } from '@meterbook/topics/topics';

/** Records that go through one topic, and how long they are kept, milliseconds. */
const records = Number(process.env['BENCH_RECORDS'] ?? 10_000_000);
const keptMs = Number(process.env['BENCH_KEPT_MS'] ?? 15_000);
/** As many a second at the most: what is kept is then as much at the end as at the beginning. */
const perSecond = Number(process.env['BENCH_PER_SECOND'] ?? 25_000);
const batch = 2_000;
const partitions = 12;
const reportEveryMs = 5_000;
/** The file may be so much larger at the end than when the first records were twice as old as they are kept. */
const mostGrowth = 1.3;

/** Puts records through an embedded topic for as long as its retention several times over, and watches the size of its file. */
async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-retention-'));
  const clock = new SystemClock();
  const topics = new EmbeddedTopics(directory, clock, { prefix: '', partitions, retentionMs: { usage: keptMs } });
  const stop = new AbortController();
  let consumed = 0;
  const consuming = topics.consume(
    'g',
    ['usage'],
    async (delivered) => {
      consumed += delivered.records.length;
    },
    stop.signal,
  );
  const bytes = (): number => ['', '-wal'].reduce((sum, end) => sum + sizeOf(join(directory, `usage.db${end}`)), 0);
  const startedAt = clock.now();
  let [reportedAt, settled, largestSince] = [startedAt, 0, 0];
  for (let published = 0; published < records; published += batch) {
    await topics.publish('usage', batchFrom(published));
    await clock.sleep(startedAt + (1000 * published) / perSecond - clock.now());
    const now = clock.now();
    if (now - startedAt > 2 * keptMs) {
      if (settled === 0) settled = bytes();
      largestSince = Math.max(largestSince, bytes());
    }
    if (now - reportedAt < reportEveryMs) continue;
    reportedAt = now;
    console.log(
      `${seconds(now - startedAt)} s  ${published + batch} published  ${consumed} consumed  ${mib(bytes())} MiB`,
    );
  }
  while (consumed < records) await clock.sleep(100);
  const tookMs = clock.now() - startedAt;
  stop.abort();
  await consuming;
  await topics.close();
  rmSync(directory, { recursive: true });
  console.log(
    `${records} records in ${seconds(tookMs)} s, kept for ${seconds(keptMs)} s: ${mib(settled)} MiB when the first were twice as old, at most ${mib(largestSince)} MiB after`,
  );
  if (settled === 0) throw new Error('they went through before the retention was over twice: keep them for less');
  if (largestSince > settled * mostGrowth) throw new Error('the file went on growing');
}

function batchFrom(first: number): TopicRecord[] {
  return Array.from({ length: batch }, (_, i) => ({
    key: `shop/account-${(first + i) % 100_000}`,
    value: `{"id":"req-${first + i}","data":"${'x'.repeat(370)}"}`,
  }));
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

const mib = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
const seconds = (ms: number): string => (ms / 1000).toFixed(1);

void main();
