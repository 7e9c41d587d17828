import { Metrics } from '@meterbook/http/metrics/metrics';
import { folders } from '@meterbook/host/engines/folders';
import type { Service } from '@meterbook/host/service/service';
import { addChargingMetrics } from './charging/charging-metrics';
import { hostedChargingLoops, hostedDeadLettersLoop, hostedKeysLoop, hostedRelayLoop } from './hosted-loops';
import { chargingLimits, chargingParts } from './charging/charging-parts';
import { LedgerModule } from './ledger.module';
import { publishPresets } from './rulebooks/publish-presets';

/** The ledger as a process of its own; of several, each charges its share of the partitions and one relays. */
export const ledgerService: Service = {
  name: 'ledger',
  title: 'Meterbook ledger',
  description: 'Accounts, recharges, rulebooks, and exact charges for usage.',
  open: async (host) => {
    const { configuration, clock, log } = host;
    const { store, folder } = await host.store();
    const { topics } = await host.topics();
    const { ledger } = folders(configuration);
    const charging = chargingParts(store, topics, chargingLimits(configuration), {
      clock,
      log,
      ledgerFolder: ledger,
    });
    return {
      module: LedgerModule,
      loops: (app) => {
        addChargingMetrics(app.get(Metrics, { strict: false }).registry, charging);
        return [
          ...hostedChargingLoops(topics, charging),
          hostedRelayLoop({ store, folder, topics }, clock),
          hostedKeysLoop({ store, folder }, clock, ledger, log),
          hostedDeadLettersLoop(topics, app),
        ];
      },
      prepare: async (app, signal) => {
        if (configuration.PRESETS === 'publish') await publishPresets(app, log, signal);
      },
      idle: () => charging.writer.idle(),
    };
  },
};
