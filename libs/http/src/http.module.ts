import { Global, Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD, APP_PIPE } from '@nestjs/core';
import type { Clock } from '@meterbook/runtime/clock';
import { LOG, type Log } from '@meterbook/runtime/log';
import { AccessGuard } from './auth/access';
import { Callers } from './auth/callers';
import { DocumentsController } from './documents/documents.controller';
import { HealthController } from './health/health.controller';
import { Health } from './health/health';
import { addHealthMetric } from './health/health-metric';
import { MetricsController } from './metrics/metrics.controller';
import { Metrics } from './metrics/metrics';
import { RequestPipe } from './request/request-pipe';
import { RouteTable } from './route-table';

/** What every service has over HTTP; `Health`, `Metrics` and `LOG` can be injected anywhere. */
@Global()
@Module({})
export class HttpModule {
  static with(clock: Clock, log: Log, routes: RouteTable, callers: Callers): DynamicModule {
    return {
      module: HttpModule,
      controllers: [DocumentsController, HealthController, MetricsController],
      providers: [
        { provide: LOG, useValue: log },
        { provide: RouteTable, useValue: routes },
        { provide: Callers, useValue: callers },
        { provide: Health, useFactory: () => new Health(clock, log) },
        {
          provide: Metrics,
          inject: [Health],
          useFactory: (health: Health) => {
            const metrics = new Metrics(clock, log);
            addHealthMetric(metrics.registry, health);
            return metrics;
          },
        },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_PIPE, useClass: RequestPipe },
      ],
      exports: [LOG, Health, Metrics],
    };
  }
}
