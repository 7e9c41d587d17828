import type { EventStore } from '@meterbook/event-store/event-store';
import { decodeAccountEvent } from '@meterbook/books/account-event';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Beside, ReversedCharge } from './beside';
import type { ReadBatch } from './event-reader';
import { KnownFacts, type PlatformFacts } from './platform-facts';
import type { BookedEvent } from './projection';

/** Charges of reversals that are read from the store at a time. */
const READS_AT_A_TIME = 16;

/** What of a store is looked into. */
export type StoreToLookInto = Pick<EventStore, 'read' | 'head'>;

/** Looks up beside events what projections need to know of them. Most events need nothing, and cost nothing. */
export class BesideEvents {
  private readonly facts: KnownFacts;

  constructor(private readonly store: StoreToLookInto) {
    this.facts = new KnownFacts(store);
  }

  /** The same batch, in which each event has beside it what it needs. */
  async completed<Batch extends Pick<ReadBatch, 'events'>>(batch: Batch): Promise<Batch> {
    const lacking = [...batch.events.keys()].filter((at) => needs(batch.events[at]));
    if (lacking.length === 0) return batch;
    const events = [...batch.events];
    for (let first = 0; first < lacking.length; first += READS_AT_A_TIME) {
      const some = lacking.slice(first, first + READS_AT_A_TIME);
      await Promise.all(
        some.map(async (at) => {
          const event = events[at];
          if (event) events[at] = { ...event, beside: await this.of(event) };
        }),
      );
    }
    return { ...batch, events };
  }

  private async of({ stream, platform, event }: BookedEvent): Promise<Beside> {
    if (event.type !== 'UsageReversed') return { facts: await this.factsOf(platform) };
    const reversed = await this.chargeAt(stream, event.charge);
    return { reversed, facts: reversed?.charge.labels && (await this.factsOf(platform)) };
  }

  /** A rulebook that cannot be read is the damage of whoever needs it, and no reason to stop. */
  private factsOf(platform: string): Promise<PlatformFacts | undefined> {
    return this.facts.of(platform).catch(undefinedWhereDamaged);
  }

  private async chargeAt(
    stream: string,
    { revision, index }: { readonly revision: number; readonly index: number },
  ): Promise<ReversedCharge | undefined> {
    try {
      for await (const stored of this.store.read(stream, revision, 'backward')) {
        const event = stored.revision === revision ? decodeAccountEvent(stored) : undefined;
        const charge = event?.type === 'UsageCharged' ? event.charges[index] : undefined;
        return charge && { charge, bookedAt: stored.bookedAt };
      }
      return undefined;
    } catch (error) {
      undefinedWhereDamaged(error);
      return undefined;
    }
  }
}

function needs(booked: BookedEvent | undefined): boolean {
  if (booked?.event.type === 'UsageReversed') return true;
  return booked?.event.type === 'UsageCharged' && booked.event.charges.some(({ labels }) => labels !== undefined);
}

function undefinedWhereDamaged(error: unknown): undefined {
  if (error instanceof StreamDamaged || error instanceof SyntaxError) return undefined;
  throw error;
}
