import type { DynamicModule, INestApplicationContext, Type } from '@nestjs/common';
import type { Clock } from '@meterbook/runtime/clock';
import type { Configuration } from '@meterbook/runtime/configuration';
import { openStore, openTopics } from '../engines/engines';
import type { StoreEngine, TopicsEngine } from '../engines/opened';
import type { Log } from '@meterbook/runtime/log';
import type { Random } from '@meterbook/runtime/random';
import type { HostedLoop } from '../loops/hosted-loops';

/** What a process gives its service. An engine is opened for who asks for it, once. */
export class ServiceHost {
  private storeEngine: StoreEngine | undefined;
  private topicsEngine: TopicsEngine | undefined;

  constructor(
    readonly configuration: Configuration,
    readonly clock: Clock,
    readonly random: Random,
    readonly log: Log,
  ) {}

  async store(): Promise<StoreEngine> {
    this.storeEngine ??= await openStore(this.configuration, this.clock, this.log);
    return this.storeEngine;
  }

  async topics(): Promise<TopicsEngine> {
    this.topicsEngine ??= await openTopics(this.configuration, this.clock, this.log);
    return this.topicsEngine;
  }

  /** The engines that were asked for. */
  get opened(): { readonly store: StoreEngine | undefined; readonly topics: TopicsEngine | undefined } {
    return { store: this.storeEngine, topics: this.topicsEngine };
  }

  async close(): Promise<void> {
    await this.topicsEngine?.topics.close();
    await this.storeEngine?.store.close();
  }
}

/** The parts that a process runs of a service. */
export interface ServiceParts {
  /** Its HTTP side. */
  readonly module: Type | DynamicModule;
  /** Its loops, asked for once the module is there. */
  readonly loops: (app: INestApplicationContext) => readonly HostedLoop[];
  /** What is done once, when the engines answer. */
  readonly prepare?: (app: INestApplicationContext, signal: AbortSignal) => Promise<void>;
  /** Resolves when nothing is under way any more; asked once the loops have ended. */
  readonly idle?: () => Promise<void>;
}

/** One of the services, as a process of its own runs it. */
export interface Service {
  readonly name: string;
  /** For the OpenAPI document. */
  readonly title: string;
  readonly description: string;
  readonly open: (host: ServiceHost) => Promise<ServiceParts>;
}
