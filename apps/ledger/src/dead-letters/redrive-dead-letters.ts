import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { AgeWindow } from '@meterbook/domain/usage/age-window';
import type { Principal } from '@meterbook/http/auth/principal';
import { toRedriven } from '@meterbook/messages/dead-letter';
import { TOPICS } from '@meterbook/messages/topic-table';
import { Clock } from '@meterbook/runtime/clock';
import { othersTurn } from '@meterbook/runtime/system-turn';
import { RecordTooLarge, Topics, TopicsBusy, type TopicRecord } from '@meterbook/topics/topics';
import { DeadLetterIndex } from './dead-letter-index';
import type { DeadLetterFilter, DeadLetterMark } from './dead-letter-queries';
import { deadLetterCursor, type RedriveLettersBody, type RedrivenLettersDto } from './dead-letter.dto';
import { canBeMended, isTooOld, topicProblem } from './offering';
import { lettersOf } from './seen-letters';

/** Letters that one request looks at: what becomes of them comes back to this thread all at once. */
export const MAX_LETTERS_OF_REQUEST = 100;
/** Letters that are published at once, and the UTF-16 units of their events; at least one, however large it is. */
const MAX_PUBLISHED = 25;
const MAX_PUBLISHED_UNITS = 64 * 1024;

/** All the letters that a filter means are offered once more, the oldest first, a part of them with each request. */
export class RedriveDeadLetters extends Command<RedrivenLettersDto> {
  constructor(
    readonly principal: Principal,
    readonly body: RedriveLettersBody,
  ) {
    super();
  }
}

@CommandHandler(RedriveDeadLetters)
export class RedriveDeadLettersHandler implements ICommandHandler<RedriveDeadLetters> {
  constructor(
    private readonly index: DeadLetterIndex,
    private readonly topics: Topics,
    private readonly clock: Clock,
    private readonly window: AgeWindow,
  ) {}

  async execute({ principal, body }: RedriveDeadLetters): Promise<RedrivenLettersDto> {
    const filter = lettersOf(principal, body);
    const start = deadLetterCursor.markOf(body);
    const waiting = this.index.queries.count(filter);
    const marks = this.index.queries.oldest(filter, start, MAX_LETTERS_OF_REQUEST + 1);
    const step = marks.slice(0, MAX_LETTERS_OF_REQUEST);
    const done = { offered: 0, passedOver: 0 };
    let last = start;
    for (let at = 0; at < step.length;) {
      const some = this.next(step, at, filter);
      try {
        const offered = await this.offer(some.records);
        done.offered += offered;
        done.passedOver += some.marks - offered;
      } catch (error) {
        // What was offered so far stays offered: the next request goes on behind it.
        if (error instanceof TopicsBusy && at > 0) return this.answer(done, waiting, last);
        throw topicProblem(error);
      }
      at += some.marks;
      last = step[at - 1] ?? last;
      await othersTurn();
    }
    return this.answer(done, waiting, marks.length > step.length ? last : null);
  }

  private answer(
    done: { readonly offered: number; readonly passedOver: number },
    waiting: number,
    next: DeadLetterMark | null,
  ): RedrivenLettersDto {
    return { ...done, waiting, next: deadLetterCursor.write(next) };
  }

  /** The records of the letters that come next, and how many letters were looked at for them. */
  private next(
    step: readonly DeadLetterMark[],
    from: number,
    { reason }: DeadLetterFilter,
  ): { readonly marks: number; readonly records: readonly TopicRecord[] } {
    const now = this.clock.now();
    const records: TopicRecord[] = [];
    let units = 0;
    let at = from;
    for (; at < step.length && at - from < MAX_PUBLISHED && units < MAX_PUBLISHED_UNITS; at += 1) {
      const found = this.index.find(step[at]?.id ?? '');
      if (!found) continue;
      units += found.letter.event.length;
      // Whoever asks for what cannot be mended gets it offered all the same.
      if ((reason === null && !canBeMended(found.letter.reason)) || isTooOld(found, this.window, now)) continue;
      records.push(toRedriven(found.letter, now));
    }
    return { marks: at - from, records };
  }

  /** Publishes what a topic takes at all; returns how many. */
  private async offer(records: readonly TopicRecord[]): Promise<number> {
    const taken = [...records];
    while (taken.length > 0) {
      try {
        await this.topics.publish(TOPICS.usage, taken);
        break;
      } catch (error) {
        if (!(error instanceof RecordTooLarge)) throw error;
        taken.splice(error.index, 1);
      }
    }
    return taken.length;
  }
}
