import { changeTier, type TierChange } from '@meterbook/domain/account/standing/change-tier';
import { instantMs } from '@meterbook/domain/time/instant';
import { accountNamed, accountStream, type AccountName } from '@meterbook/books/account-stream';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { tierPrefix } from '@meterbook/books/stream-kinds';
import { DamagedStreams } from '@meterbook/event-store/damaged-streams';
import type { EventStore } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import { readRelayedEvent, UnreadableRelay, type RelayedEvent } from '@meterbook/messages/relayed-event';
import type { BatchHandler, DeliveredRecord, Topics } from '@meterbook/topics/topics';
import type { AccountWriter } from '../engine/account-writer';
import { sideBySide } from '../engine/side-by-side';
import type { WaitingPromotions } from './waiting-promotions';
import { GROUPS, TOPICS } from '@meterbook/messages/topic-table';

/** Accounts of a batch that take their promotions at a time: each of them waits for a round of the writer, which many share. */
const ACCOUNTS_AT_A_TIME = 64;

/** A promotion that no account will ever take: there is no such account, or the event makes no sense. */
class NotBooked extends StreamDamaged {}

/**
 * Takes promotions from `tier.changes` into the accounts they are about. Pins came from there in the first place. One that no
 * account can take (it was never opened, its stream is damaged, the event makes no sense) is told of and passed over: it stands in
 * its `tier-` stream. Where a stream may be mended, the account waits for it (`RetryPromotions`). What fails because something is
 * down is delivered again.
 */
export class FollowTiers {
  /** Streams whose promotions were passed over. */
  readonly damaged = new DamagedStreams();

  constructor(
    private readonly store: EventStore,
    private readonly topics: Topics,
    private readonly writer: AccountWriter,
    private readonly waiting: WaitingPromotions,
  ) {}

  /** The loop: consumes until aborted. */
  run(signal: AbortSignal): Promise<void> {
    return this.topics.consume(GROUPS.followingTiers, [TOPICS.tierChanges], this.handle, signal);
  }

  readonly handle: BatchHandler = async ({ records }): Promise<void> => {
    const ofAccounts = new Map<string, DeliveredRecord[]>();
    for (const record of records) {
      const known = ofAccounts.get(record.key);
      if (known) known.push(record);
      else ofAccounts.set(record.key, [record]);
    }
    await sideBySide([...ofAccounts.values()], ACCOUNTS_AT_A_TIME, (ofOne) => this.followAll(ofOne));
  };

  /** Offers a promotion to its account. Throws `StreamDamaged` where it cannot take it. */
  async take(
    name: AccountName,
    event: Pick<RelayedEvent, 'stream' | 'revision' | 'data'>,
    metadata: EventMetadata,
  ): Promise<void> {
    const change = changeIn(event);
    const passedOver = (why: string): never => {
      throw new NotBooked(event.stream, `its promotion at revision ${event.revision} was not booked: ${why}`);
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

  /** Whether asking again would be in vain. */
  isHopeless(error: StreamDamaged | UnreadableRelay): boolean {
    return error instanceof NotBooked;
  }

  /** An account has taken every promotion that it had missed. */
  mended({ platform, account }: AccountName): void {
    this.damaged.mended(accountStream({ platform, account }));
    this.damaged.mended(`${tierPrefix}${platform}/${account}`);
  }

  /** One after the other: a later promotion of an account must not pass an earlier one. */
  private async followAll(ofOne: readonly DeliveredRecord[]): Promise<void> {
    for (const record of ofOne) {
      const account = accountNamed(record.key);
      if (record.headers['type'] !== 'TierPromoted' || !account) continue;
      try {
        await this.follow(account, record);
      } catch (error) {
        if (!(error instanceof StreamDamaged) && !(error instanceof UnreadableRelay)) throw error;
        this.damaged.note(error.stream, error);
        if (!this.isHopeless(error)) this.waiting.add(record.key);
      }
    }
  }

  private async follow(name: AccountName, record: DeliveredRecord): Promise<void> {
    const event = await readRelayedEvent(record, this.store);
    const place = `${record.topic}/${record.partition}/${record.offset}`;
    await this.take(name, event, { actor: 'tier-projection', record: place });
  }
}

function changeIn({ stream, revision, data }: Pick<RelayedEvent, 'stream' | 'revision' | 'data'>): TierChange {
  const { from, to, earned, occurredAt } = data;
  if (typeof from !== 'string' || typeof to !== 'string' || typeof occurredAt !== 'string')
    throw new NotBooked(stream, `the promotion at revision ${revision} names no tier or no time`);
  if (earned !== undefined && !isListOfTexts(earned))
    throw new NotBooked(stream, `the promotion at revision ${revision} names what was earned by no list`);
  const at = instantMs(occurredAt);
  if (Number.isNaN(at)) throw new NotBooked(stream, `the promotion at revision ${revision} has a time that is none`);
  return { from, to, earned, tierRevision: revision, occurredAt: at };
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
