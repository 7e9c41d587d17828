import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { openEngines, type Engines } from '@meterbook/host/engines/engines';
import { folders } from '@meterbook/host/engines/folders';
import { createHttpApp } from '@meterbook/http/http-app';
import { chargingLimits, chargingParts } from '@meterbook/ledger/charging/charging-parts';
import { hostedChargingLoops, hostedRelayLoop } from '@meterbook/ledger/hosted-loops';
import { readConfiguration, type Configuration } from '@meterbook/runtime/configuration';
import { createLog } from '@meterbook/runtime/log';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { JumpingClock } from '@meterbook/runtime/testing/jumping-clock';
import { hostedTierLoops } from '@meterbook/tier-projection/hosted-loops';
import { DeliverWebhooks } from '@meterbook/webhooks/deliveries/deliver-webhooks';
import { deliveringParts, hostedWebhookLoops } from '@meterbook/webhooks/hosted-loops';
import { Networks } from '@meterbook/webhooks/receivers/networks';
import { PostMessages } from '@meterbook/webhooks/receivers/post';
import type { ResolveHost } from '@meterbook/webhooks/receivers/resolve-host';
import { SigningKeys } from '@meterbook/webhooks/secrets/signing-keys';
import { StandaloneModule } from '../standalone.module';

const log = createLog('fatal');
const deadlineMs = 90_000;
const lookEveryMs = 10;
/** How long what a jump of the clock has woken may take to begin. */
const settlingMs = 30;

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
}

export interface HouseOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly resolve?: ResolveHost;
  /** How much may wait for an endpoint, and below what there is room again. */
  readonly waiting?: { readonly maxWaiting: number; readonly roomBelow: number };
  /** Its HTTP side takes the topics for those of a server, as if other machines delivered too. */
  readonly onServers?: boolean;
}

/** One of several machines that stand ready to deliver, on engines of its own. */
export interface DeliveringMachine {
  readonly loop: DeliverWebhooks;
  /** Ends it as a stop does. */
  readonly stop: () => Promise<void>;
}

const nobody: ResolveHost = () => Promise.reject(new Error('nobody knows the name'));

/** The whole house in this thread, on embedded engines and a clock that a test may set forward, with the delivery of webhooks. */
export class WebhookHouse {
  readonly clock = new JumpingClock();
  private stopping = new AbortController();
  private running: Promise<unknown> = Promise.resolve();
  private delivering:
    { readonly stop: AbortController; readonly ended: Promise<void>; readonly loop: DeliverWebhooks } | undefined;

  private constructor(
    readonly directory: string,
    private readonly configuration: Configuration,
    readonly engines: Engines,
    private readonly app: NestFastifyApplication,
    private readonly options: HouseOptions,
  ) {}

  static async open(options: HouseOptions = {}): Promise<WebhookHouse> {
    const directory = mkdtempSync(join(tmpdir(), 'meterbook-webhooks-'));
    const configuration = readConfiguration({
      DATA_DIR: directory,
      PARTITIONS: '2',
      PRESETS: 'leave',
      WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8',
      ...options.environment,
    });
    const clock = new JumpingClock();
    const random = new SystemRandom();
    const engines = await openEngines(configuration, clock, log);
    const seen = options.onServers === true ? { ...configuration, KAFKA_BROKERS: ['elsewhere:9092'] } : configuration;
    const app = await createHttpApp(StandaloneModule.with({ configuration: seen, engines, clock, random }), {
      configuration,
      log,
      clock,
      random,
      title: 'Meterbook',
      description: 'Webhooks.',
    });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    const house = new WebhookHouse(directory, configuration, engines, app, options);
    Object.assign(house, { clock });
    house.startLoops();
    house.deliver();
    return house;
  }

  get folder(): string {
    return folders(this.configuration).webhooks;
  }

  /** Starts the delivery, as a process that has just started does. */
  deliver(): DeliverWebhooks {
    const { store, topics } = this.engines;
    const { clock, folder: directory } = this;
    const random = new SystemRandom();
    const networks = new Networks(this.configuration.WEBHOOK_PRIVATE_NETWORKS);
    const posting = new PostMessages(networks, this.options.resolve ?? nobody, clock);
    const keys = new SigningKeys(this.configuration.WEBHOOK_KEYS, directory, random);
    const delivering = new DeliverWebhooks({
      store,
      topics,
      clock,
      random,
      log,
      directory,
      keys,
      posting,
      ...this.options.waiting,
    });
    const stop = new AbortController();
    this.delivering = { stop, ended: delivering.run(stop.signal), loop: delivering };
    return delivering;
  }

