import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { formatInstant } from '@meterbook/domain/time/instant';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { EventStore, type StoredEvent } from '@meterbook/event-store/event-store';
import { createHttpApp } from '@meterbook/http/http-app';
import { Metrics } from '@meterbook/http/metrics/metrics';
import { folders } from '@meterbook/host/engines/folders';
import { Clock } from '@meterbook/runtime/clock';
import { CONFIGURATION, readConfiguration, type Configuration } from '@meterbook/runtime/configuration';
import { createLog } from '@meterbook/runtime/log';
import { Random } from '@meterbook/runtime/random';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { EmbeddedTopics } from '@meterbook/topics/embedded/embedded-topics';
import { Topics, type TopicRecord } from '@meterbook/topics/topics';
import type { DeadLetterIndex } from '../dead-letters/dead-letter-index';
import { IndexDeadLetters } from '../dead-letters/index-dead-letters';
import { RedriveDamaged } from '../dead-letters/redrive-damaged';
import { chargingParts } from '../charging/charging-parts';
import { LedgerModule } from '../ledger.module';
import { IndexKeys } from '../profile/index-keys';
import { platform, rulebook } from './embedded-ledger';

/** How long an expectation may take to come true. */
const deadlineMs = 30_000;
const pollMs = 10;

/** The machine's clock, put forward by as much as a spec likes. */
export class AheadClock extends SystemClock {
  aheadMs = 0;

  override now(): number {
    return super.now() + this.aheadMs;
  }
}

export interface LedgerResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Empty where there is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

@Global()
@Module({})
class EnginesModule {}

interface Process {
  readonly app: NestFastifyApplication;
  readonly store: EventStore;
  readonly topics: Topics;
}

/** The ledger's HTTP side with its charging loop on embedded engines in a folder of its own, for specs. */
export class LedgerApp {
  readonly clock = new AheadClock();
  readonly directory = mkdtempSync(join(tmpdir(), 'meterbook-ledger-app-'));
  private readonly stop = new AbortController();
  private readonly loops: Promise<void>[] = [];
  private readonly processes: Process[] = [];

  /** Starts one HTTP process and the loops. */
  static async start(environment: Readonly<Record<string, string>> = {}): Promise<LedgerApp> {
    const ledger = new LedgerApp();
    const { app, store, topics } = await ledger.startProcess(environment);
    const parts = chargingParts(
      store,
      topics,
      { maxBytes: 64e6, checkpointEvery: 20, maxAgeDays: 35 },
      { clock: ledger.clock, log: createLog('fatal') },
    );
    ledger.loops.push(
      parts.charge.run(ledger.stop.signal),
      app.get(IndexDeadLetters).run(ledger.stop.signal),
      app.get(RedriveDamaged).run(ledger.stop.signal),
    );
    return ledger;
  }

  /** The store as the first process has it open. */
  get store(): EventStore {
    const [process] = this.processes;
    if (!process) throw new Error('no process');
    return process.store;
  }

  get processCount(): number {
    return this.processes.length;
  }

  /** Another HTTP process on the same engines' files; without loops but the one that finds its keys. */
  async startProcess(environment: Readonly<Record<string, string>> = {}): Promise<Process> {
    const dataDirectory = join(this.directory, `process-${this.processes.length}`);
    const configuration: Configuration = readConfiguration({ DATA_DIR: dataDirectory, ...environment });
    const store = new EmbeddedEventStore(join(this.directory, 'store'), this.clock);
    const topics = new EmbeddedTopics(join(this.directory, 'topics'), this.clock, { prefix: '', partitions: 4 });
    const engines: DynamicModule = {
      module: EnginesModule,
      imports: [LedgerModule],
      providers: [
        { provide: EventStore, useValue: store },
        { provide: Topics, useValue: topics },
        { provide: Clock, useValue: this.clock },
        { provide: Random, useClass: SystemRandom },
        { provide: CONFIGURATION, useValue: configuration },
      ],
      exports: [EventStore, Topics, Clock, Random, CONFIGURATION],
    };
    const app = await createHttpApp(engines, {
      configuration,
      log: createLog('fatal'),
      clock: this.clock,
      random: new SystemRandom(),
      title: 'ledger',
      description: 'ledger',
    });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    const indexing = new IndexKeys(store, this.clock, folders(configuration).ledger, createLog('fatal'));
    this.loops.push(indexing.run(this.stop.signal));
    const process = { app, store, topics };
    this.processes.push(process);
    return process;
  }

