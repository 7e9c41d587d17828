import { join } from 'node:path';
import { Module, type DynamicModule, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EventStore } from '@meterbook/event-store/event-store';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { RulebookReading } from '@meterbook/http/rulebook/rulebook-reading';
import { Clock } from '@meterbook/runtime/clock';
import { LOG, type Log } from '@meterbook/runtime/log';
import { KnownFacts } from '../projections/platform-facts';
import { CancelWhatIfHandler } from './cancel-what-if';
import { MakeWhatIfHandler } from './make-what-if';
import { ViewWhatIfHandler } from './view-what-if';
import { WhatIfIndex } from './what-if-index';
import type { StartWhatIf } from './what-if-thread';
import { WhatIfs } from './what-ifs';
import { WhatIfsController } from './what-ifs.controller';

/** What would have been charged by other rules: asked for, made in threads of their own, kept for a while. */
@Module({})
export class WhatIfModule implements OnModuleInit, OnModuleDestroy {
  constructor(
    private readonly whatIfs: WhatIfs,
    private readonly reading: RulebookReading,
  ) {}

  /** @param directory of finance's files: those of what-ifs stand in a folder of their own */
  static register(directory: string, start: StartWhatIf): DynamicModule {
    return {
      module: WhatIfModule,
      imports: [CqrsModule],
      controllers: [WhatIfsController],
      providers: [
        KnownPlatform,
        MakeWhatIfHandler,
        ViewWhatIfHandler,
        CancelWhatIfHandler,
        { provide: RulebookReading, inject: [Clock], useFactory: (clock: Clock) => new RulebookReading(clock) },
        { provide: KnownFacts, inject: [EventStore], useFactory: (store: EventStore) => new KnownFacts(store) },
        {
          provide: WhatIfs,
          inject: [Clock, LOG],
          useFactory: (clock: Clock, log: Log) =>
            new WhatIfs(new WhatIfIndex(join(directory, 'what-ifs')), start, clock, log),
        },
      ],
    };
  }

  onModuleInit(): void {
    this.whatIfs.resume();
  }

  async onModuleDestroy(): Promise<void> {
    this.whatIfs.close();
    await this.reading.close();
  }
}
