import { Module, type OnModuleDestroy } from '@nestjs/common';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { EventStore } from '@meterbook/event-store/event-store';
import { watchDamage } from '@meterbook/host/loops/damage-gauge';
import { Metrics } from '@meterbook/http/metrics/metrics';
import { Clock } from '@meterbook/runtime/clock';
import { CONFIGURATION, type Configuration } from '@meterbook/runtime/configuration';
import { LOG, withoutSecrets, type Log } from '@meterbook/runtime/log';
import { AccountWriter } from './account-writer';
import { Accounts } from './accounts';
import { DamagedAccounts } from './damaged-accounts';
import { AccountCommands } from './commands/account-commands';
import { AccountReader } from './commands/account-reader';

const MIB = 1024 * 1024;
/** Share of `ACCOUNT_CACHE_MIB` for the accounts that commands, and as much for those that queries keep here. */
const CACHE_SHARE = 1 / 16;

function accounts(store: EventStore, configuration: Configuration, clock: Clock, damaged: DamagedAccounts): Accounts {
  const { ACCOUNT_CACHE_MIB, CHECKPOINT_EVERY } = configuration;
  const maxBytes = ACCOUNT_CACHE_MIB * MIB * CACHE_SHARE;
  return new Accounts(store, { maxBytes, checkpointEvery: CHECKPOINT_EVERY }, clock, damaged);
}

/** The damage that requests find is told of and counted as that which loops find. */
function damagedAccounts(clock: Clock, log: Log, { registry }: Metrics): DamagedAccounts {
  const damaged = new DamagedAccounts(clock);
  damaged.streams.listen(({ stream, damage }) =>
    log.error(
      { stream, damage: withoutSecrets(damage) },
      'A stream is damaged: requests about it are answered with 503.',
    ),
  );
  watchDamage(registry, 'http', () => damaged.streams.count);
  return damaged;
}

/** Accounts as commands and queries over HTTP see them. `EventStore`, `Clock` and `CONFIGURATION` come from the host. */
@Module({
  providers: [
    { provide: Rulebooks, inject: [EventStore], useFactory: (store: EventStore) => new Rulebooks(store) },
    { provide: DamagedAccounts, inject: [Clock, LOG, Metrics], useFactory: damagedAccounts },
    { provide: Accounts, inject: [EventStore, CONFIGURATION, Clock, DamagedAccounts], useFactory: accounts },
    {
      provide: AccountReader,
      inject: [EventStore, CONFIGURATION, Clock, DamagedAccounts],
      useFactory: (store: EventStore, configuration: Configuration, clock: Clock, damaged: DamagedAccounts) =>
        new AccountReader(accounts(store, configuration, clock, damaged)),
    },
    {
      provide: AccountWriter,
      inject: [EventStore, Accounts, Clock],
      useFactory: (store: EventStore, known: Accounts, clock: Clock) => new AccountWriter(store, known, false, clock),
    },
    {
      provide: AccountCommands,
      inject: [EventStore, AccountWriter, Rulebooks, Clock],
      useFactory: (store: EventStore, writer: AccountWriter, rulebooks: Rulebooks, clock: Clock) =>
        new AccountCommands(store, writer, rulebooks, clock),
    },
  ],
  exports: [Rulebooks, DamagedAccounts, Accounts, AccountReader, AccountWriter, AccountCommands],
})
export class EngineModule implements OnModuleDestroy {
  constructor(private readonly writer: AccountWriter) {}

  async onModuleDestroy(): Promise<void> {
    await this.writer.idle();
  }
}
