import { Gauge, type Registry } from 'prom-client';
import type { ProjectionReader } from './projections/projection-reader';
import { incomeOf, type Income } from './projections/trial-balance/income';
import { trialBalance } from './projections/trial-balance/trial-balance';

/** What the books say, for a dashboard: a number of Prometheus is about what it stands for, and no amount is read back from it. */
export function addFinanceMetrics(registry: Registry, reader: ProjectionReader): void {
  new Gauge({
    name: 'meterbook_usage_revenue',
    help: 'What usage has come to since the books began, less what was reversed.',
    labelNames: ['platform', 'currency'],
    registers: [registry],
    collect() {
      show(this, incomeIn(reader, 'usage'));
    },
  });
  new Gauge({
    name: 'meterbook_subscription_fees',
    help: 'What was paid for subscriptions since the books began, less what switches have credited.',
    labelNames: ['platform', 'currency'],
    registers: [registry],
    collect() {
      show(this, incomeIn(reader, 'fees'));
    },
  });
}

function show(gauge: Gauge<'platform' | 'currency'>, incomes: readonly Income[]): void {
  gauge.reset();
  for (const { platform, currency, amount } of incomes) gauge.set({ platform, currency }, Number(amount));
}

/** None where the file cannot be read: the health check says so, and the other metrics are there all the same. */
function incomeIn(reader: ProjectionReader, kind: Parameters<typeof incomeOf>[0]): readonly Income[] {
  try {
    return reader.peek(trialBalance.name, incomeOf(kind)) ?? [];
  } catch {
    return [];
  }
}
