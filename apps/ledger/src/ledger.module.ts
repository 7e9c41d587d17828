import { Module, type OnModuleDestroy } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { PlatformNames } from '@meterbook/books/platform-names';
import { EventStore } from '@meterbook/event-store/event-store';
import { Clock } from '@meterbook/runtime/clock';
import { AccessModule } from './access/access.module';
import { AccountsModule } from './accounts/accounts.module';
import { ChargesModule } from './charges/charges.module';
import { DeadLettersModule } from './dead-letters/dead-letters.module';
import { EngineModule } from './engine/engine.module';
import { KeysModule } from './keys/keys.module';
import { PaymentsModule } from './payments/payments.module';
import { ProfileModule } from './profile/profile.module';
import { QuoteHandler } from './quotes/quote';
import { QuoteController } from './quotes/quote.controller';
import { ListPlatformsHandler } from './rulebooks/list-platforms';
import { PublishRulebookHandler } from './rulebooks/publish-rulebook';
import { WithdrawVersionHandler } from './rulebooks/withdraw-version';
import { RulebookReading } from '@meterbook/http/rulebook/rulebook-reading';
import { RulebookController } from './rulebooks/rulebook.controller';
import { ValidateRulebookHandler, ViewRulebookHandler } from './rulebooks/view-rulebook';
import { SubscriptionModule } from './subscription/subscription.module';
import { WalletModule } from './wallet/wallet.module';

/**
 * What the ledger answers over HTTP. `EventStore`, `Topics`, `Clock`, `Random` and `CONFIGURATION` come from the host, as global
 * providers, and so do its loops: those that it needs for itself are in `DeadLettersModule`.
 */
@Module({
  imports: [
    CqrsModule,
    EngineModule,
    AccountsModule,
    WalletModule,
    SubscriptionModule,
    PaymentsModule,
    KeysModule,
    ProfileModule,
    AccessModule,
    ChargesModule,
    DeadLettersModule,
  ],
  controllers: [RulebookController, QuoteController],
  providers: [
    PublishRulebookHandler,
    WithdrawVersionHandler,
    ViewRulebookHandler,
    ValidateRulebookHandler,
    ListPlatformsHandler,
    QuoteHandler,
    { provide: PlatformNames, inject: [EventStore], useFactory: (store: EventStore) => new PlatformNames(store) },
    { provide: RulebookReading, inject: [Clock], useFactory: (clock: Clock) => new RulebookReading(clock) },
  ],
})
export class LedgerModule implements OnModuleDestroy {
  constructor(private readonly reading: RulebookReading) {}

  async onModuleDestroy(): Promise<void> {
    await this.reading.close();
  }
}
