import { join } from 'node:path';
import { AgeWindow } from '@meterbook/domain/usage/age-window';
import { MAX_EVENT_BYTES } from '@meterbook/books/event-codec';
import type { EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import type { Configuration } from '@meterbook/runtime/configuration';
import type { Log } from '@meterbook/runtime/log';
import type { Topics } from '@meterbook/topics/topics';
import { AccountWriter } from '../engine/account-writer';
import { Accounts, type AccountsLimits } from '../engine/accounts';
import { AccountUsage } from './account-usage';
import { ChargeUsage } from './charge-usage';
import { TopicTime } from './topic-time';
import { FollowTiers } from '../follow-tiers/follow-tiers';
import { RetryPromotions } from '../follow-tiers/retry-promotions';
import { WaitingPromotions } from '../follow-tiers/waiting-promotions';
import { Rulebooks } from '@meterbook/books/rulebooks';

const MIB = 1024 * 1024;

export interface ChargingLimits extends AccountsLimits {
  readonly maxAgeDays: number;
}

/** The limits that the configuration sets for charging. */
export function chargingLimits(configuration: Configuration): ChargingLimits {
  return {
    maxBytes: configuration.ACCOUNT_CACHE_MIB * MIB,
    checkpointEvery: configuration.CHECKPOINT_EVERY,
    maxAgeDays: configuration.USAGE_MAX_AGE_DAYS,
  };
}

/** What charging needs of the process that it runs in. */
export interface ChargingHost {
  readonly clock: Clock;
  readonly log: Log;
  /** Where charging keeps files of its own; nothing outlives the process where it is left out. */
  readonly ledgerFolder?: string;
}

export interface ChargingParts {
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly writer: AccountWriter;
  readonly charge: ChargeUsage;
  readonly time: TopicTime;
  readonly followTiers: FollowTiers;
  readonly retryPromotions: RetryPromotions;
}

/** What charges usage and follows promotions: one writer of accounts under both loops. */
export function chargingParts(
  store: EventStore,
  topics: Topics,
  limits: ChargingLimits,
  host: ChargingHost,
): ChargingParts {
  const accounts = new Accounts(store, limits, host.clock);
  accounts.checkpoints.whenTooLarge((stream, bytes) =>
    host.log.warn(
      { stream, bytes, limitBytes: MAX_EVENT_BYTES },
      'The state of an account is too large for a checkpoint: it is read from its whole stream.',
    ),
  );
  const writer = new AccountWriter(store, accounts, true, host.clock);
  const window = new AgeWindow(limits.maxAgeDays);
  const usage = new AccountUsage(accounts, window, host.clock);
  const rulebooks = new Rulebooks(store);
  const time = new TopicTime(host.clock, host.log);
  const charge = new ChargeUsage(topics, writer, rulebooks, usage, window, accounts.damaged, time, host.log);
  const { ledgerFolder, clock, log } = host;
  const waiting = new WaitingPromotions(
    ledgerFolder === undefined ? null : join(ledgerFolder, 'waiting-promotions.db'),
    log,
  );
  const followTiers = new FollowTiers(store, topics, writer, waiting);
  const retryPromotions = new RetryPromotions(store, followTiers, waiting, clock);
  return { clock, accounts, writer, charge, time, followTiers, retryPromotions };
}
