import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Health } from '@meterbook/http/health/health';
import type { Clock } from '@meterbook/runtime/clock';
import { SteadyClock } from '@meterbook/runtime/steady-clock';

/** How long requests under way may take once the process stops. */
const REQUESTS_TIMEOUT_MS = 10_000;
/** How often is looked, meanwhile, for connections whose requests are answered. */
const IDLE_LOOK_MS = 20;

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
