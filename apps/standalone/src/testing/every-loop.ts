import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { hostedFinanceLoops } from '@meterbook/finance/hosted-loops';
import { openEngines, type Engines } from '@meterbook/host/engines/engines';
import { folders } from '@meterbook/host/engines/folders';
import type { HostedLoop } from '@meterbook/host/loops/hosted-loops';
import { createHttpApp } from '@meterbook/http/http-app';
import { chargingLimits, chargingParts } from '@meterbook/ledger/charging/charging-parts';
import {
  hostedChargingLoops,
  hostedDeadLettersLoop,
  hostedKeysLoop,
  hostedRelayLoop,
} from '@meterbook/ledger/hosted-loops';
import { readConfiguration, type Configuration } from '@meterbook/runtime/configuration';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { hostedTierLoops } from '@meterbook/tier-projection/hosted-loops';
import { deliveringParts, hostedWebhookLoops } from '@meterbook/webhooks/hosted-loops';
import { StandaloneModule } from '../standalone.module';

const clock = new SystemClock();
const log = createLog('fatal');

export const loopsDeadlineMs = 60_000;
const lookEveryMs = 20;

/** Every loop of the house on embedded engines in a folder of its own, in this thread. */
export class EveryLoop {
  private constructor(
    readonly directory: string,
    readonly configuration: Configuration,
    readonly engines: Engines,
    readonly app: NestFastifyApplication,
  ) {}

  /** Opens books, or a copy of those of another; `seenBy` may put something between the HTTP side and the engines. */
  static async open(of?: string, seenBy: (engines: Engines) => Engines = (engines) => engines): Promise<EveryLoop> {
    const directory = mkdtempSync(join(tmpdir(), 'meterbook-loops-'));
    if (of !== undefined) cpSync(of, directory, { recursive: true });
    const configuration = readConfiguration({ DATA_DIR: directory, PARTITIONS: '2', PRESETS: 'leave' });
    const engines = await openEngines(configuration, clock, log);
    const random = new SystemRandom();
    const app = await createHttpApp(StandaloneModule.with({ configuration, engines: seenBy(engines), clock, random }), {
      configuration,
      log,
      clock,
      random,
      title: 'Meterbook',
      description: 'Every loop.',
    });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    return new EveryLoop(directory, configuration, engines, app);
  }

  /** A new instance of each loop, as a process that has just started makes them, by name. */
  hosted(engines: Engines = this.engines): ReadonlyMap<string, HostedLoop> {
    const { ledger, tiers, finance, webhooks } = folders(this.configuration);
    const settings = this.configuration;
    const random = new SystemRandom();
    const delivering = deliveringParts(engines, { clock, random, log, directory: webhooks, settings });
    const charging = chargingParts(engines.store, engines.topics, chargingLimits(this.configuration), { clock, log });
    const loops = [
      ...hostedChargingLoops(engines.topics, charging),
      hostedRelayLoop(engines, clock),
      hostedKeysLoop(engines, clock, ledger, log),
      hostedDeadLettersLoop(engines.topics, this.app),
      ...hostedTierLoops(engines, clock, tiers, log),
      ...hostedFinanceLoops(engines, clock, finance, log),
      ...hostedWebhookLoops(engines, delivering, clock, webhooks),
    ];
    return new Map(loops.map((loop) => [loop.name, loop]));
  }

  /** Resolves when every loop has nothing left to do and none of them makes anything new; throws after the deadline. */
  async settled(loops: () => Iterable<HostedLoop>): Promise<void> {
    const deadline = Date.now() + loopsDeadlineMs;
    let before: string | undefined;
    for (;;) {
      const behind = await Promise.all([...loops()].map(({ backlog }) => backlog.read()));
      const end = await this.engines.store.end();
      const isIdle = behind.every((count) => count === 0);
      if (isIdle && before === end) return;
      before = isIdle ? end : undefined;
      if (Date.now() > deadline) throw new Error(`the loops are still behind: ${behind.join(', ')}`);
      await clock.sleep(lookEveryMs);
    }
  }

  async ask(url: string): Promise<Readonly<Record<string, unknown>>> {
    return (await this.app.inject({ method: 'GET', url })).json();
  }

  async send(method: 'PUT' | 'POST', url: string, payload: object): Promise<void> {
    const answer = await this.app.inject({ method, url, payload });
    if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${answer.statusCode} ${answer.body}`);
  }

  /** Sends until it is answered with success, since the engines may fail meanwhile; throws after the deadline. */
  async insist(send: () => Promise<void>): Promise<void> {
    for (const deadline = Date.now() + loopsDeadlineMs; ;) {
      try {
        await send();
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await clock.sleep(lookEveryMs);
      }
    }
  }

  /** Lets go of the engines; the files stay. */
  async release(): Promise<void> {
    await this.app.close();
    await this.engines.close();
  }

  async close(): Promise<void> {
    await this.release();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
