import { toCarried } from '@meterbook/messages/dead-letter';
import { TOPICS } from '@meterbook/messages/topic-table';
import type { Clock } from '@meterbook/runtime/clock';
import type { Random } from '@meterbook/runtime/random';
import { othersTurn } from '@meterbook/runtime/system-turn';
import { TopicsBusy, type Topics } from '@meterbook/topics/topics';
import type { DeadLetterIndex } from './dead-letter-index';

/** How often it looks for letters that grow old. */
export const LOOK_EVERY_MS = 60_000;
/** Letters that are written again in one round. */
const MAX_LETTERS = 1_000;
/** Of the time that the topic keeps its records: a letter is written again after so much of it. */
const CARRY_AFTER_PART = 0.5;
/** Up to so much more, by chance: of several processes that do the same, one is the first, and the others hear of it. */
const SPREAD_PART = 0.1;
const BYTE_VALUES = 256;

/**
 * Letters that wait outlive the retention of their topic: before their records are gone they are written once more. What was
 * dealt with is not, so that the topic does not grow for ever.
 */
export class CarryDeadLetters {
  private readonly carryAfterMs: number;

  constructor(
    private readonly topics: Topics,
    private readonly index: DeadLetterIndex,
    private readonly clock: Clock,
    /** How long the topic keeps its records at least, milliseconds. */
    private readonly keptMs: number,
    random: Random,
  ) {
    const chance = (random.bytes(1)[0] ?? 0) / BYTE_VALUES;
    this.carryAfterMs = keptMs * (CARRY_AFTER_PART + SPREAD_PART * chance);
  }

  /** The loop: looks until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look(signal);
      await this.clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  private async look(signal: AbortSignal): Promise<void> {
    // An index that is behind does not know what was dealt with.
    const lags = await this.topics.lag(this.index.group, [TOPICS.deadLetters]);
    if (lags.some(({ lag }) => lag > 0)) return;
    const now = this.clock.now();
    while (this.index.forget(now - this.keptMs)) await othersTurn();
    for (const id of this.index.queries.writtenBefore(now - this.carryAfterMs, MAX_LETTERS)) {
      if (signal.aborted) return;
      const found = this.index.find(id);
      try {
        if (found) await this.topics.publish(TOPICS.deadLetters, toCarried(found.letter));
      } catch (error) {
        if (error instanceof TopicsBusy) return;
        throw error;
      }
      await othersTurn();
    }
  }
}
