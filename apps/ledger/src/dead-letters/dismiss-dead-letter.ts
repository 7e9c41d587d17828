import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { formatInstant } from '@meterbook/domain/time/instant';
import type { Principal } from '@meterbook/http/auth/principal';
import { toDismissal, type DeadLetterDismissed } from '@meterbook/messages/dead-letter';
import { TOPICS } from '@meterbook/messages/topic-table';
import { Clock } from '@meterbook/runtime/clock';
import { Topics } from '@meterbook/topics/topics';
import { DeadLetterIndex } from './dead-letter-index';
import type { DismissedDto } from './dead-letter.dto';
import { topicProblem } from './offering';
import { maySee, unknownLetter } from './seen-letters';

/** Somebody decides that the usage of a dead letter is not to be charged. The first word on a letter stands. */
export class DismissDeadLetter extends Command<DismissedDto> {
  constructor(
    readonly principal: Principal,
    readonly id: string,
    readonly reason: string,
  ) {
    super();
  }
}

@CommandHandler(DismissDeadLetter)
export class DismissDeadLetterHandler implements ICommandHandler<DismissDeadLetter> {
  constructor(
    private readonly index: DeadLetterIndex,
    private readonly topics: Topics,
    private readonly clock: Clock,
  ) {}

  async execute({ principal, id, reason }: DismissDeadLetter): Promise<DismissedDto> {
    const found = this.index.find(id);
    if (!found || !maySee(principal, found.letter.platform)) throw unknownLetter(id);
    if (found.dismissal) return { id, dismissed: found.dismissal };
    const now = this.clock.now();
    const word: DeadLetterDismissed = { kind: 'dismissed', id, reason, by: principal.name, at: formatInstant(now) };
    try {
      await this.topics.publish(TOPICS.deadLetters, [toDismissal(found.letter, word)]);
    } catch (error) {
      throw topicProblem(error);
    }
    this.index.hear(word, now);
    const dismissed = this.index.find(id)?.dismissal ?? { reason, by: word.by, at: word.at };
    return { id, dismissed };
  }
}
