import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';
import type { StoreEngine } from '@meterbook/host/engines/opened';
import { storeBacklog } from '@meterbook/host/loops/backlog';
import { whileOwning } from '@meterbook/host/loops/while-owning';
import type { HostedLoop } from '@meterbook/host/loops/hosted-loops';
import { LOOPS } from '@meterbook/host/loops/loop-table';
import { financeLoops } from './finance-loops';

/** Finance's loops as a process or a thread hosts them. */
export function hostedFinanceLoops(
  engine: Pick<StoreEngine, 'store' | 'folder'>,
  clock: Clock,
  directory: string,
  log: Log,
): readonly HostedLoop[] {
  const { projections } = financeLoops(engine.store, clock, directory, log);
  return [
    {
      ...LOOPS.projections,
      run: whileOwning(directory, (signal) => projections.run(signal)),
      damaged: projections.damaged,
      backlog: storeBacklog(engine, clock, () => projections.progress()?.position ?? 'start'),
    },
  ];
}
