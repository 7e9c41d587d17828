import { Registry } from 'prom-client';
import type { Log } from '@meterbook/runtime/log';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { Health } from './health';
import { addHealthMetric } from './health-metric';

describe('the parts of a process in its metrics', () => {
  it('are up as /health/ready says', async () => {
    const health = new Health(new ManualClock(), { warn: () => undefined } as unknown as Log);
    health.register('topics', () => ({ up: true, detail: 'It answers.' }));
    health.register('a-loop', () => ({ up: false, detail: 'It waits to restart.' }));
    health.register('another', () => {
      throw new Error('cannot be asked');
    });
    const registry = new Registry();
    addHealthMetric(registry, health);
    const text = await registry.metrics();
    expect(text).toContain('meterbook_part_up{part="topics"} 1');
    expect(text).toContain('meterbook_part_up{part="a-loop"} 0');
    expect(text).toContain('meterbook_part_up{part="another"} 0');
    expect((await health.readiness()).ready).toBe(false);
  });
});
