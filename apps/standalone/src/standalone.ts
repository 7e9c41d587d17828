import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Health } from '@meterbook/http/health/health';
import { createHttpApp } from '@meterbook/http/http-app';
import { Metrics } from '@meterbook/http/metrics/metrics';
import { IndexDeadLetters } from '@meterbook/ledger/dead-letters/index-dead-letters';
import type { Clock } from '@meterbook/runtime/clock';
import type { Configuration } from '@meterbook/runtime/configuration';
import type { Log } from '@meterbook/runtime/log';
import { LoopHost } from '@meterbook/runtime/loop-host';
import type { Random } from '@meterbook/runtime/random';
import { openEngines } from './engines';
import { publishPresets } from './publish-presets';
import { StandaloneModule } from './standalone.module';
import { ThreadHost } from './threads/thread-host';

/** The threads beside HTTP, and the loops that each of them reports. */
const threadLoops = {
  charging: ['charge-usage', 'follow-tiers'],
  projecting: ['relay-entries', 'promote-tiers', 'fold-recharges', 'projections'],
} as const;
/** Heap of a thread beyond what its caches may take, MiB. */
const heapBesideCachesMib = 1024;
/** Short-lived objects of a batch must not be taken for long-lived ones, MiB. */
const youngHeapMib = 96;

/** Everything in one process on the embedded engines: HTTP here, the loops in threads that share the engines' files only. */
export class Standalone {
  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly threads: readonly ThreadHost[],
    private readonly deadLetters: LoopHost,
    private readonly closeEngines: () => Promise<void>,
  ) {}

  /** Starts it and says where it listens. */
  static async start(
    configuration: Configuration,
    log: Log,
    clock: Clock,
    random: Random,
  ): Promise<{ readonly standalone: Standalone; readonly address: string }> {
    const { store, topics, close } = openEngines(configuration, clock, log);
    const app = await createHttpApp(StandaloneModule.with({ configuration, store, topics, clock, random }), {
      configuration,
      log,
      clock,
      random,
      title: 'Meterbook',
      description: 'Usage in, exact charges, tiers and provable books.',
    });
    const threads = Object.keys(threadLoops).map((name) => threadOf(name, configuration, clock, log));
    const index = app.get(IndexDeadLetters, { strict: false });
    const deadLetters = new LoopHost(
      'index-dead-letters',
      (signal) => index.run(signal),
      clock,
      (loop, err, restartInMs) => log.error({ loop, err, restartInMs }, 'A loop failed and will be restarted.'),
    );
    const standalone = new Standalone(app, threads, deadLetters, close);
    standalone.watch();
    for (const thread of threads) thread.start();
    deadLetters.start();
    await app.init();
    if (configuration.PRESETS === 'publish') await publishPresets(app, log);
    await app.listen(configuration.PORT, configuration.HOST);
    return { standalone, address: await app.getUrl() };
  }

  /** Takes no more requests, answers those under way, lets the loops finish what they hold, and lets go of the files. */
  async stop(): Promise<void> {
    await this.app.close();
    await Promise.all([this.deadLetters.stop(), ...this.threads.map((thread) => thread.stop())]);
    await this.closeEngines();
  }

  private watch(): void {
    const health = this.app.get(Health, { strict: false });
    const metrics = this.app.get(Metrics, { strict: false });
    for (const thread of this.threads) {
      metrics.addSource(thread.name, () => thread.metrics());
      for (const loop of threadLoops[thread.name as keyof typeof threadLoops]) {
        health.register(loop, () => thread.indication(loop));
        const name = `meterbook_${loop.replaceAll('-', '_')}_behind`;
        metrics.gauge(
          name,
          `Records or events that ${loop} has still to work off.`,
          () => thread.indication(loop).behind ?? 0,
        );
      }
    }
    health.register('index-dead-letters', () => {
      const { state, lastError } = this.deadLetters.health();
      return {
        up: state === 'running',
        detail: state === 'running' ? 'It is running.' : (lastError?.message ?? state),
      };
    });
  }
}

function threadOf(name: string, configuration: Configuration, clock: Clock, log: Log): ThreadHost {
  const limits = {
    maxOldGenerationSizeMb: heapBesideCachesMib + configuration.ACCOUNT_CACHE_MIB * 2,
    maxYoungGenerationSizeMb: youngHeapMib,
  };
  return new ThreadHost(name, join(__dirname, name, 'main.js'), { configuration }, limits, clock, log);
}
