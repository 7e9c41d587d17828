import type { Service } from '@meterbook/host/service/service';
import { UsageIngestModule } from './usage-ingest.module';

/** Ingest as a process of its own: it has no loops and needs the topics only. */
export const usageIngestService: Service = {
  name: 'usage-ingest',
  title: 'Meterbook usage ingest',
  description: 'Takes usage in and answers once it is durable.',
  open: async (host) => {
    await host.topics();
    return { module: UsageIngestModule, loops: () => [] };
  },
};
