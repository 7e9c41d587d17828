import type { Clock } from '@meterbook/runtime/clock';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import { fromFailure } from './report-failure';
import type { FromReportThread, ToReportThread } from './report-messages';
import type { OpenReport, ReportRequest } from './report-request';
import { ReportTurns, type Reader } from './report-turns';
import type { Port } from './serve-reports';

/** How long a report waits for whoever reads it before it is given up, milliseconds. */
const MAX_STALL_MS = 30_000;
const RETRY_AFTER_SECONDS = 2;

/** A thread that makes reports. */
export interface ReportThread extends Port {
  /** Calls back when the thread has ended, by itself or not. */
  readonly ended: (listener: () => void) => void;
  readonly end: () => void;
}

/** Waits for one answer about a report. */
interface Asked {
  readonly resolve: (message: FromReportThread) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The reports, made in a thread of their own, so that no report holds up whoever else is answered. A chunk is asked for once the
 * one before has been taken. The thread is started with the first report, and again where it has ended.
 */
export class Reports {
  private readonly turns = new ReportTurns();
  private readonly asked = new Map<number, Asked>();
  private thread: ReportThread | undefined;
  private lastId = 0;
  private isClosed = false;

  constructor(
    private readonly startThread: () => ReportThread,
    private readonly clock: Clock,
  ) {}

  /**
   * Opens a report in its reader's turn; undefined where its account was never opened. It is given up when the reader is gone, which
   * has to happen in the end: a report that nobody reads keeps its turn. Throws the problem
   * `too_busy`, and `unavailable` where the thread ends meanwhile: what one report has done to it, another one does not suffer twice.
   */
  async open(request: ReportRequest, { name, gone }: Reader): Promise<OpenReport | undefined> {
    const giveBack = await this.turns.take(name, gone);
    const id = ++this.lastId;
    const giveUp = (): void => {
      this.asked.get(id)?.reject(new Error('the report was given up'));
      this.asked.delete(id);
      // A thread that has ended meanwhile knows nothing of it.
      this.thread?.tell({ kind: 'cancel', id });
      giveBack();
    };
    if (gone.aborted) {
      giveBack();
      throw new Error('whoever asked for the report has gone away');
    }
    gone.addEventListener('abort', giveUp, { once: true });
    const done = (): void => {
      gone.removeEventListener('abort', giveUp);
      giveBack();
    };
    try {
      const opened = await this.ask({ kind: 'open', id, request });
      if (opened.kind === 'opened') return { headers: opened.headers, chunks: this.chunks(id, giveUp, done) };
      done();
      return undefined;
    } catch (error) {
      done();
      throw error;
    }
  }

  /** Ends the thread; reports under way fail. */
  close(): void {
    this.isClosed = true;
    this.thread?.end();
    this.end();
  }

  private async *chunks(id: number, giveUp: () => void, done: () => void): AsyncIterable<string> {
    let isOver = false;
    const reading = { isGivenUp: false };
    let taken = new AbortController();
    try {
      for (;;) {
        const answer = await this.ask({ kind: 'next', id });
        if (answer.kind !== 'chunk') break;
        taken = this.giveUpUnless(() => {
          reading.isGivenUp = true;
          giveUp();
        });
        yield answer.text;
        taken.abort();
        // Nobody answers for it any more: who reads on after all is not kept waiting.
        if (reading.isGivenUp) throw new Error('the report was given up, since nobody took the next of it');
      }
      isOver = true;
    } finally {
      taken.abort();
      if (!isOver) giveUp();
      done();
    }
  }

  /** Gives up in a while, unless what it returns is aborted before. */
  private giveUpUnless(giveUp: () => void): AbortController {
    const taken = new AbortController();
    void this.clock.sleep(MAX_STALL_MS, taken.signal).then(() => {
      if (!taken.signal.aborted) giveUp();
    });
    return taken;
  }

  private ask(message: ToReportThread): Promise<FromReportThread> {
    return new Promise((resolve, reject) => {
      this.asked.set(message.id, { resolve, reject });
      this.tell(message);
    });
  }

  private tell(message: ToReportThread): void {
    if (this.isClosed) throw new Error('the reports are closed');
    this.thread ??= this.started();
    this.thread.tell(message);
  }

  private started(): ReportThread {
    const thread = this.startThread();
    thread.listen((told) => {
      const message = told as FromReportThread;
      const asked = this.asked.get(message.id);
      this.asked.delete(message.id);
      if (message.kind === 'failed') asked?.reject(fromFailure(message.failure));
      else asked?.resolve(message);
    });
    thread.ended(() => {
      if (this.thread === thread) this.end();
    });
    return thread;
  }

  private end(): void {
    this.thread = undefined;
    for (const { reject } of this.asked.values()) reject(threadEnded());
    this.asked.clear();
  }
}

function threadEnded(): Problem {
  return new Problem('unavailable', 'The reports are starting again: try again.', {
    headers: retryAfter(RETRY_AFTER_SECONDS),
  });
}
