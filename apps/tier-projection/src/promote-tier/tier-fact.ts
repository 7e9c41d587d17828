import type { AccountSettingsChanged } from '@meterbook/domain/account/standing/events';
import type { WalletRecharged } from '@meterbook/domain/account/wallet/events';
import type { PinFact } from '@meterbook/domain/tier/promote';
import { rechargeFact, type RechargeFact } from '@meterbook/domain/tier/tier';
import { instantMs } from '@meterbook/domain/time/instant';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { folded } from '@meterbook/event-store/damaged-streams';
import type { EventStore } from '@meterbook/event-store/event-store';
import { readRelayedEvent, type RelayedEvent } from '@meterbook/messages/relayed-event';
import type { DeliveredRecord } from '@meterbook/topics/topics';

/** What of an account's stream bears on its tier, with the metadata of what it leads to. */
export type TierFact =
  | { readonly kind: 'recharge'; readonly recharge: RechargeFact; readonly metadata: EventMetadata }
  | { readonly kind: 'pin'; readonly pin: PinFact; readonly metadata: EventMetadata };

/**
 * The fact in a record of `ledger.entries`; undefined for all that does not bear on a tier, which is not even parsed. Throws
 * `UnreadableRelay` or `StreamDamaged` where the record or the event makes no sense.
 */
export async function tierFactOf(record: DeliveredRecord, store: EventStore): Promise<TierFact | undefined> {
  const read = reading[record.headers['type'] ?? ''];
  if (!read) return undefined;
  const event = await readRelayedEvent(record, store);
  return folded(event.stream, () => read(event, causedBy(record, event)));
}

type ReadFact = (event: RelayedEvent, metadata: EventMetadata) => TierFact | undefined;

const reading: Readonly<Record<string, ReadFact | undefined>> = {
  WalletRecharged: ({ revision, data }, metadata) => {
    const event = { type: 'WalletRecharged', ...data } as unknown as WalletRecharged;
    const recharge = rechargeFact(event, revision);
    if (typeof recharge.rechargeId !== 'string' || !Number.isSafeInteger(recharge.totals.count))
      throw new Error(`the recharge at revision ${revision} has no id or no count`);
    if (Number.isNaN(recharge.occurredAt)) throw new Error(`the recharge at revision ${revision} has no time`);
    return { kind: 'recharge', recharge, metadata };
  },
  AccountSettingsChanged: ({ revision, data }, metadata) => {
    const { changed, occurredAt } = data as unknown as AccountSettingsChanged;
    const tier: unknown = changed.tier;
    if (tier === undefined) return undefined;
    if (typeof tier !== 'string' && tier !== null) throw new Error(`the pin at revision ${revision} names no tier`);
    return { kind: 'pin', pin: { tier, settingsRevision: revision, occurredAt: instantMs(occurredAt) }, metadata };
  },
};

function causedBy({ topic, partition, offset }: DeliveredRecord, { metadata }: RelayedEvent): EventMetadata {
  const { traceparent } = metadata;
  return {
    actor: 'tier-projection',
    record: `${topic}/${partition}/${offset}`,
    ...(typeof traceparent === 'string' && { traceparent }),
  };
}