  /** Sends a request to the n-th process. */
  async send(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    {
      headers = {},
      process = 0,
    }: { readonly headers?: Readonly<Record<string, string>>; readonly process?: number } = {},
  ): Promise<LedgerResponse> {
    const target = this.processes[process];
    if (!target) throw new Error(`no process ${process}`);
    const answer = await target.app.inject({
      method,
      url: path,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: JSON.parse(answer.body === '' ? '{}' : answer.body) as LedgerResponse['body'],
    };
  }

  /** The value of a line of the first process's metrics. */
  async metric(name: string): Promise<string | undefined> {
    const text = await this.processes[0]?.app.get(Metrics, { strict: false }).registry.metrics();
    return text
      ?.split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1);
  }

  /** The same under `/v1/platforms/apibox`. */
  on(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    process = 0,
  ): Promise<LedgerResponse> {
    return this.send(method, `/v1/platforms/${platform}${path}`, body, { process });
  }

  /** A busy machine may put off the reading of a rulebook. */
  publish(content: Readonly<Record<string, unknown>> = rulebook): Promise<LedgerResponse> {
    const body = { effectiveFrom: '2020-01-01T00:00:00.000Z', ...content };
    return this.eventually(
      () => this.on('PUT', '/rulebook', body),
      ({ status }) => status !== 503,
    );
  }

  /** Puts usage on the topic as ingest does. */
  async use(
    account: string,
    id: string,
    data: Readonly<Record<string, unknown>> = {},
    agoMs = 60_000,
    of = platform,
  ): Promise<void> {
    const event = {
      specversion: '1.0',
      type: 'usage.recorded',
      source: 'gw',
      id,
      time: formatInstant(this.clock.now() - agoMs),
      platform: of,
      subject: account,
      data: { model: 'gpt', units: {}, ...data },
    };
    await this.put(`${of}/${account}`, JSON.stringify(event));
  }

  async put(key: string, value: string): Promise<void> {
    await this.topicsOf(0).publish('usage.recorded', [{ key, value }]);
  }

  /** Puts several records on the topic at once. */
  async putAll(records: readonly TopicRecord[]): Promise<void> {
    await this.topicsOf(0).publish('usage.recorded', records);
  }

  private topicsOf(process: number): Topics {
    const topics = this.processes[process]?.topics;
    if (!topics) throw new Error(`no process ${process}`);
    return topics;
  }

  /** Lets an index of dead letters consume its topic until so many wait and so many are dismissed. */
  async fill(index: DeadLetterIndex, letters: number, dismissed = 0): Promise<void> {
    const stop = new AbortController();
    const loop = new IndexDeadLetters(this.topicsOf(0), index).run(stop.signal);
    const end = this.clock.now() + deadlineMs;
    const counted = (isDismissed: boolean): number =>
      index.queries.list({ platforms: null, reason: null, dismissed: isDismissed, after: null }).letters.length;
    while (counted(false) !== letters || counted(true) !== dismissed) {
      if (this.clock.now() > end) throw new Error(`the index never holds ${letters}`);
      await this.clock.sleep(pollMs);
    }
    stop.abort();
    await loop;
  }

  /** Waits until the charge of a usage is there, and returns it. */
  async charged(account: string, id: string): Promise<unknown> {
    const path = `/accounts/${account}/charges?source=gw&id=${encodeURIComponent(id)}`;
    const charges = ({ body }: LedgerResponse): unknown[] => body['charges'] as unknown[];
    return charges(
      await this.eventually(
        () => this.on('GET', path),
        (answer) => charges(answer).length > 0,
      ),
    )[0];
  }

  async stored(stream: string): Promise<StoredEvent[]> {
    const events: StoredEvent[] = [];
    for await (const event of this.processes[0]?.store.read(stream, 'start', 'forward') ?? []) events.push(event);
    return events;
  }

  async eventually(
    ask: () => Promise<LedgerResponse>,
    holds: (answer: LedgerResponse) => boolean,
  ): Promise<LedgerResponse> {
    const end = this.clock.now() + deadlineMs;
    for (;;) {
      const answer = await ask();
      if (holds(answer)) return answer;
      if (this.clock.now() > end) throw new Error(`still ${answer.status} ${JSON.stringify(answer.body)}`);
      await this.clock.sleep(pollMs);
    }
  }

  async close(): Promise<void> {
    this.stop.abort();
    await Promise.all(this.loops);
    for (const { app, store, topics } of this.processes) {
      await app.close();
      await topics.close();
      await store.close();
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}
