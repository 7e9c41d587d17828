import { rmSync } from 'node:fs';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded-event-store';
import { chainHash } from '@meterbook/event-store/hash-chain';
import { SystemClock } from '@meterbook/runtime/system-clock';
void (async () => {
  rmSync('/tmp/bench-es', { recursive: true, force: true });
  const store = new EmbeddedEventStore('/tmp/bench-es', new SystemClock());
  const N = 1_000_000, total = 1_500_000, batch = 2000;
  const data = JSON.stringify({ charges: ['x'.repeat(400)] });
  const revs = new Int32Array(N).fill(-1);
  let t = Date.now(), tHash = 0, tApp = 0;
  for (let done = 0; done < total; done += batch) {
    const appends = [];
    const h0 = performance.now();
    for (let i = 0; i < batch; i++) {
      const a = done < N ? done + i : Math.floor(Math.random() * N);
      const stream = `account-bench/acct-${a}`;
      const hash = chainHash('', stream, revs[a]! + 1, 'UsageCharged', '{"actor":"usage"}', data);
      appends.push({ stream, expectedRevision: revs[a]! < 0 ? 'no-stream' as const : revs[a]!, events: [{ type: 'UsageCharged', data, metadata: '{"actor":"usage"}', hash }] });
    }
    const h1 = performance.now();
    tHash += h1 - h0;
    const out = await store.append(appends);
    tApp += performance.now() - h1;
    for (let i = 0; i < batch; i++) { const o = out[i]!; if (o.kind === 'appended') { const a = Number(appends[i]!.stream.slice(19)); revs[a] = o.revision; } }
    if (done % 500000 === 0 && done) { console.log(done, Math.round(500000 / ((Date.now() - t) / 1000)), 'hash us', tHash / 500, 'append us', tApp / 500); t = Date.now(); tHash = 0; tApp = 0; }
  }
  let s = Date.now();
  await store.close();
  console.log('close', Date.now() - s);
  s = Date.now();
  const again = new EmbeddedEventStore('/tmp/bench-es', new SystemClock());
  await again.head('x');
  console.log('open with index', Date.now() - s);
  s = Date.now(); let n = 0;
  for (let i = 0; i < 2000; i++) for await (const _e of again.read(`account-bench/acct-${Math.floor(Math.random() * N)}`, 'start', 'forward')) n++;
  console.log('cold read us', (Date.now() - s) / 2, n);
  await again.close();
  rmSync('/tmp/bench-es/events.index');
  s = Date.now();
  const third = new EmbeddedEventStore('/tmp/bench-es', new SystemClock());
  await third.head('x');
  console.log('open without index', Date.now() - s, 'rss', process.memoryUsage().rss / 1e6);
  s = Date.now();
  const a = await third.audit(() => undefined);
  console.log('audit', Date.now() - s, a.events, a.faults.length);
  await third.close();
})();
