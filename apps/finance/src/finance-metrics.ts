import { Gauge, type Registry } from 'prom-client';
import type { ProjectionReader } from './projections/projection-reader';
import { trialBalance } from './projections/trial-balance/trial-balance';
import { usageRevenue, type UsageRevenue } from './projections/trial-balance/usage-revenue';

/** What the books say, for a dashboard: a number of Prometheus is about what it stands for, and no amount is read back from it. */
export function addFinanceMetrics(registry: Registry, reader: ProjectionReader): void {
  new Gauge({
    name: 'meterbook_usage_revenue',
    help: 'What usage has come to since the books began, less what was reversed.',
    labelNames: ['platform', 'currency'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { platform, currency, amount } of revenueIn(reader)) this.set({ platform, currency }, Number(amount));
    },
  });
}

/** None where the file cannot be read: the health check says so, and the other metrics are there all the same. */
function revenueIn(reader: ProjectionReader): readonly UsageRevenue[] {
  try {
    return reader.peek(trialBalance.name, usageRevenue) ?? [];
  } catch {
    return [];
  }
}
