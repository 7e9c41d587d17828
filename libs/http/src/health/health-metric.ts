import { Gauge, type Registry } from 'prom-client';
import type { Health } from './health';

/** What `/health/ready` says, for whoever reads metrics alone. */
export function addHealthMetric(registry: Registry, health: Health): void {
  new Gauge({
    name: 'meterbook_part_up',
    help: 'Whether a part of this process is up, as /health/ready says it: 1 or 0.',
    labelNames: ['part'],
    registers: [registry],
    async collect() {
      const { indicators } = await health.readiness();
      this.reset();
      for (const { name, up } of indicators) this.set({ part: name }, up ? 1 : 0);
    },
  });
}
