import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Principal } from '@meterbook/http/auth/principal';
import { Problem } from '@meterbook/http/problem/problem';
import { invalidParameter } from '../refusals';
import type { DeadLetter } from '@meterbook/messages/dead-letter';
import { DeadLetterIndex, eventOf, type DeadLetterMark } from './dead-letter-index';
import type { DeadLetterDto, DeadLetterPageDto, ListDeadLettersQuery } from './dead-letter.dto';

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

  async execute({ principal, query: { platform, reason, cursor } }: ListDeadLetters): Promise<DeadLetterPageDto> {
    if (platform !== undefined && !principal.mayUse(platform))
      throw new Problem('forbidden', 'The token is limited to other platforms.');
    const limit = principal.platforms === null ? null : [...principal.platforms];
    const { letters, next } = this.index.list({
      platforms: platform === undefined ? limit : [platform],
      reason: reason ?? null,
      after: cursor === undefined ? null : fromCursor(cursor),
    });
    return { items: letters.map(toDto), next: next && toCursor(next) };
  }
}

function toDto(letter: DeadLetter): DeadLetterDto {
  const { id, reason, detail, platform, account, acceptedAt } = letter;
  return { id, reason, detail, platform, account, at: acceptedAt, event: eventOf(letter) };
}

function toCursor({ acceptedAt, id }: DeadLetterMark): string {
  return Buffer.from(`${acceptedAt} ${id}`).toString('base64url');
}

function fromCursor(cursor: string): DeadLetterMark {
  const mark = /^([0-9]{1,15}) (.+)$/s.exec(Buffer.from(cursor, 'base64url').toString());
  if (!mark) throw invalidParameter('cursor', 'must be a cursor of an earlier answer');
  return { acceptedAt: Number(mark[1]), id: mark[2] ?? '' };
}
