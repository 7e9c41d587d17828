import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Health } from '@meterbook/http/health/health';
import { Metrics } from '@meterbook/http/metrics/metrics';
import type { Clock } from '@meterbook/runtime/clock';
import { SteadyClock } from '@meterbook/runtime/steady-clock';
import { watchDamage } from './damage-gauge';
import type { Backlog } from './service-backlog';
import { loopGauge, loopIndication, type LoopReport } from './service-loops';

/** How long requests under way may take once the process stops. */
const REQUESTS_TIMEOUT_MS = 10_000;
/** How often is looked, meanwhile, for connections whose requests are answered. */
const IDLE_LOOK_MS = 20;

/** Shows a loop in the health check and the metrics of an application. */
export function watchLoop(
  app: NestFastifyApplication,
  loop: string,
  unit: Backlog['unit'],
  report: () => LoopReport | undefined,
): void {
  app.get(Health, { strict: false }).register(loop, () => loopIndication(report()));
  const { name, help, value } = loopGauge(loop, unit);
  const metrics = app.get(Metrics, { strict: false });
  metrics.gauge(name, help, () => value(report()));
  watchDamage(metrics.registry, loop, () => report()?.damaged ?? Number.NaN);
}

/** Says that it is not ready any more, takes no more requests, and answers those under way, or cuts them off if they take too long. */
export async function stopTakingRequests(app: NestFastifyApplication, clock: Clock): Promise<void> {
  app.get(Health, { strict: false }).onModuleDestroy();
  const server = app.getHttpServer();
  const answered = new AbortController();
  const closed = Promise.resolve(app.getHttpAdapter().close()).finally(() => answered.abort());
  const steady = new SteadyClock(clock);
  const cutOffAtMs = steady.now() + REQUESTS_TIMEOUT_MS;
  while (!answered.signal.aborted) {
    // A connection that was busy when the server closed stays open, after its answer, for as long as its client likes.
    if (steady.now() >= cutOffAtMs) server.closeAllConnections();
    else server.closeIdleConnections();
    await clock.sleep(IDLE_LOOK_MS, answered.signal);
  }
  await closed;
}
