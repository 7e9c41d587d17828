import { Global, Module, type INestApplication } from '@nestjs/common';
import { EventStore } from '@meterbook/event-store/event-store';
import { createHttpApp } from '@meterbook/http/http-app';
import { Clock } from '@meterbook/runtime/clock';
import { createLog } from '@meterbook/runtime/log';
import { Random } from '@meterbook/runtime/random';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { financeLoops } from '../finance-loops';
import { FinanceModule } from '../finance.module';
import { Books } from './books';
import { reportThreadHere } from './report-thread-here';
import { reconcile } from '../reconciliation/reconcile';
import { whatIfThreadHere } from './what-if-thread-here';
import { VerificationHere } from './verification-here';

/** How long an answer may take to become what is expected, milliseconds. */
const DEADLINE_MS = 20_000;

export interface FinanceAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

/** Finance over HTTP with its loops, on books that a spec writes. */
export class FinanceApp {
  private constructor(
    readonly books: Books,
    private readonly app: INestApplication,
    readonly url: string,
    private readonly abort: AbortController,
    private readonly running: Promise<void>,
  ) {}

  static async start(books: Books): Promise<FinanceApp> {
    const { store, clock, financeDirectory } = books;
    const [log, random] = [createLog('fatal'), new SystemRandom()];
    @Global()
    @Module({
      providers: [
        { provide: EventStore, useValue: store },
        { provide: Clock, useValue: clock },
        { provide: Random, useValue: random },
      ],
      exports: [EventStore, Clock, Random],
    })
    class Engines {}
    const finance = FinanceModule.register(
      financeDirectory,
      new VerificationHere(store),
      () => reportThreadHere(books),
      whatIfThreadHere(books),
      (task) => reconcile(store, task),
    );
    @Module({ imports: [Engines, finance] })
    class App {}
    const configuration = { HOST: '127.0.0.1', METERBOOK_TOKENS: null };
    const about = { title: 'Finance', description: 'Finance.' };
    const app = await createHttpApp(App, { configuration, log, clock, random, ...about });
    await app.listen(0, '127.0.0.1');
    const abort = new AbortController();
    const running = financeLoops(store, clock, financeDirectory, log).projections.run(abort.signal);
    return new FinanceApp(books, app, await app.getUrl(), abort, running);
  }

  /** Ends it; the books stay. */
  async close(): Promise<void> {
    await this.app.close();
    this.abort.abort();
    await this.running;
  }

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<FinanceAnswer> {
    return toAnswer(await fetch(this.url + path, { headers }));
  }

  async post(path: string, body: unknown): Promise<FinanceAnswer> {
    const headers = { 'content-type': 'application/json' };
    return toAnswer(await fetch(this.url + path, { method: 'POST', headers, body: JSON.stringify(body) }));
  }

  /** Posts until the projections have come far enough: time passes meanwhile, a millisecond each time. */
  async postUntilDone(path: string, body: unknown): Promise<FinanceAnswer> {
    for (const deadline = Date.now() + DEADLINE_MS; ;) {
      const asked = this.post(path, body);
      const passing = setInterval(() => this.books.clock.pass(1), 1);
      const answer = await asked.finally(() => clearInterval(passing));
      if (answer.json['code'] !== 'unavailable' || Date.now() > deadline) return answer;
    }
  }
}

async function toAnswer(response: Response): Promise<FinanceAnswer> {
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const { status, headers } = response;
  return { status, headers, text, json: isJson ? (JSON.parse(text) as Record<string, unknown>) : {} };
}
