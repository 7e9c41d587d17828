import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Problem, retryAfter } from '../problem/problem';
import type { RawBody } from '../request/raw-body';
import type { Clock } from '@meterbook/runtime/clock';
import { processorTimeMs } from '@meterbook/runtime/processor-time';
import { threadEntry } from '@meterbook/runtime/thread-entry';
import type { ReadContent, ReadWithin } from './read-content';
import type { ReadingResult, ReadingTask } from './read-content-thread';

/** How long one body may take to read, in milliseconds: by the clock, and of the processor. */
export const READING_TIMEOUT_MS = 5_000;
/** How long by the clock, in milliseconds, where the process did not have so much of the processor: that is not the body's fault. */
export const STARVED_TIMEOUT_MS = 12_000;
/** How often it is looked whether it has, in milliseconds. */
const LOOK_EVERY_MS = 500;
/** Heap of the thread that reads, MiB. */
const HEAP_MIB = 384;
const YOUNG_HEAP_MIB = 64;
/** Seconds after which a caller may come again where the machine was too busy. */
const RETRY_AFTER_S = 5;
/** Bodies that wait to be read, of all callers and of one. Each may have four megabytes. */
export const MAX_WAITING = 24;
export const MAX_WAITING_OF_ONE = 8;

interface Waiting {
  readonly body: RawBody;
  readonly member: string | undefined;
  readonly resolve: (content: ReadContent | ReadWithin) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads rulebooks in a thread of its own, one at a time, since a body can be made to take minutes and gigabytes. What takes too long
 * or too much is refused, and the thread is replaced. Callers take turns, and none may have more than its share waiting.
 */
export class RulebookReading {
  /** Who waits with what, whose turn it is first. */
  private readonly waiting = new Map<string, Waiting[]>();
  private worker: Worker | undefined;
  private working = false;
  private closed = false;

  /** `processorMs` tells the processor time that the process has had so far, in milliseconds. */
  constructor(
    private readonly clock: Clock,
    private readonly processorMs: () => number = processorTimeMs,
  ) {}

  /** What a body comes to; throws `too_busy` where too many wait, or the machine has no processor left to read it with. */
  read(caller: string, body: RawBody): Promise<ReadContent> {
    return this.inTurn(caller, body).then((read) => {
      if (read.kind === 'within') throw new Error('a body that is a rulebook was read as one that has one');
      return read;
    });
  }

  /** The same of a body that has a rulebook as a member of this name. */
  readWithin(caller: string, body: RawBody, member: string): Promise<ReadContent | ReadWithin> {
    return this.inTurn(caller, body, member);
  }

  private inTurn(caller: string, body: RawBody, member?: string): Promise<ReadContent | ReadWithin> {
    const own = this.waiting.get(caller) ?? [];
    const all = [...this.waiting.values()].reduce((sum, { length }) => sum + length, 0);
    if (this.closed || all >= MAX_WAITING || own.length >= MAX_WAITING_OF_ONE)
      throw new Problem('too_busy', 'Too many rulebooks are waiting to be read.', { headers: retryAfter(1) });
    return new Promise((resolve, reject) => {
      own.push({ body, member, resolve, reject });
      this.waiting.set(caller, own);
      if (!this.working) void this.work();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.worker?.terminate();
  }

  private async work(): Promise<void> {
    this.working = true;
    for (let next = this.next(); next; next = this.next()) {
      try {
        next.resolve(await this.readOne(next));
      } catch (error) {
        next.reject(error);
      }
    }
    this.working = false;
  }

  /** The first of whoever's turn it is, who then stands behind all others. */
  private next(): Waiting | undefined {
    for (const [caller, own] of this.waiting) {
      const first = own.shift();
      this.waiting.delete(caller);
      if (own.length > 0) this.waiting.set(caller, own);
      if (first) return first;
    }
    return undefined;
  }

  private async readOne({ body: { bytes, isYaml }, member }: Waiting): Promise<ReadContent | ReadWithin> {
    const worker = (this.worker ??= await this.start());
    const done = new AbortController();
    const late = this.tooLate(done.signal);
    const task: ReadingTask = { bytes, isYaml, member };
    worker.postMessage(task);
    const result = await Promise.race([answerOf(worker), late]).finally(() => done.abort());
    if (typeof result !== 'string') {
      if (result.kind === 'failed') throw new Error(`a rulebook could not be read: ${result.message}`);
      if (result.kind === 'ready') throw new Error('the thread that reads rulebooks said that it is ready twice');
      return result;
    }
    this.worker = undefined;
    await worker.terminate();
    if (result === 'starved') {
      throw new Problem('too_busy', 'The machine is too busy to read a rulebook.', {
        headers: retryAfter(RETRY_AFTER_S),
      });
    }
    const limit = result === 'late' ? `${READING_TIMEOUT_MS} ms` : `${HEAP_MIB} MiB`;
    const fault = { pointer: '', code: 'too_large', detail: `it takes more than ${limit} to read` } as const;
    return { kind: 'invalid', faults: [fault], more: 0 };
  }

  /** Resolves when a body has had its time. A machine that has none to give lets it have some more, and then it is not the body's fault. */
  private async tooLate(signal: AbortSignal): Promise<'late' | 'starved'> {
    const processorBefore = this.processorMs();
    await this.clock.sleep(READING_TIMEOUT_MS, signal);
    for (let waitedMs = READING_TIMEOUT_MS; waitedMs < STARVED_TIMEOUT_MS; waitedMs += LOOK_EVERY_MS) {
      if (signal.aborted || this.processorMs() - processorBefore >= READING_TIMEOUT_MS) return 'late';
      await this.clock.sleep(LOOK_EVERY_MS, signal);
    }
    return 'starved';
  }

  /** A thread that is ready: what it takes to start counts against nobody's body. */
  private async start(): Promise<Worker> {
    const { file, execArgv } = threadEntry(join(__dirname, 'read-content-thread'));
    const resourceLimits = { maxOldGenerationSizeMb: HEAP_MIB, maxYoungGenerationSizeMb: YOUNG_HEAP_MIB };
    const worker = new Worker(file, { execArgv, resourceLimits });
    // A process that has nothing else to do need not wait for it, and its end, whenever it comes, must not be everybody's.
    worker.unref();
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (this.worker === worker) this.worker = undefined;
    });
    if ((await answerOf(worker)) === 'ended') throw new Error('the thread that reads rulebooks does not start');
    return worker;
  }
}

/** What the thread says next; `ended` where its memory was not enough. Rejects where it failed otherwise. */
function answerOf(worker: Worker): Promise<ReadingResult | 'ended'> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onExit);
      act();
    };
    const onMessage = (result: ReadingResult): void => settle(() => resolve(result));
    const onError = (error: Error): void => settle(() => (isOutOfMemory(error) ? resolve('ended') : reject(error)));
    const onExit = (): void => settle(() => resolve('ended'));
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onExit);
  });
}

function isOutOfMemory(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
