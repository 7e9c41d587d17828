import type { Clock } from '@meterbook/runtime/clock';
import type { Engines } from '@meterbook/host/engines';
import type { Loop } from '@meterbook/host/loop-host';
import { storeBacklog, topicBacklog } from '@meterbook/host/service-backlog';
import type { HostedLoop } from '@meterbook/host/service-loops';
import type { Topics } from '@meterbook/topics/topics';
import type { DeadLetterIndex } from './dead-letters/dead-letter-index';
import type { IndexDeadLetters } from './dead-letters/index-dead-letters';
import type { ChargingParts } from './charging/charging-parts';
import { RelayEntries } from './relay/relay-entries';
import { relayGroup, whileLeading } from './relay/while-leading';

/** What charges usage and follows promotions, as a process or a thread hosts it. */
export function hostedChargingLoops(topics: Topics, { charge, followTiers }: ChargingParts): readonly HostedLoop[] {
  return [
    {
      name: 'charge-usage',
      group: 'ledger',
      run: (signal) => charge.run(signal),
      backlog: topicBacklog(topics, 'ledger', 'usage.recorded'),
    },
    {
      name: 'follow-tiers',
      group: 'ledger-tiers',
      damaged: followTiers.damaged,
      run: (signal) => followTiers.run(signal),
      backlog: topicBacklog(topics, 'ledger-tiers', 'tier.changes'),
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
    name: 'relay-entries',
    group: relayGroup,
    damaged: relay.damaged,
    run: (signal) => whileLeading(topics, relayAsLeader, signal),
    backlog: storeBacklog(engines, clock, () => (leads ? relay.progress().position : null)),
  };
}

/** The index of dead letters, which each process that answers for them keeps for itself. */
export function hostedDeadLettersLoop(topics: Topics, index: IndexDeadLetters, { group }: DeadLetterIndex): HostedLoop {
  return {
    name: 'index-dead-letters',
    group,
    run: (signal) => index.run(signal),
    backlog: topicBacklog(topics, group, 'usage.dead-letters'),
  };
}
