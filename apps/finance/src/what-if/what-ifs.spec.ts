import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Charge } from '@meterbook/domain/account/charging/events';
import { createLog } from '@meterbook/runtime/log';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import type { WhatIfTask } from './question';
import { readResult, ResultBeingMade } from './result-file';
import { WhatIfIndex, type AskedWhatIf } from './what-if-index';
import type { FromWhatIfThread, WhatIfThread } from './what-if-thread';
import { MAX_KEPT_OF_PLATFORM, WhatIfs } from './what-ifs';

/** A thread that says what it is told to say, and when. */
class ToldThread implements WhatIfThread {
  hasEnded = false;
  private hear: (message: FromWhatIfThread) => void = () => undefined;
  private hearEnd: () => void = () => undefined;

  constructor(readonly task: WhatIfTask) {}

  say(message: FromWhatIfThread): void {
    this.hear(message);
  }

  /** Makes a result in which nothing happened, and says so. */
  finish(): void {
    const result = new ResultBeingMade(this.task.file, []);
    result.finish({ accounts: 0, refused: [], damaged: { count: 0, accounts: [] } });
    result.close();
    this.say({ kind: 'done' });
  }

  die(): void {
    this.hearEnd();
  }

  readonly listen = (listener: (message: FromWhatIfThread) => void): void => void (this.hear = listener);
  readonly ended = (listener: () => void): void => void (this.hearEnd = listener);
  readonly end = (): void => void (this.hasEnded = true);
}

describe('the what-ifs of a process', () => {
  const log = createLog('fatal');
  let directory: string;
  let clock: ManualClock;
  let threads: ToldThread[];
  let whatIfs: WhatIfs;

  const open = (): WhatIfs => {
    const start = (task: WhatIfTask): WhatIfThread => {
      const thread = new ToldThread(task);
      threads.push(thread);
      return thread;
    };
    return new WhatIfs(new WhatIfIndex(directory), start, clock, log);
  };
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-what-ifs-'));
    clock = new ManualClock();
    threads = [];
    whatIfs = open();
  });
  afterEach(() => {
    whatIfs.close();
    rmSync(directory, { recursive: true });
  });

  const asked = (whatIfId: string, platform = 'shop'): AskedWhatIf => ({
    ...{ platform, whatIfId, digest: whatIfId, currency: 'USD' },
    question: { platform, from: 0, to: 1, zone: 'UTC', groupBy: [] },
    rulebook: null,
  });
  const stateOf = (whatIfId: string, platform = 'shop'): string | undefined => whatIfs.find(platform, whatIfId)?.state;
  const thread = (n: number): ToldThread => {
    const found = threads[n];
    if (!found) throw new Error(`thread ${n} was not started`);
    return found;
  };

  it('are made one at a time of a platform and two in all, and the others wait in their order', () => {
    for (const id of ['a', 'b']) whatIfs.add(asked(id));
    whatIfs.add(asked('c', 'harbour'));
    whatIfs.add(asked('d', 'mill'));
    expect(threads.map(({ task }) => task.question.platform)).toEqual(['shop', 'harbour']);
    thread(1).finish();
    expect(threads.map(({ task }) => task.question.platform)).toEqual(['shop', 'harbour', 'mill']);
    thread(0).finish();
    expect(threads).toHaveLength(4);
    expect(['a', 'b'].map((id) => stateOf(id))).toEqual(['done', 'running']);
  });

  it('say how far they are, and keep what they came to', () => {
    whatIfs.add(asked('a'));
    thread(0).say({ kind: 'progress', progress: { part: 0.5, accounts: 3 } });
    const running = whatIfs.find('shop', 'a');
    expect(running && whatIfs.progressOf(running)).toEqual({ part: 0.5, accounts: 3 });
    thread(0).finish();
    const done = whatIfs.find('shop', 'a');
    expect(done && whatIfs.page(done, 0, 10)).toMatchObject({ items: [], next: null });
  });

  it('go on after a restart where they were under way, and know what was finished', () => {
    whatIfs.add(asked('a'));
    whatIfs.add(asked('b'));
    thread(0).finish();
    whatIfs.close();
    whatIfs = open();
    whatIfs.resume();
    expect(['a', 'b'].map((id) => stateOf(id))).toEqual(['done', 'running']);
    thread(2).finish();
    expect(stateOf('b')).toBe('done');
  });

  it('are ended and forgotten when they are cancelled, and the next one begins', () => {
    whatIfs.add(asked('a'));
    whatIfs.add(asked('b'));
    const kept = whatIfs.find('shop', 'a');
    if (kept) whatIfs.remove(kept);
    expect([thread(0).hasEnded, stateOf('a'), threads.length]).toEqual([true, undefined, 2]);
    // What an ended thread still says is of no account.
    thread(0).say({ kind: 'done' });
    expect(stateOf('b')).toBe('running');
  });

  it('are refused where too many of a platform wait, and others are not', () => {
    for (let n = 0; n < 8; n++) whatIfs.add(asked(`a${n}`));
    expect(() => whatIfs.add(asked('one more'))).toThrow('too_busy');
    expect(() => whatIfs.add(asked('another', 'harbour'))).not.toThrow();
  });

  it('are begun again where the store was away or the thread ended, and fail in the end', async () => {
    whatIfs.add(asked('a'));
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(stateOf('a')).toBe('running');
      if (attempt % 2 === 0) thread(attempt).die();
      else thread(attempt).say({ kind: 'failed', failure: { kind: 'unavailable', why: 'away' } });
      await clock.advance(30_000);
    }
    expect([stateOf('a'), threads.length]).toEqual(['failed', 5]);
  });

  it('fail at once where trying again would be of no use, and say nothing of what is ours', () => {
    whatIfs.add(asked('a'));
    thread(0).say({ kind: 'failed', failure: { kind: 'other', message: 'Error: at /secret/place.js' } });
    expect(whatIfs.find('shop', 'a')).toMatchObject({ state: 'failed', why: 'Something failed that should not have.' });
  });

  it('keep some finished ones of a platform, and let go of the oldest with its result', () => {
    for (let n = 0; n <= MAX_KEPT_OF_PLATFORM; n++) {
      whatIfs.add(asked(`a${n}`));
      thread(n).finish();
    }
    expect([stateOf('a0'), stateOf('a1')]).toEqual([undefined, 'done']);
    expect([existsSync(thread(0).task.file), existsSync(thread(1).task.file)]).toEqual([false, true]);
  });

  it('are forgotten with an index that is no database, and go on', () => {
    whatIfs.add(asked('a'));
    whatIfs.close();
    rmSync(join(directory, 'index.db-wal'), { force: true });
    rmSync(join(directory, 'index.db-shm'), { force: true });
    const garbage = Buffer.alloc(5_000, 'garbage');
    writeFileSync(join(directory, 'index.db'), garbage);
    whatIfs = open();
    whatIfs.resume();
    expect(stateOf('a')).toBeUndefined();
    whatIfs.add(asked('b'));
    expect(stateOf('b')).toBe('running');
  });
});

