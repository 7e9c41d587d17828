import { Module, type DynamicModule, type OnModuleDestroy } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EventStore } from '@meterbook/event-store/event-store';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { RechargeTotals } from './view-tier/recharge-totals';
import { ViewTierController } from './view-tier/view-tier.controller';
import { ViewTierHandler } from './view-tier/view-tier';

/** The HTTP side of the tier service. `EventStore` and `Clock` come from the host, as global providers. */
@Module({})
export class TierProjectionModule implements OnModuleDestroy {
  constructor(private readonly recharges: RechargeTotals) {}

  /** @param directory of the disposable file, the same as the loops' */
  static register(directory: string): DynamicModule {
    return {
      module: TierProjectionModule,
      imports: [CqrsModule],
      controllers: [ViewTierController],
      providers: [
        ViewTierHandler,
        { provide: Rulebooks, inject: [EventStore], useFactory: (store: EventStore) => new Rulebooks(store) },
        { provide: RechargeTotals, useFactory: () => new RechargeTotals(directory) },
      ],
    };
  }

  onModuleDestroy(): void {
    this.recharges.close();
  }
}
