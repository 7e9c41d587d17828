import { join } from 'node:path';
import { Module, type OnModuleDestroy } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EventStore } from '@meterbook/event-store/event-store';
import { Clock } from '@meterbook/runtime/clock';
import { CONFIGURATION, type Configuration } from '@meterbook/runtime/configuration';
import { Random } from '@meterbook/runtime/random';
import { Topics } from '@meterbook/topics/topics';
import { AccountCommands } from './account-commands/account-commands';
import { AccountReader } from './account-commands/account-reader';
import { AccountWriter } from './accounts/account-writer';
import { Accounts } from './accounts/accounts';
import { ChangeSettingsHandler } from './change-settings/change-settings';
import { ChangeSettingsController } from './change-settings/change-settings.controller';
import { DeadLetterIndex } from './dead-letters/dead-letter-index';
import { DeadLettersController } from './dead-letters/dead-letters.controller';
import { IndexDeadLetters } from './dead-letters/index-dead-letters';
import { ListDeadLettersHandler } from './dead-letters/list-dead-letters';
import { AgeWindow, RedriveDeadLetterHandler } from './dead-letters/redrive-dead-letter';
import { GrantCreditHandler } from './grant-credit/grant-credit';
import { GrantCreditController } from './grant-credit/grant-credit.controller';
import { ChangeKeyHandler } from './manage-keys/change-key';
import { IssueKeyHandler } from './manage-keys/issue-key';
import { KeysController } from './manage-keys/keys.controller';
import { ListKeysHandler } from './manage-keys/list-keys';
import { RevokeKeyHandler } from './manage-keys/revoke-key';
import { OpenAccountHandler } from './open-account/open-account';
import { OpenAccountController } from './open-account/open-account.controller';
import { ListPlatformsHandler } from './publish-rulebook/list-platforms';
import { PlatformNames } from './publish-rulebook/platform-names';
import { PublishRulebookHandler } from './publish-rulebook/publish-rulebook';
import { RulebookController } from './publish-rulebook/rulebook.controller';
import { ValidateRulebookHandler, ViewRulebookHandler } from './publish-rulebook/view-rulebook';
import { QuoteHandler } from './quote/quote';
import { QuoteController } from './quote/quote.controller';
import { ReceiveRechargeHandler } from './receive-recharge/receive-recharge';
import { ReceiveRechargeController } from './receive-recharge/receive-recharge.controller';
import { ReverseChargeHandler } from './reverse-charge/reverse-charge';
import { ReverseChargeController } from './reverse-charge/reverse-charge.controller';
import { Rulebooks } from '@meterbook/event-store/rulebooks';
import { ViewAccountHandler } from './view-account/view-account';
import { ViewAccountController } from './view-account/view-account.controller';
import { ViewChargesHandler } from './view-charges/view-charges';
import { ViewChargesController } from './view-charges/view-charges.controller';

const mib = 1024 * 1024;
/** Share of `ACCOUNT_CACHE_MIB` for the accounts that commands, and as much for those that queries keep here. */
const cacheShare = 1 / 16;

function accountCache(store: EventStore, { ACCOUNT_CACHE_MIB, CHECKPOINT_EVERY }: Configuration): Accounts {
  return new Accounts(store, { maxBytes: ACCOUNT_CACHE_MIB * mib * cacheShare, checkpointEvery: CHECKPOINT_EVERY });
}

/**
 * What the ledger answers over HTTP. `EventStore`, `Topics`, `Clock`, `Random` and `CONFIGURATION` come from the host, as global
 * providers, and so do its loops: the one that it needs for itself is `IndexDeadLetters`.
 */
@Module({
  imports: [CqrsModule],
  controllers: [
    RulebookController,
    QuoteController,
    OpenAccountController,
    ViewAccountController,
    ChangeSettingsController,
    ReceiveRechargeController,
    GrantCreditController,
    KeysController,
    ReverseChargeController,
    ViewChargesController,
    DeadLettersController,
  ],
  providers: [
    PublishRulebookHandler,
    ViewRulebookHandler,
    ValidateRulebookHandler,
    ListPlatformsHandler,
    QuoteHandler,
    OpenAccountHandler,
    ViewAccountHandler,
    ChangeSettingsHandler,
    ReceiveRechargeHandler,
    GrantCreditHandler,
    IssueKeyHandler,
    ChangeKeyHandler,
    RevokeKeyHandler,
    ListKeysHandler,
    ReverseChargeHandler,
    ViewChargesHandler,
    ListDeadLettersHandler,
    RedriveDeadLetterHandler,
    { provide: Rulebooks, inject: [EventStore], useFactory: (store: EventStore) => new Rulebooks(store) },
    { provide: PlatformNames, inject: [EventStore], useFactory: (store: EventStore) => new PlatformNames(store) },
    { provide: Accounts, inject: [EventStore, CONFIGURATION], useFactory: accountCache },
    {
      provide: AccountReader,
      inject: [EventStore, CONFIGURATION],
      useFactory: (store: EventStore, configuration: Configuration) =>
        new AccountReader(accountCache(store, configuration)),
    },
    {
      provide: AccountWriter,
      inject: [EventStore, Accounts],
      useFactory: (store: EventStore, accounts: Accounts) => new AccountWriter(store, accounts, false),
    },
    {
      provide: AccountCommands,
      inject: [EventStore, AccountWriter, Rulebooks, Clock],
      useFactory: (store: EventStore, writer: AccountWriter, rulebooks: Rulebooks, clock: Clock) =>
        new AccountCommands(store, writer, rulebooks, clock),
    },
    {
      provide: AgeWindow,
      inject: [CONFIGURATION],
      useFactory: ({ USAGE_MAX_AGE_DAYS }: Configuration) => new AgeWindow(USAGE_MAX_AGE_DAYS),
    },
    {
      provide: DeadLetterIndex,
      inject: [CONFIGURATION, Random],
      useFactory: ({ DATA_DIR }: Configuration, random: Random) =>
        new DeadLetterIndex(join(DATA_DIR, 'ledger', 'dead-letters.db'), random),
    },
    {
      provide: IndexDeadLetters,
      inject: [Topics, DeadLetterIndex],
      useFactory: (topics: Topics, index: DeadLetterIndex) => new IndexDeadLetters(topics, index),
    },
  ],
  exports: [IndexDeadLetters, DeadLetterIndex, AccountWriter],
})
export class LedgerModule implements OnModuleDestroy {
  constructor(
    private readonly deadLetters: DeadLetterIndex,
    private readonly writer: AccountWriter,
  ) {}

  async onModuleDestroy(): Promise<void> {
    await this.writer.idle();
    this.deadLetters.close();
  }
}
