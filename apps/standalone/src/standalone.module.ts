import { Global, Module, type DynamicModule } from '@nestjs/common';
import { VerificationInWorker } from '@meterbook/finance/verify/verification';
import { FinanceModule } from '@meterbook/finance/finance.module';
import { EventStore } from '@meterbook/event-store/event-store';
import { LedgerModule } from '@meterbook/ledger/ledger.module';
import { Clock } from '@meterbook/runtime/clock';
import { CONFIGURATION, type Configuration } from '@meterbook/runtime/configuration';
import { Random } from '@meterbook/runtime/random';
import { TierProjectionModule } from '@meterbook/tier-projection/tier-projection.module';
import { Topics } from '@meterbook/topics/topics';
import { UsageIngestModule } from '@meterbook/usage-ingest/usage-ingest.module';
import { folders } from './engines';

export interface StandaloneParts {
  readonly configuration: Configuration;
  readonly store: EventStore;
  readonly topics: Topics;
  readonly clock: Clock;
  readonly random: Random;
}

/** The HTTP side of all four services on one port. Their loops run in threads of their own. */
@Global()
@Module({})
export class StandaloneModule {
  static with({ configuration, store, topics, clock, random }: StandaloneParts): DynamicModule {
    const { store: storeFolder, tiers, finance } = folders(configuration);
    const ports = [
      { provide: CONFIGURATION, useValue: configuration },
      { provide: EventStore, useValue: store },
      { provide: Topics, useValue: topics },
      { provide: Clock, useValue: clock },
      { provide: Random, useValue: random },
    ];
    return {
      module: StandaloneModule,
      imports: [
        UsageIngestModule,
        LedgerModule,
        TierProjectionModule.register(tiers),
        FinanceModule.register(finance, new VerificationInWorker(storeFolder)),
      ],
      providers: ports,
      exports: ports.map(({ provide }) => provide),
    };
  }
}
