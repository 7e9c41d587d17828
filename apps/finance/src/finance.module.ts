import { Module, type DynamicModule, type OnModuleDestroy } from '@nestjs/common';
import { EventStore } from '@meterbook/event-store/event-store';
import { Clock } from '@meterbook/runtime/clock';
import { KnownPlatform } from './platforms/known-platform';
import { ProjectionControl } from './projections/projection-control';
import { ProjectionReader } from './projections/projection-reader';
import { ProjectionsController } from './rebuild/projections.controller';
import { StatementReport } from './reports/statement/statement-report';
import { StatementController } from './reports/statement/statement.controller';
import { TrialBalanceReport } from './reports/trial-balance/trial-balance-report';
import { TrialBalanceController } from './reports/trial-balance/trial-balance.controller';
import { Verification } from './verify/verification';
import { VerifyController } from './verify/verify.controller';

/** The HTTP side of finance. `EventStore`, `Clock` and `Random` come from the host, as global providers. */
@Module({})
export class FinanceModule implements OnModuleDestroy {
  constructor(
    private readonly reader: ProjectionReader,
    private readonly control: ProjectionControl,
  ) {}

  /** @param directory of the projections, the same as the loops' */
  static register(directory: string, verification: Verification): DynamicModule {
    return {
      module: FinanceModule,
      controllers: [TrialBalanceController, StatementController, ProjectionsController, VerifyController],
      providers: [
        KnownPlatform,
        { provide: Verification, useValue: verification },
        { provide: ProjectionControl, useFactory: () => new ProjectionControl(directory) },
        {
          provide: ProjectionReader,
          inject: [ProjectionControl, Clock],
          useFactory: (control: ProjectionControl, clock: Clock) => new ProjectionReader(control, clock),
        },
        {
          provide: TrialBalanceReport,
          inject: [EventStore, Clock, ProjectionReader],
          useFactory: (store: EventStore, clock: Clock, reader: ProjectionReader) =>
            new TrialBalanceReport(store, clock, reader),
        },
        {
          provide: StatementReport,
          inject: [EventStore],
          useFactory: (store: EventStore) => new StatementReport(store),
        },
      ],
    };
  }

  onModuleDestroy(): void {
    this.reader.close();
    this.control.close();
  }
}
