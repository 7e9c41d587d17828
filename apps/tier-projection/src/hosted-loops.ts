import type { Engines } from '@meterbook/runtime/engines';
import type { Clock } from '@meterbook/runtime/clock';
import { storeBacklog, topicBacklog } from '@meterbook/runtime/service-backlog';
import { whileOwning } from '@meterbook/runtime/service-folder';
import type { HostedLoop } from '@meterbook/runtime/service-loops';
import { tierLoops } from './tier-loops';

/** The tier service's loops as a process or a thread hosts them. */
export function hostedTierLoops(
  engines: Pick<Engines, 'store' | 'folder' | 'topics'>,
  clock: Clock,
  directory: string,
): readonly HostedLoop[] {
  const { store, topics } = engines;
  const { promoteTiers, foldRecharges } = tierLoops(store, topics, clock, directory);
  return [
    {
      name: 'promote-tiers',
      group: 'tier-projection',
      run: (signal) => promoteTiers.run(signal),
      backlog: topicBacklog(topics, 'tier-projection', 'ledger.entries'),
    },
    {
      name: 'fold-recharges',
      run: whileOwning(directory, (signal) => foldRecharges.run(signal)),
      backlog: storeBacklog(engines, clock, () => foldRecharges.progress()),
    },
  ];
}
