import { parentPort, workerData } from 'node:worker_threads';
import { Registry } from 'prom-client';
import { financeLoops } from '@meterbook/finance/finance-loops';
import { relayLoop } from '@meterbook/ledger/ledger-loops';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { tierLoops } from '@meterbook/tier-projection/tier-loops';
import { eventsAfter, folders, lagOf, openEngines } from '../engines';
import { hostLoops } from '../threads/hosted-loops';
import type { ThreadStart } from '../threads/thread-messages';

const { configuration } = workerData as ThreadStart;
if (!parentPort) throw new Error('The projecting thread is started by the standalone, not by hand.');

const clock = new SystemClock();
const log = createLog(configuration.LOG_LEVEL);
const { store, topics, close } = openEngines(configuration, clock, log);
const { tiers, finance } = folders(configuration);
const { relay, loop: relayEntries } = relayLoop(store, topics, clock);
const { promoteTiers, foldRecharges } = tierLoops(store, topics, clock, tiers);
const { projections } = financeLoops(store, clock, finance);

void hostLoops(
  {
    registry: new Registry(),
    close,
    loops: [
      { name: 'relay-entries', run: relayEntries, behind: () => eventsAfter(store, relay.progress().position) },
      {
        name: 'promote-tiers',
        run: (signal) => promoteTiers.run(signal),
        behind: () => lagOf(topics, 'tier-projection', 'ledger.entries'),
      },
      {
        name: 'fold-recharges',
        run: (signal) => foldRecharges.run(signal),
        behind: () => eventsAfter(store, foldRecharges.progress()),
      },
      {
        name: 'projections',
        run: (signal) => projections.run(signal),
        behind: () => eventsAfter(store, projections.progress()?.position ?? 'start'),
      },
    ],
  },
  clock,
  log,
  parentPort,
);
