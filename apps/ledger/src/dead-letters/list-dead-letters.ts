import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Principal } from '@meterbook/http/auth/principal';
import { pageItems } from '@meterbook/http/request/page-limit';
import { DeadLetterIndex, eventOf } from './dead-letter-index';
import type { ListedDeadLetter } from './dead-letter-queries';
import {
  deadLetterCursor,
  type DeadLetterDto,
  type DeadLetterPageDto,
  type ListDeadLettersQuery,
} from './dead-letter.dto';
import { lettersOf } from './seen-letters';

/** The dead letters that wait, or those that were dismissed, of the platforms that somebody may use. */
export class ListDeadLetters extends Query<DeadLetterPageDto> {
  constructor(
    readonly principal: Principal,
    readonly query: ListDeadLettersQuery,
  ) {
    super();
  }
}

@QueryHandler(ListDeadLetters)
export class ListDeadLettersHandler implements IQueryHandler<ListDeadLetters> {
  constructor(private readonly index: DeadLetterIndex) {}

  async execute({ principal, query }: ListDeadLetters): Promise<DeadLetterPageDto> {
    const { letters, next } = this.index.queries.list({
      ...lettersOf(principal, query),
      dismissed: query.dismissed === 'true',
      after: deadLetterCursor.markOf(query),
      limit: pageItems(query),
    });
    return { items: letters.map((listed) => toDto(listed)), next: deadLetterCursor.write(next) };
  }
}

export function toDto({ letter, dismissal }: ListedDeadLetter, event: unknown = eventOf(letter)): DeadLetterDto {
  const { id, reason, detail, platform, account, acceptedAt } = letter;
  const dto = { id, reason, detail, platform, account, at: acceptedAt, event };
  return dismissal === null ? dto : { ...dto, dismissed: dismissal };
}
