import { Metrics } from '@meterbook/http/metrics/metrics';
import { folders } from '@meterbook/host/engines/folders';
import type { Service } from '@meterbook/host/service/service';
import { deliveringParts, hostedWebhookLoops } from './hosted-loops';
import { addWebhookMetrics } from './webhook-metrics';
import { WebhooksModule } from './webhooks.module';

/** The webhooks as a process of its own. */
export const webhooksService: Service = {
  name: 'webhooks',
  title: 'Meterbook webhooks',
  description: 'Tells registered addresses what happens to accounts.',
  open: async (host) => {
    const { configuration: settings, clock, random, log } = host;
    const { store, folder } = await host.store();
    const { topics } = await host.topics();
    const directory = folders(settings).webhooks;
    const engines = { store, folder, topics };
    return {
      module: WebhooksModule.register(directory, settings),
      loops: (app) => {
        const delivering = deliveringParts(engines, { clock, random, log, directory, settings });
        addWebhookMetrics(app.get(Metrics, { strict: false }).registry, delivering);
        return hostedWebhookLoops(engines, delivering, clock, directory);
      },
    };
  },
};
