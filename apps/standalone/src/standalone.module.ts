import { Module, type DynamicModule } from '@nestjs/common';
import { FinanceModule } from '@meterbook/finance/finance.module';
import { startReportThread } from '@meterbook/finance/reports/thread/start-report-thread';
import { VerificationInWorker } from '@meterbook/finance/verify/verification-in-worker';
import { reconcileInWorker } from '@meterbook/finance/reconciliation/reconcile-in-worker';
import { startWhatIfThread } from '@meterbook/finance/what-if/start-what-if-thread';
import { LedgerModule } from '@meterbook/ledger/ledger.module';
import type { Clock } from '@meterbook/runtime/clock';
import type { Configuration } from '@meterbook/runtime/configuration';
import type { Engines } from '@meterbook/host/engines/engines';
import { folders } from '@meterbook/host/engines/folders';
import type { Random } from '@meterbook/runtime/random';
import { PortsModule } from '@meterbook/host/service/ports';
import { TierProjectionModule } from '@meterbook/tier-projection/tier-projection.module';
import { UsageIngestModule } from '@meterbook/usage-ingest/usage-ingest.module';
import { WebhooksModule } from '@meterbook/webhooks/webhooks.module';

export interface StandaloneParts {
  readonly configuration: Configuration;
  readonly engines: Engines;
  readonly clock: Clock;
  readonly random: Random;
}

/** The HTTP side of all five services on one port. Their loops run in threads of their own. */
@Module({})
export class StandaloneModule {
  static with({ configuration, engines, clock, random }: StandaloneParts): DynamicModule {
    const { store, topics } = engines;
    const { tiers, finance, webhooks } = folders(configuration);
    const verification = new VerificationInWorker(configuration);
    return {
      module: StandaloneModule,
      imports: [
        PortsModule.with({ configuration, clock, random, store, topics }),
        UsageIngestModule,
        LedgerModule,
        TierProjectionModule.register(tiers),
        FinanceModule.register(
          finance,
          verification,
          () => startReportThread(configuration),
          (task) => startWhatIfThread(configuration, task),
          reconcileInWorker(configuration),
        ),
        WebhooksModule.register(webhooks, configuration),
      ],
    };
  }
}
