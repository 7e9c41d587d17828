import { Module, type DynamicModule, type OnModuleDestroy } from '@nestjs/common';
import { isOwned } from '@meterbook/host/loops/while-owning';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { EventStore } from '@meterbook/event-store/event-store';
import { Clock } from '@meterbook/runtime/clock';
import type { Configuration } from '@meterbook/runtime/configuration';
import { Random } from '@meterbook/runtime/random';
import { AskedFile } from './deliveries/asked-file';
import { DeliveryLog } from './deliveries/delivery-log';
import { DeliveryQueries } from './deliveries/delivery-queries';
import { PlatformWebhooksController } from './endpoints/platform-webhooks.controller';
import { WebhookAnswers } from './endpoints/webhook-answers';
import { WebhookCommands } from './endpoints/webhook-commands';
import { WebhookStreams } from './endpoints/webhook-streams';
import { WebhooksController } from './endpoints/webhooks.controller';
import { Networks } from './receivers/networks';
import { askNameServers } from './receivers/resolve-host';
import { SigningKeys } from './secrets/signing-keys';

/** What of the configuration webhooks go by. */
export type WebhookSettings = Pick<Configuration, 'WEBHOOK_KEYS' | 'WEBHOOK_PRIVATE_NETWORKS' | 'KAFKA_BROKERS'>;

/** The HTTP side of the webhooks. `EventStore`, `Clock` and `Random` come from the host, as global providers. */
@Module({})
export class WebhooksModule implements OnModuleDestroy {
  constructor(
    private readonly log: DeliveryLog,
    private readonly asked: AskedFile,
  ) {}

  /** @param directory of the files, the same as the loop's */
  static register(directory: string, settings: WebhookSettings): DynamicModule {
    const commands = (store: EventStore, clock: Clock, random: Random): WebhookCommands =>
      new WebhookCommands({
        store,
        streams: new WebhookStreams(store),
        rulebooks: new Rulebooks(store),
        keys: new SigningKeys(settings.WEBHOOK_KEYS, directory, random),
        networks: new Networks(settings.WEBHOOK_PRIVATE_NETWORKS),
        resolve: askNameServers,
        clock,
      });
    // Who shares files of topics shares those of deliveries too.
    const delivers = (): boolean => settings.KAFKA_BROKERS.length === 0 || isOwned(directory);
    return {
      module: WebhooksModule,
      controllers: [WebhooksController, PlatformWebhooksController],
      providers: [
        { provide: WebhookCommands, inject: [EventStore, Clock, Random], useFactory: commands },
        {
          provide: WebhookAnswers,
          inject: [WebhookCommands],
          useFactory: (webhooks: WebhookCommands) => new WebhookAnswers(webhooks),
        },
        { provide: DeliveryLog, useFactory: () => new DeliveryLog(directory) },
        { provide: AskedFile, useFactory: () => new AskedFile(directory) },
        {
          provide: DeliveryQueries,
          inject: [WebhookCommands, DeliveryLog, AskedFile, Clock, Random],
          useFactory: (
            endpoints: WebhookCommands,
            log: DeliveryLog,
            asked: AskedFile,
            clock: Clock,
            random: Random,
          ): DeliveryQueries => new DeliveryQueries({ endpoints, log, asked, clock, random, delivers }),
        },
      ],
    };
  }

  onModuleDestroy(): void {
    this.log.close();
    this.asked.close();
  }
}
