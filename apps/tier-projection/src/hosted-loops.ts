import type { Engines } from '@meterbook/host/engines/engines';
import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';
import { storeBacklog, topicBacklog } from '@meterbook/host/loops/backlog';
import { whileOwning } from '@meterbook/host/loops/while-owning';
import type { HostedLoop } from '@meterbook/host/loops/hosted-loops';
import { LOOPS } from '@meterbook/host/loops/loop-table';
import { tierLoops } from './tier-loops';
import { GROUPS } from '@meterbook/messages/topic-table';

/** The tier service's loops as a process or a thread hosts them. */
export function hostedTierLoops(
  engines: Pick<Engines, 'store' | 'folder' | 'topics'>,
  clock: Clock,
  directory: string,
  log: Log,
): readonly HostedLoop[] {
  const { store, topics } = engines;
  const { promoteTiers, foldRecharges } = tierLoops(store, topics, clock, directory, log);
  return [
    {
      ...LOOPS.promoteTiers,
      group: GROUPS.promoting,
      damaged: promoteTiers.damaged,
      run: (signal) => promoteTiers.run(signal),
      backlog: topicBacklog(topics, GROUPS.promoting, LOOPS.promoteTiers.reads),
    },
    {
      ...LOOPS.foldRecharges,
      damaged: foldRecharges.damaged,
      run: whileOwning(directory, (signal) => foldRecharges.run(signal)),
      backlog: storeBacklog(engines, clock, () => foldRecharges.progress()),
    },
  ];
}
