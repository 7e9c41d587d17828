import type { AccountSettingsChanged, WalletRecharged } from '@meterbook/domain/account/events';
import type { PinFact } from '@meterbook/domain/tier/promote';
import { rechargeFact, type RechargeFact } from '@meterbook/domain/tier/tier';
import { instantMs } from '@meterbook/domain/time/instant';
import type { EventMetadata } from '@meterbook/books/event-codec';
import type { DeliveredRecord } from '@meterbook/topics/topics';

/** What of an account's stream bears on its tier, with the metadata of what it leads to. */
export type TierFact =
  | { readonly kind: 'recharge'; readonly recharge: RechargeFact; readonly metadata: EventMetadata }
  | { readonly kind: 'pin'; readonly pin: PinFact; readonly metadata: EventMetadata };

interface Entry<Event> {
  readonly revision: number;
  readonly data: Omit<Event, 'type'>;
  readonly metadata: EventMetadata;
}

/** The fact in a record of `ledger.entries`; undefined for all that does not bear on a tier, which is not even parsed. */
export function tierFactOf(record: DeliveredRecord): TierFact | undefined {
  const type = record.headers['type'];
  if (type === 'WalletRecharged') return rechargeIn(record);
  if (type === 'AccountSettingsChanged') return pinIn(record);
  return undefined;
}

function rechargeIn(record: DeliveredRecord): TierFact {
  const { revision, data, metadata } = JSON.parse(record.value) as Entry<WalletRecharged>;
  const recharge = rechargeFact({ type: 'WalletRecharged', ...data }, revision);
  return { kind: 'recharge', recharge, metadata: causedBy(record, metadata) };
}

function pinIn(record: DeliveredRecord): TierFact | undefined {
  const { revision, data, metadata } = JSON.parse(record.value) as Entry<AccountSettingsChanged>;
  const { tier } = data.changed;
  if (tier === undefined) return undefined;
  const pin = { tier, settingsRevision: revision, occurredAt: instantMs(data.occurredAt) };
  return { kind: 'pin', pin, metadata: causedBy(record, metadata) };
}

function causedBy(record: DeliveredRecord, { traceparent }: EventMetadata): EventMetadata {
  const { topic, partition, offset } = record;
  return {
    actor: 'tier-projection',
    record: `${topic}/${partition}/${offset}`,
    ...(traceparent !== undefined && { traceparent }),
  };
}
