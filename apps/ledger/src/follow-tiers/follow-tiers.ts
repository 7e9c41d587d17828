import { changeTier, type TierChange } from '@meterbook/domain/account/standing/change-tier';
import { instantMs } from '@meterbook/domain/time/instant';
import { accountNamed, accountStream, type AccountName } from '@meterbook/books/account-stream';
import { DamagedStreams, folded } from '@meterbook/event-store/damaged-streams';
import type { EventStore } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import { readRelayedEvent, UnreadableRelay, type RelayedEvent } from '@meterbook/messages/relayed-event';
import type { BatchHandler, DeliveredRecord, Topics } from '@meterbook/topics/topics';
import type { AccountWriter } from '../engine/account-writer';
import { GROUPS, TOPICS } from '@meterbook/messages/topic-table';

/**
 * Takes promotions from `tier.changes` into the accounts they are about. Pins came from there in the first place. One that no
 * account can take (it was never opened, its stream is damaged, the event makes no sense) is told of and passed over: it stands in
 * its `tier-` stream. What fails because something is down is delivered again.
 */
export class FollowTiers {
  /** Streams whose promotions were passed over. */
  readonly damaged = new DamagedStreams();

  constructor(
    private readonly store: EventStore,
    private readonly topics: Topics,
    private readonly writer: AccountWriter,
  ) {}

  /** The loop: consumes until aborted. */
  run(signal: AbortSignal): Promise<void> {
    return this.topics.consume(GROUPS.followingTiers, [TOPICS.tierChanges], this.handle, signal);
  }

  readonly handle: BatchHandler = async ({ records }): Promise<void> => {
    // One after the other: a later promotion of an account must not pass an earlier one.
    for (const record of records) {
      const account = accountNamed(record.key);
      if (record.headers['type'] !== 'TierPromoted' || !account) continue;
      try {
        await this.follow(account, record);
      } catch (error) {
        if (!(error instanceof StreamDamaged) && !(error instanceof UnreadableRelay)) throw error;
        this.damaged.note(error.stream, error);
      }
    }
  };

  private async follow(name: AccountName, record: DeliveredRecord): Promise<void> {
    const event = await readRelayedEvent(record, this.store);
    const change = folded(event.stream, () => changeIn(event));
    const metadata = { actor: 'tier-projection', record: `${record.topic}/${record.partition}/${record.offset}` };
    const passedOver = (why: string): never => {
      throw new StreamDamaged(event.stream, `its promotion at revision ${event.revision} was not booked: ${why}`);
    };
    await this.writer.command({
      stream: accountStream(name),
      decide: ({ account }) => {
        if (!account) return { events: [], metadata, answer: () => passedOver('the account was never opened') };
        const decision = changeTier(account, change);
        if (decision.kind === 'refused') return { events: [], metadata, answer: () => passedOver(decision.detail) };
        return { events: decision.kind === 'accepted' ? decision.events : [], metadata, answer: () => undefined };
      },
    });
  }
}

function changeIn({ revision, data }: RelayedEvent): TierChange {
  const { from, to, occurredAt } = data;
  if (typeof from !== 'string' || typeof to !== 'string' || typeof occurredAt !== 'string')
    throw new Error(`the promotion at revision ${revision} names no tier or no time`);
  const at = instantMs(occurredAt);
  if (Number.isNaN(at)) throw new Error(`the promotion at revision ${revision} has a time that is none`);
  return { from, to, tierRevision: revision, occurredAt: at };
}
