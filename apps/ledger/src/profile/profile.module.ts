import { Module, type OnModuleDestroy } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EventStore } from '@meterbook/event-store/event-store';
import { folders } from '@meterbook/host/engines/folders';
import { Clock } from '@meterbook/runtime/clock';
import { CONFIGURATION, type Configuration } from '@meterbook/runtime/configuration';
import { HoldsModule } from '../access/holds.module';
import { EngineModule } from '../engine/engine.module';
import { FindKey } from './find-key';
import { KeyIndex } from './key-index';
import { ProfileController } from './profile.controller';
import { ViewProfileHandler } from './view-profile';

/** The account of an API key over HTTP. The loop that fills the index is the host's: `IndexKeys`. */
@Module({
  imports: [CqrsModule, EngineModule, HoldsModule],
  controllers: [ProfileController],
  providers: [
    ViewProfileHandler,
    {
      provide: KeyIndex,
      inject: [CONFIGURATION],
      useFactory: (configuration: Configuration) => new KeyIndex(folders(configuration).ledger),
    },
    {
      provide: FindKey,
      inject: [EventStore, KeyIndex, Clock],
      useFactory: (store: EventStore, index: KeyIndex, clock: Clock) => new FindKey(store, index, clock),
    },
  ],
})
export class ProfileModule implements OnModuleDestroy {
  constructor(private readonly index: KeyIndex) {}

  onModuleDestroy(): void {
    this.index.close();
  }
}