describe('the result of a what-if', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-result-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is in the order of its groups, none first and then by code point, however few of them memory holds', () => {
    const file = join(directory, 'result.db');
    const result = new ResultBeingMade(file, ['model', 'plan'], 3);
    const charge: Charge = {
      ...{
        source: 's',
        id: 'i',
        occurredAt: '',
        tier: 'default',
        group: 'default',
        rulebook: 1,
        units: {},
        factors: [],
      },
      ...{ model: 'm', amount: '0.1', digest: 'd' },
      price: { mode: 'request' },
    };
    const models = ['b', 'a', '\u{1F600}', '\uFF5E', 'B', 'a'];
    for (let n = 0; n < 60; n++) {
      const plan = n % 2 === 0 ? null : 'basic';
      result.of([models[n % models.length] ?? '', plan]).actual.count({ atMs: 0, charge, reversed: false });
    }
    result.finish({ accounts: 1, refused: [], damaged: { count: 0, accounts: [] } });
    result.close();
    const page = readResult(file, 0, 100);
    const items = page?.items.map((item) => JSON.parse(item) as { model: string; plan: string | null; actual: object });
    expect(items?.map(({ model, plan }) => [model, plan])).toEqual([
      ['B', null],
      ['a', 'basic'],
      ['b', null],
      ['\uFF5E', 'basic'],
      ['\u{1F600}', null],
    ]);
    expect(items?.map(({ actual }) => actual)).toMatchObject([10, 20, 10, 10, 10].map((charges) => ({ charges })));
    expect(page?.summary.totals.actual).toMatchObject({ charges: 60, amount: '6', cost: '6' });
  });
});
