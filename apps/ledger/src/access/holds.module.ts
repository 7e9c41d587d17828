import { Module, type OnModuleDestroy } from '@nestjs/common';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { EventStore } from '@meterbook/event-store/event-store';
import { Metrics } from '@meterbook/http/metrics/metrics';
import { Clock } from '@meterbook/runtime/clock';
import { CONFIGURATION, type Configuration } from '@meterbook/runtime/configuration';
import { AccountReader } from '../engine/commands/account-reader';
import { DamagedAccounts } from '../engine/damaged-accounts';
import { EngineModule } from '../engine/engine.module';
import { HoldCommands } from './hold-commands';
import { HoldReader } from './hold-reader';
import { HoldWriter } from './hold-writer';
import { Holds } from './holds';
import { RefundReserves } from './refund-reserves';

const MIB = 1024 * 1024;
const DAY_MS = 86_400_000;
/** Share of `ACCOUNT_CACHE_MIB` for the holds that commands, and as much for those that queries keep here. */
const CACHE_SHARE = 1 / 32;

function holds(
  store: EventStore,
  { ACCOUNT_CACHE_MIB, USAGE_MAX_AGE_DAYS }: Configuration,
  clock: Clock,
  damaged: DamagedAccounts,
  withRequests: boolean,
): Holds {
  const maxBytes = ACCOUNT_CACHE_MIB * MIB * CACHE_SHARE;
  return new Holds(store, { maxBytes, rememberMs: USAGE_MAX_AGE_DAYS * DAY_MS, withRequests }, clock, damaged);
}

/** Holds as commands and queries over HTTP see them. */
@Module({
  imports: [EngineModule],
  providers: [
    {
      provide: Holds,
      inject: [EventStore, CONFIGURATION, Clock, DamagedAccounts],
      useFactory: (store: EventStore, configuration: Configuration, clock: Clock, damaged: DamagedAccounts) =>
        holds(store, configuration, clock, damaged, true),
    },
    {
      provide: HoldReader,
      inject: [EventStore, CONFIGURATION, Clock, DamagedAccounts, AccountReader],
      useFactory: (
        store: EventStore,
        configuration: Configuration,
        clock: Clock,
        damaged: DamagedAccounts,
        accounts: AccountReader,
      ) => new HoldReader(holds(store, configuration, clock, damaged, false), accounts, clock),
    },
    {
      provide: HoldWriter,
      inject: [EventStore, Holds, AccountReader, Rulebooks, Clock],
      useFactory: (store: EventStore, known: Holds, accounts: AccountReader, rulebooks: Rulebooks, clock: Clock) =>
        new HoldWriter(store, known, accounts, rulebooks, clock),
    },
    {
      provide: HoldCommands,
      inject: [Holds, HoldWriter, Metrics],
      useFactory: (known: Holds, writer: HoldWriter, metrics: Metrics) => new HoldCommands(known, writer, metrics),
    },
    {
      provide: RefundReserves,
      inject: [HoldCommands],
      useFactory: (commands: HoldCommands) => new RefundReserves(commands),
    },
  ],
  exports: [HoldCommands, HoldReader, HoldWriter, RefundReserves],
})
export class HoldsModule implements OnModuleDestroy {
  constructor(private readonly writer: HoldWriter) {}

  async onModuleDestroy(): Promise<void> {
    await this.writer.idle();
  }
}
