import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHttpApp } from '@meterbook/http/http-app';
import { Metrics } from '@meterbook/http/metrics/metrics';
import { hostedDeadLettersLoop } from '@meterbook/ledger/hosted-loops';
import { publishPresets } from '@meterbook/ledger/rulebooks/publish-presets';
import type { Clock } from '@meterbook/runtime/clock';
import type { Configuration } from '@meterbook/runtime/configuration';
import { openEngines, type Engines } from '@meterbook/host/engines/engines';
import { dataFolder } from '@meterbook/host/files/data-folder';
import { keepWitness } from '@meterbook/host/files/keep-witness';
import { refuseUnfitFiles } from '@meterbook/host/files/refuse-unfit-files';
import { watchDisk } from '@meterbook/host/files/watch-disk';
import type { Log } from '@meterbook/runtime/log';
import type { Random } from '@meterbook/runtime/random';
import { isUnfitToStart } from '@meterbook/runtime/unfit-to-start';
import { untilThere } from '@meterbook/host/engines/until-there';
import { backlogUnit, loopTable, threadsBesideHttp } from '@meterbook/host/loops/loop-table';
import { watchLoop } from '@meterbook/host/loops/watch-loop';
import { stopTakingRequests } from '@meterbook/host/service/stop-taking-requests';
import { ServiceLoops } from '@meterbook/host/loops/hosted-loops';
import { watchStore } from '@meterbook/host/engines/watch-store';
import { StandaloneModule } from './standalone.module';
import { ThreadHost } from './threads/thread-host';

/** How often the loop of this thread is looked at. */
const LOOK_EVERY_MS = 1_000;
/** Heap of a thread beyond what its caches may take, MiB. */
const HEAP_BESIDE_CACHES_MIB = 1024;
/** Short-lived objects of a batch must not be taken for long-lived ones, MiB. */
const YOUNG_HEAP_MIB = 192;

/** Everything in one process on the embedded engines: HTTP here, the loops in threads that share the engines' files only. */
export class Standalone {
  private readonly stopping = new AbortController();
  /** Aborted first: whoever still waits for an engine gives up, and everything else is ended in order. */
  private readonly waiting = new AbortController();
  private starting: Promise<void> = Promise.resolve();
  private begun = false;
  private witness: Promise<void> = Promise.resolve();

  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly threads: readonly ThreadHost[],
    private readonly loops: ServiceLoops,
    private readonly engines: Engines,
    private readonly clock: Clock,
  ) {}

  /** Starts it and says where it listens. */
  static async start(
    configuration: Configuration,
    log: Log,
    clock: Clock,
    random: Random,
  ): Promise<{ readonly standalone: Standalone; readonly address: string }> {
    refuseUnfitFiles(configuration, log);
    const engines = await openEngines(configuration, clock, log, 'in-thread');
    const app = await createHttpApp(StandaloneModule.with({ configuration, engines, clock, random }), {
      configuration,
      log,
      clock,
      random,
      title: 'Meterbook',
      description: 'Usage in, exact charges, tiers and provable books.',
    });
    const threads = threadsBesideHttp.map((name) => threadOf(name, configuration, clock, log));
    const hosted = [hostedDeadLettersLoop(engines.topics, app)];
    const loops = new ServiceLoops(hosted, engines.deliveries, LOOK_EVERY_MS, clock, random, log);
    const standalone = new Standalone(app, threads, loops, engines, clock);
    standalone.watch();
    watchDisk(app.get(Metrics, { strict: false }).registry, configuration.DATA_DIR);
    standalone.witness = keepWitness(dataFolder(configuration), clock, log, standalone.stopping.signal);
    for (const thread of threads) thread.start();
    loops.start();
    await app.init();
    standalone.starting = standalone.begin(configuration, log);
    // Engines of its own are there at once; a server may be away for long, and is waited for while it listens.
    if (engines.folder !== null && configuration.KAFKA_BROKERS.length === 0) await standalone.starting;
    else standalone.starting.catch(() => undefined);
    await app.listen(configuration.PORT, configuration.HOST);
    return { standalone, address: await app.getUrl() };
  }

  /** Resolves when the engines answer and the presets are published. Rejects where an engine would endanger the books: it then has to stop. */
  get started(): Promise<void> {
    return this.starting;
  }

  /** Takes no more requests, answers those under way, lets the loops finish what they hold, and lets go of the files. */
  async stop(): Promise<void> {
    this.waiting.abort();
    await this.starting.catch(() => undefined);
    await stopTakingRequests(this.app, this.clock);
    const stopped = await Promise.allSettled([this.loops.stop(), ...this.threads.map((thread) => thread.stop())]);
    this.stopping.abort();
    await this.witness;
    await this.app.close();
    await this.engines.close();
    // Everything else is let go of all the same; whoever stops it hears which loop or thread did not end.
    for (const outcome of stopped) if (outcome.status === 'rejected') throw outcome.reason;
  }

  private async begin({ PRESETS }: Configuration, log: Log): Promise<void> {
    const { app, clock, engines } = this;
    const { signal } = this.waiting;
    await engines.ready(signal);
    const publish = (): Promise<void> => publishPresets(app, log, signal);
    // What fails on a file of this machine does not pass by waiting.
    const passes = (error: unknown): boolean => engines.folder === null && !isUnfitToStart(error);
    if (PRESETS === 'publish') await untilThere('event store', publish, passes, { clock, log, signal });
    this.begun = !signal.aborted;
  }

  private watch(): void {
    const metrics = this.app.get(Metrics, { strict: false });
    // The loops that read it say whether it answers.
    watchStore(this.app, this.engines.store, () => (this.begun ? null : 'The engines are waited for.'));
    for (const thread of this.threads) {
      metrics.addSource(thread.name, () => thread.metrics());
      for (const loop of loopTable.filter((declared) => declared.thread === thread.name))
        watchLoop(this.app, loop.name, backlogUnit(loop, this.engines.folder), () => thread.reportOf(loop.name));
    }
    for (const { health, unit } of this.loops.reports())
      watchLoop(this.app, health.name, unit, () =>
        this.loops.reports().find((report) => report.health.name === health.name),
      );
  }
}

function threadOf(name: string, configuration: Configuration, clock: Clock, log: Log): ThreadHost {
  const limits = {
    maxOldGenerationSizeMb: HEAP_BESIDE_CACHES_MIB + configuration.ACCOUNT_CACHE_MIB * 2,
    maxYoungGenerationSizeMb: YOUNG_HEAP_MIB,
  };
  return new ThreadHost(name, join(__dirname, name, 'main.js'), { configuration }, limits, clock, log);
}