  /** Starts a machine that hosts the loop of the webhooks with a folder of its own. */
  async machine(directory: string): Promise<DeliveringMachine> {
    const { clock, configuration: settings } = this;
    const engines = await openEngines(settings, clock, log);
    const loop = deliveringParts(engines, { clock, random: new SystemRandom(), log, directory, settings });
    const stop = new AbortController();
    const ended = Promise.all(hostedWebhookLoops(engines, loop, clock, directory).map(({ run }) => run(stop.signal)));
    return {
      loop,
      stop: async () => {
        stop.abort();
        await ended;
        await engines.close();
      },
    };
  }

  /** Ends the delivery where it stands; what is under way is cut off. */
  async stopDelivering(): Promise<void> {
    this.delivering?.stop.abort();
    await this.delivering?.ended;
  }

  async send(method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object): Promise<Answer> {
    const url = path.startsWith('/v1/') ? path : `/v1/platforms/shop${path}`;
    const answer = await this.app.inject({ method, url, ...(payload && { payload }) });
    const body = JSON.parse(answer.body === '' ? '{}' : answer.body) as Answer['body'];
    return { status: answer.statusCode, body, headers: answer.headers };
  }

  /** The same where it has to be taken; a house that is too busy is asked again, since every command may be sent again. */
  async done(
    method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    payload?: object,
  ): Promise<Answer['body']> {
    for (const deadline = Date.now() + deadlineMs; ;) {
      const { status, body } = await this.send(method, path, payload);
      if (status < 300) return body;
      if (status !== 503 || Date.now() > deadline)
        throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
    }
  }

  async recharge(account: string, rechargeId: string, amount: string): Promise<void> {
    const body = { rechargeId, provider: 'manual', amount, currency: 'CNY' };
    await this.done('POST', `/accounts/${account}/recharges`, body);
  }

  async use(account: string, id: string, model = 'gpt'): Promise<void> {
    const time = new Date(this.clock.now() - 1_000).toISOString();
    const event = {
      specversion: '1.0',
      type: 'usage.recorded',
      source: 'gw',
      id,
      time,
      platform: 'shop',
      subject: account,
    };
    await this.done('POST', '/v1/usage', { ...event, data: { model, units: {} } });
  }

  /** Waits until it holds; throws after the deadline. */
  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + deadlineMs; !(await holds());) {
      if (Date.now() > deadline) throw new Error('it did not come to hold in time');
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  }

  /** Lets time pass, so many milliseconds at a time and never while something is under way, until it holds. */
  async asTimePasses(stepMs: number, holds: () => boolean | Promise<boolean>): Promise<void> {
    await this.until(async () => {
      if (await holds()) return true;
      if ((this.delivering?.loop.underWay() ?? 0) === 0) this.clock.jump(stepMs);
      await new Promise((resolve) => setTimeout(resolve, settlingMs));
      return false;
    });
  }

  async close(): Promise<void> {
    await this.stopDelivering();
    this.stopping.abort();
    await this.running;
    await this.app.close();
    await this.engines.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private startLoops(): void {
    const { engines, clock } = this;
    const { ledger, tiers } = folders(this.configuration);
    const places = { clock, log, ledgerFolder: ledger };
    const charging = chargingParts(engines.store, engines.topics, chargingLimits(this.configuration), places);
    const loops = [
      ...hostedChargingLoops(engines.topics, charging),
      hostedRelayLoop(engines, clock),
      ...hostedTierLoops(engines, clock, tiers, log),
    ];
    this.running = Promise.all(loops.map(({ run }) => run(this.stopping.signal)));
  }
}

/** A rulebook whose accounts have webhooks from the tier `pro` on, which `pinned` gives. */
export const rulebook = {
  platform: 'shop',
  currency: 'CNY',
  effectiveFrom: '2020-01-01T00:00:00.000Z',
  tiers: [
    { id: 'free', rank: 1 },
    { id: 'pro', rank: 2, webhooks: true },
    { id: 'max', rank: 3, webhooks: true },
  ],
  promotion: [{ tier: 'max', anyOf: [{ singleRechargeAtLeast: '1000' }] }],
  groups: [{ id: 'default', models: ['*'] }],
  providers: { manual: {} },
  refund: { windowDays: 14 },
  creditsPerUnit: '100',
  plans: [
    { id: 'basic', price: '10', baseCredits: '1000', models: ['*'], periodDays: 30 },
    { id: 'more', price: '20', baseCredits: '2000', models: ['*'], periodDays: 30 },
  ],
  models: [{ id: 'gpt', group: 'default', price: { mode: 'request', unit: '1' } }],
};
