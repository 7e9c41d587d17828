import { join } from 'node:path';
import { Module, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AgeWindow } from '@meterbook/domain/usage/age-window';
import { Metrics } from '@meterbook/http/metrics/metrics';
import { Clock } from '@meterbook/runtime/clock';
import { CONFIGURATION, type Configuration } from '@meterbook/runtime/configuration';
import { LOG, type Log } from '@meterbook/runtime/log';
import { Random } from '@meterbook/runtime/random';
import { Topics } from '@meterbook/topics/topics';
import { topicRetentionMs } from '@meterbook/messages/topic-retention';
import { TOPICS } from '@meterbook/messages/topic-table';
import { CarryDeadLetters } from './carry-dead-letters';
import { DeadLetterIndex } from './dead-letter-index';
import { DeadLettersController } from './dead-letters.controller';
import { addDeadLetterMetrics } from './dead-letter-metrics';
import { DismissDeadLetterHandler } from './dismiss-dead-letter';
import { GroupDeadLettersHandler } from './group-dead-letters';
import { IndexDeadLetters } from './index-dead-letters';
import { ListDeadLettersHandler } from './list-dead-letters';
import { RedriveDamaged } from './redrive-damaged';
import { RedriveDeadLetterHandler } from './redrive-dead-letter';
import { RedriveDeadLettersHandler } from './redrive-dead-letters';

/** The dead letters over HTTP, and the loops that the host runs for them: `IndexDeadLetters`, `CarryDeadLetters` and `RedriveDamaged`. */
@Module({
  imports: [CqrsModule],
  controllers: [DeadLettersController],
  providers: [
    ListDeadLettersHandler,
    GroupDeadLettersHandler,
    RedriveDeadLetterHandler,
    RedriveDeadLettersHandler,
    DismissDeadLetterHandler,
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
    {
      provide: CarryDeadLetters,
      inject: [Topics, DeadLetterIndex, Clock, Random, CONFIGURATION],
      useFactory: (topics: Topics, index: DeadLetterIndex, clock: Clock, random: Random, given: Configuration) =>
        new CarryDeadLetters(topics, index, clock, topicRetentionMs(given)[TOPICS.deadLetters] ?? Infinity, random),
    },
  ],
  exports: [IndexDeadLetters, RedriveDamaged, CarryDeadLetters, DeadLetterIndex],
})
export class DeadLettersModule implements OnModuleInit, OnModuleDestroy {
  constructor(
    private readonly deadLetters: DeadLetterIndex,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    addDeadLetterMetrics(this.metrics.registry, this.deadLetters);
  }

  onModuleDestroy(): void {
    this.deadLetters.close();
  }
}
