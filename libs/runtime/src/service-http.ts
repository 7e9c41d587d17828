import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Health } from '@meterbook/http/health/health';
import { Metrics } from '@meterbook/http/metrics/metrics';
import type { Clock } from './clock';
import type { Backlog } from './service-backlog';
import { loopGauge, loopIndication, type LoopReport } from './service-loops';

/** How long requests under way may take once the process stops. */
const REQUESTS_TIMEOUT_MS = 10_000;

/** Shows a loop in the health check and the metrics of an application. */
export function watchLoop(
  app: NestFastifyApplication,
  loop: string,
  unit: Backlog['unit'],
  report: () => LoopReport | undefined,
): void {
  app.get(Health, { strict: false }).register(loop, () => loopIndication(report()));
  const { name, help, value } = loopGauge(loop, unit);
  app.get(Metrics, { strict: false }).gauge(name, help, () => value(report()));
}

/** Says that it is not ready any more, takes no more requests, and answers those under way, or some of them if they take too long. */
export async function stopTakingRequests(app: NestFastifyApplication, clock: Clock): Promise<void> {
  app.get(Health, { strict: false }).onModuleDestroy();
  const answered = new AbortController();
  const closed = Promise.resolve(app.getHttpAdapter().close()).then(() => answered.abort());
  await Promise.race([closed, clock.sleep(REQUESTS_TIMEOUT_MS, answered.signal)]);
}
