import { TopicsBusy, type Topics } from '@meterbook/topics/topics';
import { toRedriven } from '@meterbook/messages/dead-letter';
import type { Clock } from '@meterbook/runtime/clock';
import type { DeadLetterIndex } from './dead-letter-index';
import type { WaitingAccount } from './dead-letter-queries';
import { TOPICS } from '@meterbook/messages/topic-table';

/** How often it looks which accounts wait. */
const LOOK_EVERY_MS = 1_000;
/** Pauses of an account before its next attempt; each doubles the one before, until one succeeds. */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 300_000;
/** Letters of an account that are offered at once, when the first of them was charged. */
const MAX_OFFERED = 100;
/** Accounts that are looked at in one round. */
const MAX_ACCOUNTS = 1_000;

interface Attempt {
  /** The letter that was offered to see whether the stream is whole. */
  readonly probe: string;
  readonly pauseMs: number;
  readonly againAt: number;
}

/**
 * Usage of an account whose stream could not be read comes back by itself, at any age: now and then the oldest of its dead letters
 * is offered once more, and when that one is dealt with, the others follow. Several processes may do the same: a usage is charged once.
 */
export class RedriveDamaged {
  private readonly attempts = new Map<string, Attempt>();

  constructor(
    private readonly topics: Topics,
    private readonly index: DeadLetterIndex,
    private readonly clock: Clock,
  ) {}

  /** The loop: looks until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look(signal);
      await this.clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  private async look(signal: AbortSignal): Promise<void> {
    const waiting = this.index.queries.accountsWaiting('stream_damaged', MAX_ACCOUNTS);
    const names = new Set(waiting.map(nameOf));
    for (const name of this.attempts.keys()) if (!names.has(name)) this.attempts.delete(name);
    for (const account of waiting) if (!signal.aborted) await this.attempt(account);
  }

  private async attempt(account: WaitingAccount): Promise<void> {
    const name = nameOf(account);
    const before = this.attempts.get(name);
    if (before && this.clock.now() < before.againAt) return;
    const isWhole = before !== undefined && this.index.find(before.probe)?.letter.reason !== 'stream_damaged';
    const ids = this.index.queries.idsOf(account, 'stream_damaged', isWhole ? MAX_OFFERED : 1);
    const [probe] = ids;
    if (probe === undefined || !(await this.offer(ids))) return;
    const pauseMs = isWhole || !before ? FIRST_PAUSE_MS : Math.min(before.pauseMs * 2, LONGEST_PAUSE_MS);
    this.attempts.set(name, { probe, pauseMs, againAt: this.clock.now() + pauseMs });
  }

  /** False where the topic has no room just now. */
  private async offer(ids: readonly string[]): Promise<boolean> {
    const letters = ids.flatMap((id) => this.index.find(id)?.letter ?? []);
    const now = this.clock.now();
    try {
      for (const letter of letters) await this.topics.publish(TOPICS.usage, [toRedriven(letter, now)]);
      return true;
    } catch (error) {
      if (error instanceof TopicsBusy) return false;
      throw error;
    }
  }
}

function nameOf({ platform, account }: WaitingAccount): string {
  return `${platform}/${account}`;
}
