import type { EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import type { Loop } from '@meterbook/runtime/loop-host';
import type { Topics } from '@meterbook/topics/topics';
import { AccountWriter } from './accounts/account-writer';
import { Accounts, type AccountsLimits } from './accounts/accounts';
import { AccountUsage } from './charge-usage/account-usage';
import { ChargeUsage } from './charge-usage/charge-usage';
import { FollowTiers } from './follow-tiers/follow-tiers';
import { RelayEntries } from './relay-entries/relay-entries';
import { Rulebooks } from './rulebooks/rulebooks';

export interface ChargingParts {
  readonly accounts: Accounts;
  readonly writer: AccountWriter;
  readonly charge: ChargeUsage;
  readonly followTiers: FollowTiers;
}

/** What charges usage and follows promotions: one writer of accounts under both loops. */
export function chargingParts(
  store: EventStore,
  topics: Topics,
  limits: AccountsLimits & { readonly maxAgeDays: number },
): ChargingParts {
  const accounts = new Accounts(store, limits);
  const writer = new AccountWriter(store, accounts, true);
  const usage = new AccountUsage(accounts, limits.maxAgeDays);
  const charge = new ChargeUsage(topics, writer, new Rulebooks(store), usage, limits.maxAgeDays);
  return { accounts, writer, charge, followTiers: new FollowTiers(topics, writer) };
}

/** The relay and its loop. */
export function relayLoop(
  store: EventStore,
  topics: Topics,
  clock: Clock,
): { readonly relay: RelayEntries; readonly loop: Loop } {
  const relay = new RelayEntries(store, topics, clock);
  return { relay, loop: (signal) => relay.run(signal) };
}
