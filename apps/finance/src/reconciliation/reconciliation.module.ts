import { join } from 'node:path';
import { Module, type DynamicModule, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EventStore } from '@meterbook/event-store/event-store';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { Clock } from '@meterbook/runtime/clock';
import { FinanceBooks } from '../books/finance-books';
import { KnownFacts } from '../projections/platform-facts';
import { BillFiles } from './bill-files';
import { PutReconciliationHandler } from './put-reconciliation';
import type { Reconcile } from './reconcile-thread';
import { Reconciliations } from './reconciliations';
import { ReconciliationsController } from './reconciliations.controller';
import { ListReconciliationItemsHandler, ViewReconciliationHandler } from './view-reconciliation';

/** Upstreams' bills beside what their usage was booked to have cost. */
@Module({})
export class ReconciliationModule implements OnModuleInit, OnModuleDestroy {
  constructor(
    private readonly files: BillFiles,
    private readonly reconciliations: Reconciliations,
  ) {}

  /** @param directory of finance's files: those of reconciliations stand in a folder of their own */
  static register(directory: string, reconcile: Reconcile): DynamicModule {
    return {
      module: ReconciliationModule,
      imports: [CqrsModule],
      controllers: [ReconciliationsController],
      providers: [
        KnownPlatform,
        FinanceBooks,
        PutReconciliationHandler,
        ViewReconciliationHandler,
        ListReconciliationItemsHandler,
        { provide: KnownFacts, inject: [EventStore], useFactory: (store: EventStore) => new KnownFacts(store) },
        { provide: BillFiles, useFactory: () => new BillFiles(join(directory, 'reconciliations')) },
        {
          provide: Reconciliations,
          inject: [FinanceBooks, BillFiles, Clock],
          useFactory: (books: FinanceBooks, files: BillFiles, clock: Clock) =>
            new Reconciliations(books, files, reconcile, clock),
        },
      ],
    };
  }

  onModuleInit(): void {
    this.files.removeBills();
  }

  onModuleDestroy(): void {
    this.reconciliations.close();
  }
}
