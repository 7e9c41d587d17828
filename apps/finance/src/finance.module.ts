import { Module, type DynamicModule, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EventStore } from '@meterbook/event-store/event-store';
import { Health, type Indication } from '@meterbook/http/health/health';
import { LOOPS } from '@meterbook/host/loops/loop-table';
import { Metrics } from '@meterbook/http/metrics/metrics';
import { Clock } from '@meterbook/runtime/clock';
import { AccountsController } from './accounts/accounts.controller';
import { ListAccountsHandler } from './accounts/list-accounts';
import { addFinanceMetrics } from './finance-metrics';
import { FinanceBooks } from './books/finance-books';
import { CloseMonthHandler } from './closings/close-month';
import { ClosingWriter } from './closings/closing-writer';
import { ClosingsController } from './closings/closings.controller';
import { ListClosingsHandler } from './closings/list-closings';
import { OpenClosingHandler } from './closings/open-closing';
import { financeProjections } from './finance-projections';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { behindMs, MAX_AHEAD_MS, MAX_BEHIND_MS } from './projections/lag';
import type { Progress } from './projections/projection-file';
import { ProjectionControl } from './projections/projection-control';
import { ProjectionReader } from './projections/projection-reader';
import { ListProjectionsHandler } from './projections/list-projections';
import { ProjectionsController } from './projections/projections.controller';
import { RebuildEvents } from './projections/rebuild-events';
import { RequestRebuildHandler } from './projections/request-rebuild';
import { ViewRebuildHandler } from './projections/view-rebuild';
import { FinanceChargesController } from './reports/charge-list/charges.controller';
import { OpenChargesHandler } from './reports/charge-list/open-charges';
import { declaredReports } from './reports/grouped/declared-reports';
import { groupedController } from './reports/grouped/grouped.controller';
import { OpenGroupedHandler } from './reports/grouped/open-grouped';
import { groupedExample } from './reports/grouped/grouped.examples';
import { cellDeclarations } from './reports/cell-entries/cell-declarations';
import { cellController } from './reports/cell-entries/cell.controller';
import { OpenCellHandler } from './reports/cell-entries/open-cell';
import { JournalController } from './reports/journal/journal.controller';
import { OpenJournalHandler } from './reports/journal/open-journal';
import { OpenStatementHandler } from './reports/statement/open-statement';
import { StatementController } from './reports/statement/statement.controller';
import { OpenTrialBalanceHandler } from './reports/trial-balance/open-trial-balance';
import { TrialBalanceController } from './reports/trial-balance/trial-balance.controller';
import { Reports, type ReportThread } from './reports/thread/reports';
import { Verification } from './verify/verification';
import { VerifyBooksHandler } from './verify/verify-books';
import { VerifyController } from './verify/verify.controller';
import type { Reconcile } from './reconciliation/reconcile-thread';
import { ReconciliationModule } from './reconciliation/reconciliation.module';
import { WhatIfModule } from './what-if/what-if.module';
import type { StartWhatIf } from './what-if/what-if-thread';

const handlers = [
  ListAccountsHandler,
  OpenTrialBalanceHandler,
  OpenStatementHandler,
  OpenGroupedHandler,
  OpenChargesHandler,
  ListProjectionsHandler,
  RequestRebuildHandler,
  ViewRebuildHandler,
  VerifyBooksHandler,
  CloseMonthHandler,
  ListClosingsHandler,
  OpenClosingHandler,
  OpenJournalHandler,
  OpenCellHandler,
];

const groupedControllers = declaredReports.map((declaration) =>
  groupedController(declaration, groupedExample(declaration.name)),
);

const cellControllers = cellDeclarations.map(cellController);

/** The HTTP side of finance. `EventStore`, `Clock` and `Random` come from the host, as global providers. */
@Module({})
export class FinanceModule implements OnModuleInit, OnModuleDestroy {
  constructor(
    private readonly reader: ProjectionReader,
    private readonly control: ProjectionControl,
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly health: Health,
    private readonly reports: Reports,
    private readonly metrics: Metrics,
  ) {}

  /**
   * @param directory of the projections, the same as the loops'
   * @param startReports starts the thread in which reports are made
   * @param startWhatIf starts a thread in which a what-if is made
   * @param reconcile compares a bill in a thread
   */
  static register(
    directory: string,
    verification: Verification,
    startReports: () => ReportThread,
    startWhatIf: StartWhatIf,
    reconcile: Reconcile,
  ): DynamicModule {
    return {
      module: FinanceModule,
      imports: [
        CqrsModule,
        WhatIfModule.register(directory, startWhatIf),
        ReconciliationModule.register(directory, reconcile),
      ],
      controllers: [
        ...groupedControllers,
        ...cellControllers,
        FinanceChargesController,
        AccountsController,
        TrialBalanceController,
        StatementController,
        ProjectionsController,
        VerifyController,
        ClosingsController,
        JournalController,
      ],
      providers: [
        KnownPlatform,
        ...handlers,
        FinanceBooks,
        RebuildEvents,
        ClosingWriter,
        { provide: Verification, useValue: verification },
        { provide: ProjectionControl, useFactory: () => ProjectionControl.shared(directory) },
        {
          provide: ProjectionReader,
          inject: [ProjectionControl, Clock],
          useFactory: (control: ProjectionControl, clock: Clock) => new ProjectionReader(control, clock),
        },
        { provide: Reports, inject: [Clock], useFactory: (clock: Clock) => new Reports(startReports, clock) },
      ],
    };
  }

  onModuleInit(): void {
    addFinanceMetrics(this.metrics.registry, this.reader);
    this.health.register('finance-projections', () => this.indicate());
  }

  onModuleDestroy(): void {
    this.reports.close();
    this.reader.close();
    this.control.close();
  }

  private async indicate(): Promise<Indication> {
    // What was folded last looks fresh for as long as nothing is booked, also where nobody folds any more.
    const loop = await this.health.indicationOf(LOOPS.projections.name);
    if (loop?.up === false) return { up: false, detail: `Nobody folds what is booked. ${loop.detail}` };
    const told = await Promise.all(financeProjections.map(({ name }) => this.indicationOf(name)));
    return { up: told.every(({ up }) => up), detail: told.map(({ detail }) => detail).join(' ') };
  }

  /** What it says of a failure names a stream: health shows it to `admin` only. */
  private async indicationOf(name: string): Promise<Indication> {
    const progress = this.reader.progress(name);
    if (!progress) return { up: false, detail: `Nothing has been projected yet (${name}).` };
    const failure = this.reader.failureOf(name);
    if (failure !== undefined) return { up: false, detail: `${name} does not move on: ${failure}` };
    const behind = await behindMs(progress, this.store, this.clock);
    const { count } = this.reader.damaged(name, 0);
    const without = count === 0 ? '' : ` It stands without ${count} damaged streams.`;
    return {
      up: behind <= MAX_BEHIND_MS,
      detail: `${name}: ${behind} ms behind the store.${without}${this.ahead(progress)}`,
    };
  }

  /** After a clock has jumped, what is booked stays dated ahead, since times of booking never fall. */
  private ahead({ bookedAt }: Progress): string {
    const aheadMs = bookedAt - this.clock.now();
    return aheadMs <= MAX_AHEAD_MS ? '' : ` The last event was booked ${aheadMs} ms ahead of this clock.`;
  }
}
