import { Counter, Gauge, type Registry } from 'prom-client';
import type { DeliverWebhooks } from './deliveries/deliver-webhooks';

/** What the delivery of webhooks counts, in a registry that is read when it is asked for. */
export function addWebhookMetrics(registry: Registry, delivering: DeliverWebhooks): void {
  const registers = [registry];
  new Counter({
    name: 'meterbook_webhook_attempts_total',
    help: 'Attempts to deliver to a webhook, by what became of them.',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      const { delivered, failed } = delivering.counts;
      this.inc({ outcome: 'delivered' }, delivered);
      this.inc({ outcome: 'failed' }, failed);
    },
  });
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('meterbook_webhook_deliveries_waiting', 'Deliveries that wait to be sent, or to be sent again.', () =>
    delivering.waiting(),
  );
  gauge('meterbook_webhook_deliveries_under_way', 'Deliveries that are being sent just now.', () =>
    delivering.underWay(),
  );
  gauge('meterbook_webhooks_disabled', 'Webhooks that were disabled because nothing could be delivered to them.', () =>
    delivering.disabled(),
  );
}
