import type { INestApplicationContext } from '@nestjs/common';
import { Health } from '@meterbook/http/health/health';
import { Metrics } from '@meterbook/http/metrics/metrics';
import type { Backlog } from './backlog';
import { watchDamage } from './damage-gauge';
import { loopGauge, loopIndication, type LoopReport } from './hosted-loops';

/** Shows a loop in the health check and the metrics of an application. */
export function watchLoop(
  app: INestApplicationContext,
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
