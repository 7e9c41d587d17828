import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Principal } from '@meterbook/http/auth/principal';
import { Problem } from '@meterbook/http/problem/problem';
import type { DeadLetter } from '@meterbook/messages/dead-letter';
import { DeadLetterIndex, eventOf } from './dead-letter-index';
import {
  deadLetterCursor,
  type DeadLetterDto,
  type DeadLetterPageDto,
  type ListDeadLettersQuery,
} from './dead-letter.dto';

/** The dead letters that wait, of the platforms that somebody may use. */
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
    const { platform, reason } = query;
    if (platform !== undefined && !principal.mayUse(platform))
      throw new Problem('forbidden', 'The token is limited to other platforms.');
    const limit = principal.platforms === null ? null : [...principal.platforms];
    const { letters, next } = this.index.list({
      platforms: platform === undefined ? limit : [platform],
      reason: reason ?? null,
      after: deadLetterCursor.markOf(query),
    });
    return { items: letters.map(toDto), next: deadLetterCursor.write(next) };
  }
}

function toDto(letter: DeadLetter): DeadLetterDto {
  const { id, reason, detail, platform, account, acceptedAt } = letter;
  return { id, reason, detail, platform, account, at: acceptedAt, event: eventOf(letter) };
}
