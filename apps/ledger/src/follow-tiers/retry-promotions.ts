import { accountNamed, type AccountName } from '@meterbook/books/account-stream';
import { tierPrefix } from '@meterbook/books/stream-kinds';
import { folded } from '@meterbook/event-store/damaged-streams';
import type { EventStore } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Clock } from '@meterbook/runtime/clock';
import type { FollowTiers } from './follow-tiers';
import type { WaitingPromotions } from './waiting-promotions';

/** How often it looks which accounts wait. */
const LOOK_EVERY_MS = 1_000;
/** Pauses of an account before its next attempt; each doubles the one before. */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 300_000;

interface Attempt {
  readonly pauseMs: number;
  readonly againAt: number;
}

/**
 * Promotions that a damaged account could not take come back by themselves: now and then its `tier-` stream is read again, and all
 * that stands there is offered to it. What it has heard before changes nothing, so several processes may do the same.
 */
export class RetryPromotions {
  private readonly attempts = new Map<string, Attempt>();

  constructor(
    private readonly store: EventStore,
    private readonly followTiers: FollowTiers,
    private readonly waiting: WaitingPromotions,
    private readonly clock: Clock,
  ) {}

  /** The loop: looks until aborted. Rejects where the store is away. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look(signal);
      await this.clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  private async look(signal: AbortSignal): Promise<void> {
    for (const key of this.waiting.list()) {
      const before = this.attempts.get(key);
      if (signal.aborted || (before && this.clock.now() < before.againAt)) continue;
      const name = accountNamed(key);
      if (!name || (await this.hasTaken(name, key))) {
        this.waiting.remove(key);
        this.attempts.delete(key);
      } else {
        const pauseMs = before ? Math.min(before.pauseMs * 2, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
        this.attempts.set(key, { pauseMs, againAt: this.clock.now() + pauseMs });
      }
    }
  }

  /** Whether the account has every promotion of its `tier-` stream. */
  private async hasTaken(name: AccountName, key: string): Promise<boolean> {
    const stream = `${tierPrefix}${key}`;
    try {
      for await (const { type, revision, data } of this.store.read(stream, 'start', 'forward'))
        if (type === 'TierPromoted') {
          const parsed = folded(stream, () => JSON.parse(data) as Readonly<Record<string, unknown>>);
          await this.followTiers.take(name, { stream, revision, data: parsed }, { actor: 'tier-projection' });
        }
    } catch (error) {
      if (!(error instanceof StreamDamaged)) throw error;
      return this.followTiers.isHopeless(error);
    }
    this.followTiers.mended(name);
    return true;
  }
}
