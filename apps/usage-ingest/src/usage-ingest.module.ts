import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { BodyRoom } from '@meterbook/http/body/body-room';
import { announcedBytes, callerOf, setBodyPlace } from '@meterbook/http/body/read-body';
import { Metrics } from '@meterbook/http/metrics/metrics';
import { Clock } from '@meterbook/runtime/clock';
import { CONFIGURATION, type Configuration } from '@meterbook/runtime/configuration';
import { AcceptUsageHandler } from './accept-usage/accept-usage';
import { IngestGate } from './accept-usage/ingest-gate';
import { USAGE_BODY_LIMIT_BYTES, USAGE_PATH, UsageController } from './accept-usage/usage.controller';

const MIB = 1024 * 1024;

/** Takes usage in. It needs `Topics`, `Clock` and `CONFIGURATION` from whoever composes the process, and the `HttpModule`. */
@Module({
  imports: [CqrsModule],
  controllers: [UsageController],
  providers: [
    AcceptUsageHandler,
    {
      provide: IngestGate,
      inject: [Clock, CONFIGURATION],
      useFactory: (clock: Clock, { INGEST_IN_FLIGHT_MIB }: Configuration) =>
        new IngestGate(clock, new BodyRoom(INGEST_IN_FLIGHT_MIB * MIB, USAGE_BODY_LIMIT_BYTES)),
    },
  ],
})
export class UsageIngestModule implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly gate: IngestGate,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    const { gate } = this;
    this.metrics.gauge(
      'usage_bytes_in_flight',
      'Bytes of usage that are being read or published.',
      () => gate.bytesInFlight,
    );
    this.host.httpAdapter.getInstance().addHook('onRequest', (request, _reply, done) => {
      const isUsage = request.routeOptions.url === USAGE_PATH && request.method === 'POST';
      if (isUsage) setBodyPlace(request, gate.enter(callerOf(request), announcedBytes(request)));
      done();
    });
  }
}
