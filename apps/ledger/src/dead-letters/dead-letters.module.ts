import { join } from 'node:path';
import { Module, type OnModuleDestroy } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AgeWindow } from '@meterbook/domain/usage/age-window';
import { Clock } from '@meterbook/runtime/clock';
import { CONFIGURATION, type Configuration } from '@meterbook/runtime/configuration';
import { LOG, type Log } from '@meterbook/runtime/log';
import { Random } from '@meterbook/runtime/random';
import { Topics } from '@meterbook/topics/topics';
import { DeadLetterIndex } from './dead-letter-index';
import { DeadLettersController } from './dead-letters.controller';
import { IndexDeadLetters } from './index-dead-letters';
import { ListDeadLettersHandler } from './list-dead-letters';
import { RedriveDamaged } from './redrive-damaged';
import { RedriveDeadLetterHandler } from './redrive-dead-letter';

/** The dead letters over HTTP, and the loops that the host runs for them: `IndexDeadLetters` and `RedriveDamaged`. */
@Module({
  imports: [CqrsModule],
  controllers: [DeadLettersController],
  providers: [
    ListDeadLettersHandler,
    RedriveDeadLetterHandler,
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
  exports: [IndexDeadLetters, RedriveDamaged, DeadLetterIndex],
})
export class DeadLettersModule implements OnModuleDestroy {
  constructor(private readonly deadLetters: DeadLetterIndex) {}

  onModuleDestroy(): void {
    this.deadLetters.close();
  }
}
