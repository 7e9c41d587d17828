import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Principal } from '@meterbook/http/auth/principal';
import { pageItems } from '@meterbook/http/request/page-limit';
import { DeadLetterIndex } from './dead-letter-index';
import type { DeadLetterFilter, DeadLetterGroup, DeadLetterMark } from './dead-letter-queries';
import {
  groupCursor,
  type DeadLetterDto,
  type DeadLetterGroupPageDto,
  type ListDeadLettersQuery,
} from './dead-letter.dto';
import { lettersOf } from './seen-letters';
import { toDto } from './list-dead-letters';

/** Longest event that an example shows, in UTF-16 units. */
const MAX_EXAMPLE_UNITS = 4_096;

/** How many letters wait, by reason and model, each with a first and a last one as examples. */
export class GroupDeadLetters extends Query<DeadLetterGroupPageDto> {
  constructor(
    readonly principal: Principal,
    readonly query: ListDeadLettersQuery,
  ) {
    super();
  }
}

@QueryHandler(GroupDeadLetters)
export class GroupDeadLettersHandler implements IQueryHandler<GroupDeadLetters> {
  constructor(private readonly index: DeadLetterIndex) {}

  async execute({ principal, query }: GroupDeadLetters): Promise<DeadLetterGroupPageDto> {
    const filter = lettersOf(principal, query);
    const mark = groupCursor.markOf(query);
    const { groups, next } = this.index.queries.groups(
      filter,
      mark && { ...mark, model: mark.model.slice(1) },
      pageItems(query),
    );
    return {
      groupBy: ['reason', 'model'],
      items: groups.flatMap((group) => this.described(filter, group)),
      // A part of a cursor is never empty, and a model that is not known is.
      next: groupCursor.write(next && { ...next, model: `=${next.model}` }),
    };
  }

  /** None where its letters were dealt with since they were counted. */
  private described({ platforms }: DeadLetterFilter, group: DeadLetterGroup): DeadLetterGroupPageDto['items'] {
    const { reason, model, count } = group;
    const filter = { platforms, reason, model };
    const first = this.example(this.index.queries.oldest(filter, null, 1));
    const last = this.example(this.index.queries.newest(filter, 1));
    return first && last ? [{ reason, model: model === '' ? null : model, count, first, last }] : [];
  }

  private example([mark]: readonly DeadLetterMark[]): DeadLetterDto | undefined {
    const found = mark && this.index.find(mark.id);
    if (!found) return undefined;
    return found.letter.event.length > MAX_EXAMPLE_UNITS ? toDto(found, null) : toDto(found);
  }
}
