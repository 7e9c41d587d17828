import { changeTier } from '@meterbook/domain/account/standing/change-tier';
import { instantMs } from '@meterbook/domain/time/instant';
import type { TierPromoted } from '@meterbook/domain/tier/events';
import type { BatchHandler, DeliveredRecord, Topics } from '@meterbook/topics/topics';
import { accountPrefix } from '@meterbook/books/account-stream';
import type { AccountWriter } from '../engine/account-writer';

/** Takes promotions from `tier.changes` into the accounts they are about. Pins came from there in the first place. */
export class FollowTiers {
  constructor(
    private readonly topics: Topics,
    private readonly writer: AccountWriter,
  ) {}

  /** The loop: consumes until aborted. */
  run(signal: AbortSignal): Promise<void> {
    return this.topics.consume('ledger-tiers', ['tier.changes'], this.handle, signal);
  }

  readonly handle: BatchHandler = async ({ records }): Promise<void> => {
    // One after the other: a later promotion of an account must not pass an earlier one.
    for (const record of records) if (record.headers['type'] === 'TierPromoted') await this.follow(record);
  };

  private async follow(record: DeliveredRecord): Promise<void> {
    const { revision, data } = JSON.parse(record.value) as { revision: number; data: Omit<TierPromoted, 'type'> };
    const { from, to } = data;
    const occurredAt = instantMs(data.occurredAt);
    const metadata = { actor: 'tier-projection', record: `${record.topic}/${record.partition}/${record.offset}` };
    await this.writer.command({
      stream: `${accountPrefix}${record.key}`,
      decide: ({ account }) => {
        if (!account)
          return { events: [], metadata, answer: () => fail(`a promotion of ${record.key}, which was never opened`) };
        const decision = changeTier(account, { from, to, tierRevision: revision, occurredAt });
        if (decision.kind === 'refused')
          return { events: [], metadata, answer: () => fail(`a promotion of ${record.key}: ${decision.detail}`) };
        return { events: decision.kind === 'accepted' ? decision.events : [], metadata, answer: () => undefined };
      },
    });
  }
}

function fail(detail: string): never {
  throw new Error(detail);
}
