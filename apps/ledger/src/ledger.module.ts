import { join } from 'node:path';
import { Module, type OnModuleDestroy } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EventStore } from '@meterbook/event-store/event-store';
import { AgeWindow } from '@meterbook/domain/usage/age-window';
import { Clock } from '@meterbook/runtime/clock';
import { CONFIGURATION, type Configuration } from '@meterbook/runtime/configuration';
import { LOG, type Log } from '@meterbook/runtime/log';
import { Random } from '@meterbook/runtime/random';
import { Topics } from '@meterbook/topics/topics';
import { AccountCommands } from './engine/commands/account-commands';
import { AccountReader } from './engine/commands/account-reader';
import { AccountWriter } from './engine/account-writer';
import { Accounts } from './engine/accounts';
import { ChangeSettingsHandler } from './accounts/change-settings';
import { ChangeSettingsController } from './accounts/change-settings.controller';
import { DeadLetterIndex } from './dead-letters/dead-letter-index';
import { DeadLettersController } from './dead-letters/dead-letters.controller';
import { IndexDeadLetters } from './dead-letters/index-dead-letters';
import { ListDeadLettersHandler } from './dead-letters/list-dead-letters';
import { RedriveDamaged } from './dead-letters/redrive-damaged';
import { RedriveDeadLetterHandler } from './dead-letters/redrive-dead-letter';
import { GrantCreditHandler } from './wallet/grant-credit';
import { GrantCreditController } from './wallet/grant-credit.controller';
import { ChangeKeyHandler } from './keys/change-key';
import { IssueKeyHandler } from './keys/issue-key';
import { KeysController } from './keys/keys.controller';
import { ListKeysHandler } from './keys/list-keys';
import { RevokeKeyHandler } from './keys/revoke-key';
import { OpenAccountHandler } from './accounts/open-account';
import { OpenAccountController } from './accounts/open-account.controller';
import { ListPlatformsHandler } from './rulebooks/list-platforms';
import { PlatformNames } from '@meterbook/books/platform-names';
import { PublishRulebookHandler } from './rulebooks/publish-rulebook';
import { RulebookReading } from './rulebooks/rulebook-reading';
import { RulebookController } from './rulebooks/rulebook.controller';
import { ValidateRulebookHandler, ViewRulebookHandler } from './rulebooks/view-rulebook';
import { QuoteHandler } from './quotes/quote';
import { QuoteController } from './quotes/quote.controller';
import { ReceiveRechargeHandler } from './wallet/receive-recharge';
import { ReceiveRechargeController } from './wallet/receive-recharge.controller';
import { ReverseChargeHandler } from './charges/reverse-charge';
import { ReverseChargeController } from './charges/reverse-charge.controller';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { ViewAccountHandler } from './accounts/view-account';
import { ViewAccountController } from './accounts/view-account.controller';
import { ViewChargesHandler } from './charges/view-charges';
import { ViewChargesController } from './charges/view-charges.controller';

const mib = 1024 * 1024;
/** Share of `ACCOUNT_CACHE_MIB` for the accounts that commands, and as much for those that queries keep here. */
const cacheShare = 1 / 16;

function accountCache(store: EventStore, configuration: Configuration, clock: Clock): Accounts {
  const { ACCOUNT_CACHE_MIB, CHECKPOINT_EVERY } = configuration;
  const maxBytes = ACCOUNT_CACHE_MIB * mib * cacheShare;
  return new Accounts(store, { maxBytes, checkpointEvery: CHECKPOINT_EVERY }, clock);
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
    { provide: RulebookReading, inject: [Clock], useFactory: (clock: Clock) => new RulebookReading(clock) },
    { provide: Accounts, inject: [EventStore, CONFIGURATION, Clock], useFactory: accountCache },
    {
      provide: AccountReader,
      inject: [EventStore, CONFIGURATION, Clock],
      useFactory: (store: EventStore, configuration: Configuration, clock: Clock) =>
        new AccountReader(accountCache(store, configuration, clock)),
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
      inject: [CONFIGURATION, Random, LOG],
      useFactory: ({ DATA_DIR }: Configuration, random: Random, log: Log) =>
        new DeadLetterIndex(join(DATA_DIR, 'ledger', 'dead-letters.db'), random, log),
    },
    {
      provide: IndexDeadLetters,
      inject: [Topics, DeadLetterIndex],
      useFactory: (topics: Topics, index: DeadLetterIndex) => new IndexDeadLetters(topics, index),
    },
    {
      provide: RedriveDamaged,
      inject: [Topics, DeadLetterIndex, Clock],
      useFactory: (topics: Topics, index: DeadLetterIndex, clock: Clock) => new RedriveDamaged(topics, index, clock),
    },
  ],
  exports: [IndexDeadLetters, RedriveDamaged, DeadLetterIndex, AccountWriter],
})
export class LedgerModule implements OnModuleDestroy {
  constructor(
    private readonly deadLetters: DeadLetterIndex,
    private readonly writer: AccountWriter,
    private readonly reading: RulebookReading,
  ) {}

  async onModuleDestroy(): Promise<void> {
    await this.reading.close();
    await this.writer.idle();
    this.deadLetters.close();
  }
}
