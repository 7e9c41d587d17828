import { folders } from '@meterbook/host/engines/folders';
import type { Service } from '@meterbook/host/service/service';
import { hostedTierLoops } from './hosted-loops';
import { TierProjectionModule } from './tier-projection.module';

/** The tier service as a process of its own. */
export const tierProjectionService: Service = {
  name: 'tier-projection',
  title: 'Meterbook tiers',
  description: 'Promotes accounts by their recharges and shows their tiers.',
  open: async (host) => {
    const { store, folder } = await host.store();
    const { topics } = await host.topics();
    const { tiers } = folders(host.configuration);
    return {
      module: TierProjectionModule.register(tiers),
      loops: () => hostedTierLoops({ store, folder, topics }, host.clock, tiers, host.log),
    };
  },
};
