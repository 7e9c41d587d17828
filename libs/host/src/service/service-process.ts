import { Module, type DynamicModule, type Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Health } from '@meterbook/http/health/health';
import { createHttpApp } from '@meterbook/http/http-app';
import { Metrics } from '@meterbook/http/metrics/metrics';
import { isUnfitToStart } from '@meterbook/runtime/unfit-to-start';
import { dataFolder } from '../files/data-folder';
import { keepWitness } from '../files/keep-witness';
import { refuseUnfitFiles } from '../files/refuse-unfit-files';
import { watchDisk } from '../files/watch-disk';
import type { Service, ServiceHost, ServiceParts } from './service';
import { watchLoop } from '../loops/watch-loop';
import { stopTakingRequests } from './stop-taking-requests';
import { ServiceLoops } from '../loops/hosted-loops';
import { untilThere } from '../engines/until-there';
import { Poll, STALE_MS } from '../loops/poll';
import { PortsModule } from './ports';
import { watchStore } from '../engines/watch-store';
import { GROUPS, TOPICS } from '@meterbook/messages/topic-table';

/** How often engines and backlogs are looked at. */
const LOOK_EVERY_MS = 1_000;

@Module({})
class ServiceModule {
  static with(ports: DynamicModule, service: Type | DynamicModule): DynamicModule {
    return { module: ServiceModule, imports: [ports, service] };
  }
}

/** One service in a process of its own: HTTP and loops on the engines of the configuration. */
export class ServiceProcess {
  private readonly loops: ServiceLoops;
  private readonly stopping = new AbortController();
  private readonly polling: Promise<void>[] = [];
  private starting: Promise<void> = Promise.resolve();
  private begun = false;

  private constructor(
    private readonly host: ServiceHost,
    private readonly parts: ServiceParts,
    private readonly app: NestFastifyApplication,
  ) {
    const { clock, random, log, opened } = host;
    this.loops = new ServiceLoops(parts.loops(app), opened.topics?.deliveries, LOOK_EVERY_MS, clock, random, log);
  }

  /** Listens, and says where. The engines are waited for, and it answers meanwhile that it is not ready: see `started`. */
  static async listen(
    service: Service,
    host: ServiceHost,
  ): Promise<{ readonly process: ServiceProcess; readonly address: string }> {
    const { configuration, clock, random, log } = host;
    refuseUnfitFiles(configuration, log);
    const parts = await service.open(host);
    const store = host.opened.store?.store;
    const topics = host.opened.topics?.topics;
    const ports = PortsModule.with({ configuration, clock, random, store, topics });
    const { title, description } = service;
    const options = { configuration, log, clock, random, title, description };
    const app = await createHttpApp(ServiceModule.with(ports, parts.module), options);
    const process = new ServiceProcess(host, parts, app);
    process.watch();
    await app.init();
    process.starting = process.begin();
    await app.listen(configuration.PORT, configuration.HOST);
    return { process, address: await app.getUrl() };
  }

  /** Resolves when the loops run. Rejects where an engine is there and would endanger the books: the process then has to stop. */
  get started(): Promise<void> {
    return this.starting;
  }

  /** Whether the loops were started, and nobody has said stop. */
  get runs(): boolean {
    return this.begun && !this.stopping.signal.aborted;
  }

  /** Takes no more requests, answers those under way, lets the loops finish and commit what they hold, and lets go of the engines. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.starting.catch(() => undefined);
    await stopTakingRequests(this.app, this.host.clock);
    try {
      await this.loops.stop();
      await this.parts.idle?.();
    } finally {
      await Promise.all(this.polling);
      await this.app.close();
      await this.host.close();
    }
  }

  private async begin(): Promise<void> {
    const { store, topics } = this.host.opened;
    const { clock, random, log } = this.host;
    const { signal } = this.stopping;
    await Promise.all([store?.ready(signal), topics?.ready(signal)]);
    if (signal.aborted) return;
    this.loops.start();
    this.begun = true;
    const { prepare } = this.parts;
    const passes = (error: unknown): boolean => !isUnfitToStart(error);
    if (prepare)
      await untilThere('event store', () => prepare(this.app, signal), passes, { clock, random, log, signal });
  }

  private watch(): void {
    const { store, topics } = this.host.opened;
    const { configuration, clock, log } = this.host;
    this.polling.push(keepWitness(dataFolder(configuration), clock, log, this.stopping.signal));
    watchDisk(this.app.get(Metrics, { strict: false }).registry, configuration.DATA_DIR);
    if (store)
      watchStore(
        this.app,
        store.store,
        this.failureOf(() => store.store.end()),
      );
    if (topics) {
      const failure = this.failureOf(() => topics.topics.lag(GROUPS.charging, [TOPICS.usage]));
      this.app.get(Health, { strict: false }).register('topics', () => {
        const detail = failure();
        return { up: detail === null, detail: detail ?? 'It answers.' };
      });
    }
    for (const { health, unit } of this.loops.reports())
      watchLoop(this.app, health.name, unit, () =>
        this.loops.reports().find((report) => report.health.name === health.name),
      );
  }

  /** Asks an engine again and again; what it returns says what is wrong with its answers, and null while nothing is. */
  private failureOf(ask: () => Promise<unknown>): () => string | null {
    const answers = new Poll(() => ask().then(() => true), LOOK_EVERY_MS, this.host.clock);
    this.polling.push(answers.run(this.stopping.signal));
    return () => (answers.last === true ? null : `It failed, or has not answered within ${STALE_MS} ms.`);
  }
}
