import { MessageChannel, Worker } from 'node:worker_threads';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import type { OpenReport, ReportOpener, ReportRequest } from './report-request';
import { Reports, type ReportThread } from './reports';
import { serveReports } from './serve-reports';
import { threadOf } from './start-report-thread';

const request = {
  kind: 'trial-balance',
  platform: 'shop',
  asOf: null,
  view: 'lines',
  basis: 'booked',
  zone: 'UTC',
  csv: false,
} as const satisfies ReportRequest;

describe('reports of another thread', () => {
  const clock = new ManualClock(0);
  let reports: Reports;
  let made: number;
  let closed: number;
  let open: ReportOpener;
  let threads: ReportThread[];

  beforeEach(() => {
    made = 0;
    closed = 0;
    threads = [];
    open = async () => ({ headers: { said: 'of the whole' }, chunks: chunks(5) });
    reports = new Reports(() => {
      const { port1, port2 } = new MessageChannel();
      serveReports(
        { tell: (message) => port2.postMessage(message), listen: (listener) => void port2.on('message', listener) },
        (asked) => open(asked),
      );
      const thread = {
        tell: (message: unknown) => port1.postMessage(message),
        listen: (listener: (message: unknown) => void) => void port1.on('message', listener),
        ended: (listener: () => void) => void port1.once('close', listener),
        end: () => port1.close(),
      };
      threads.push(thread);
      return thread;
    }, clock);
  });
  afterEach(() => reports.close());

  async function* chunks(count: number): AsyncIterable<string> {
    try {
      for (let i = 0; i < count; i++) {
        made += 1;
        yield `chunk ${i};`;
      }
    } finally {
      closed += 1;
    }
  }
  const whole = async ({ chunks: texts }: OpenReport): Promise<string> => {
    let text = '';
    for await (const chunk of texts) text += chunk;
    return text;
  };
  const asked = async (signal = new AbortController().signal, name = 'caller'): Promise<OpenReport> => {
    const report = await reports.open(request, { name, gone: signal });
    if (!report) throw new Error('there is no report');
    return report;
  };
  const until = async (holds: () => boolean): Promise<void> => {
    for (const deadline = Date.now() + 10_000; !holds() && Date.now() < deadline;)
      await new Promise((resolve) => setImmediate(resolve));
    expect(holds()).toBe(true);
  };

  it('come whole, a chunk when the one before has been taken', async () => {
    const report = await asked();
    expect(report.headers).toEqual({ said: 'of the whole' });
    const texts = report.chunks[Symbol.asyncIterator]();
    await texts.next();
    expect(made).toBe(1);
    expect(await whole(await asked())).toBe('chunk 0;chunk 1;chunk 2;chunk 3;chunk 4;');
    expect(threads).toHaveLength(1);
  });

  it('are given up when their reader goes away, before and while they are read', async () => {
    const gone = new AbortController();
    const report = await asked(gone.signal);
    await report.chunks[Symbol.asyncIterator]().next();
    gone.abort();
    await until(() => closed === 1);
    const early = new AbortController();
    await asked(early.signal);
    early.abort();
    await expect(asked(early.signal)).rejects.toThrow('gone away');
    expect(await whole(await asked())).toContain('chunk 4');
  });

  it('are given up when nobody takes the next chunk', async () => {
    const report = await asked();
    const texts = report.chunks[Symbol.asyncIterator]();
    await texts.next();
    await clock.advance(30_000);
    await until(() => closed === 1);
    await expect(texts.next()).rejects.toThrow('nobody took the next');
  });

  it('of a caller that reads none of its sixteen hold up nobody else, and are all given up', async () => {
    const first = async (): Promise<unknown> =>
      (await asked(undefined, 'hostile')).chunks[Symbol.asyncIterator]().next();
    const unread = Array.from({ length: 16 }, first);
    await until(() => made === 3);
    expect(await whole(await asked())).toContain('chunk 4');
    // A chunk has to arrive before its half minute begins: time passes again and again.
    for (const deadline = Date.now() + 30_000; closed < 17 && Date.now() < deadline;) {
      await clock.advance(30_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(closed).toBe(17);
    await Promise.all(unread);
    expect(await whole(await asked(undefined, 'hostile'))).toContain('chunk 4');
  });

  it('are more than there are turns, one after the other, and none keeps its turn', async () => {
    for (let round = 0; round < 3; round++) {
      const all = Array.from({ length: 16 }, async () => whole(await asked()));
      for (const text of await Promise.all(all)) expect(text).toContain('chunk 4');
    }
    expect(closed).toBe(48);
  });

  it('say what is wrong as the store says it, in place of a report or in the midst of one', async () => {
    open = () => Promise.reject(new StreamDamaged('account-shop/a', 'it was deleted'));
    await expect(asked()).rejects.toMatchObject({ name: 'StreamDamaged', stream: 'account-shop/a' });
    open = async () => ({ headers: {}, chunks: failing() });
    await expect(whole(await asked())).rejects.toThrow('the disk is gone');
    open = async () => undefined;
    expect(await reports.open(request, { name: 'caller', gone: new AbortController().signal })).toBeUndefined();
  });

  it('fail when their thread ends, and the next one starts it again', async () => {
    const report = await asked();
    threads[0]?.end();
    await expect(whole(report)).rejects.toMatchObject({
      code: 'unavailable',
      status: 503,
      headers: { 'retry-after': '2' },
    });
    expect(await whole(await asked())).toContain('chunk 4');
    expect(threads).toHaveLength(2);
  });

  it('are there again after one of them took all the memory of the thread, which fails the others as unavailable', async () => {
    let started = 0;
    reports = new Reports(() => {
      started += 1;
      const worker = new Worker(greedyThread, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 16 } });
      // Its end is what counts.
      worker.on('error', () => undefined);
      return threadOf(worker);
    }, clock);
    const reader = { name: 'caller', gone: new AbortController().signal };
    const beside = await asked();
    const texts = beside.chunks[Symbol.asyncIterator]();
    await texts.next();
    const hostile = reports.open({ ...request, platform: 'hostile' }, reader);
    await expect(Promise.all([hostile])).rejects.toMatchObject({ code: 'unavailable', status: 503 });
    expect(await whole(await asked())).toBe('of all that there is');
    expect(started).toBe(2);
    await expect(hostile).rejects.toMatchObject({ code: 'unavailable' });
  });
});

async function* failing(): AsyncIterable<string> {
  yield 'as far as it goes;';
  throw new Error('the disk is gone');
}

/** A thread that answers every report with one text, and dies of a hostile one. */
const greedyThread = `
  const { parentPort } = require('node:worker_threads');
  const over = new Set();
  parentPort.on('message', ({ kind, id, request }) => {
    if (kind === 'cancel') return;
    if (kind === 'open' && request.platform === 'hostile') for (const all = []; ;) all.push({ of: all.length });
    const isEnd = kind === 'next' && over.has(id);
    if (kind === 'next') over.add(id);
    if (kind === 'open') parentPort.postMessage({ kind: 'opened', id, headers: {} });
    else parentPort.postMessage(isEnd ? { kind: 'end', id } : { kind: 'chunk', id, text: 'of all that there is' });
  });`;
