import type { INestApplicationContext } from '@nestjs/common';
import type { Clock } from '@meterbook/runtime/clock';
import type { Engines } from '@meterbook/host/engines/engines';
import type { Loop } from '@meterbook/host/loops/loop-host';
import { storeBacklog, topicBacklog } from '@meterbook/host/loops/backlog';
import type { HostedLoop } from '@meterbook/host/loops/hosted-loops';
import { LOOPS } from '@meterbook/host/loops/loop-table';
import { LEADS, whileLeading } from '@meterbook/host/loops/while-leading';
import { standingBy } from '@meterbook/host/loops/while-owning';
import type { Log } from '@meterbook/runtime/log';
import type { Topics } from '@meterbook/topics/topics';
import { CarryDeadLetters } from './dead-letters/carry-dead-letters';
import { DeadLetterIndex } from './dead-letters/dead-letter-index';
import { IndexDeadLetters } from './dead-letters/index-dead-letters';
import { RedriveDamaged } from './dead-letters/redrive-damaged';
import type { ChargingParts } from './charging/charging-parts';
import { IndexKeys } from './profile/index-keys';
import { keyIndexFolder } from './profile/key-index-file';
import { RelayEntries } from './relay/relay-entries';
import { GROUPS } from '@meterbook/messages/topic-table';

/** What charges usage and follows promotions, as a process or a thread hosts it. */
export function hostedChargingLoops(
  topics: Topics,
  { charge, followTiers, retryPromotions, accounts }: ChargingParts,
): readonly HostedLoop[] {
  return [
    {
      ...LOOPS.chargeUsage,
      group: GROUPS.charging,
      damaged: accounts.damaged.streams,
      run: (signal) => charge.run(signal),
      backlog: topicBacklog(topics, GROUPS.charging, LOOPS.chargeUsage.reads),
    },
    {
      ...LOOPS.followTiers,
      group: GROUPS.followingTiers,
      damaged: followTiers.damaged,
      run: (signal) => together([followTiers, retryPromotions], signal),
      backlog: topicBacklog(topics, GROUPS.followingTiers, LOOPS.followTiers.reads),
    },
  ];
}

/** The relay: of all processes and threads that host it, one relays at a time, and only that one says how far behind it is. */
export function hostedRelayLoop(engines: Pick<Engines, 'store' | 'folder' | 'topics'>, clock: Clock): HostedLoop {
  const { store, topics } = engines;
  const relay = new RelayEntries(store, topics, clock);
  let leads = false;
  const relayAsLeader: Loop = async (owning) => {
    leads = true;
    try {
      await relay.run(owning);
    } finally {
      leads = false;
    }
  };
  return {
    ...LOOPS.relayEntries,
    group: GROUPS.relaying,
    damaged: relay.damaged,
    run: (signal) => whileLeading(topics, LEADS.relay, relayAsLeader, signal),
    backlog: storeBacklog(engines, clock, () => (leads ? relay.progress().position : null)),
  };
}

/** The index of API keys: of all processes and threads that share a folder one keeps it, and every one of them finds keys in it. */
export function hostedKeysLoop(
  engines: Pick<Engines, 'store' | 'folder'>,
  clock: Clock,
  ledgerFolder: string,
  log: Log,
): HostedLoop {
  const indexing = new IndexKeys(engines.store, clock, ledgerFolder, log);
  return {
    ...LOOPS.indexKeys,
    damaged: indexing.damaged,
    run: standingBy(keyIndexFolder(ledgerFolder), (signal) => indexing.run(signal), clock),
    backlog: storeBacklog(engines, clock, () => indexing.progress()),
  };
}

/** The index of dead letters, which each process that answers for them keeps for itself, what offers some of them again, and what keeps them from growing old. */
export function hostedDeadLettersLoop(topics: Topics, app: INestApplicationContext): HostedLoop {
  const indexing = app.get(IndexDeadLetters, { strict: false });
  const redriving = app.get(RedriveDamaged, { strict: false });
  const carrying = app.get(CarryDeadLetters, { strict: false });
  const index = app.get(DeadLetterIndex, { strict: false });
  return {
    ...LOOPS.indexDeadLetters,
    get group() {
      return index.group;
    },
    run: (signal) => together([indexing, redriving, carrying], signal),
    backlog: topicBacklog(topics, () => index.group, LOOPS.indexDeadLetters.reads),
  };
}

/** Runs loops as one: where one of them ends, the others do. */
async function together(loops: readonly { readonly run: Loop }[], signal: AbortSignal): Promise<void> {
  const ending = new AbortController();
  const either = AbortSignal.any([signal, ending.signal]);
  await Promise.all(loops.map((loop) => loop.run(either).finally(() => ending.abort())));
}
