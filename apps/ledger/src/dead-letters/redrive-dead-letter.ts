import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { AgeWindow } from '@meterbook/domain/usage/age-window';
import type { Principal } from '@meterbook/http/auth/principal';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import { Clock } from '@meterbook/runtime/clock';
import { RecordTooLarge, Topics, TopicsBusy, type TopicRecord } from '@meterbook/topics/topics';
import { toRedriven } from '@meterbook/messages/dead-letter';
import { DeadLetterIndex } from './dead-letter-index';
import type { RedrivenDto } from './dead-letter.dto';

/** UTF-16 units from which on a record may leave no room for the headers of a redriven one. */
const largeLength = 300_000;
/** When to try again where too much waits to become durable. */
const retryAfterSeconds = 1;

/** A dead letter is offered once more, as if its usage had been sent again. */
export class RedriveDeadLetter extends Command<RedrivenDto> {
  constructor(
    readonly principal: Principal,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(RedriveDeadLetter)
export class RedriveDeadLetterHandler implements ICommandHandler<RedriveDeadLetter> {
  constructor(
    private readonly index: DeadLetterIndex,
    private readonly topics: Topics,
    private readonly clock: Clock,
    private readonly window: AgeWindow,
  ) {}

  async execute({ principal, id }: RedriveDeadLetter): Promise<RedrivenDto> {
    const found = this.index.find(id);
    if (!found || !maySee(principal, found.letter.platform))
      throw new Problem('unknown_dead_letter', `There is no dead letter ${id}, or not any more.`);
    if (this.window.refusal(found.occurredAt, this.clock.now()) === 'usage_too_old')
      throw new Problem('usage_too_old', `Its usage occurred more than ${this.window.days} days ago.`);
    await this.topics.publish('usage.recorded', [fitting(toRedriven(found.letter, this.clock.now()))]).catch(orProblem);
    return { id };
  }
}

/** One whose platform cannot be read is for those who may see all. */
function maySee(principal: Principal, platform: string | null): boolean {
  return platform === null ? principal.platforms === null : principal.mayUse(platform);
}

/**
 * The record without its blanks where it is so large that there is no room for the headers beside it. What it says stays the same,
 * and so does the digest of its content.
 */
function fitting(record: TopicRecord): TopicRecord {
  if (record.value.length < largeLength) return record;
  try {
    return { ...record, value: JSON.stringify(JSON.parse(record.value)) };
  } catch {
    return record;
  }
}

function orProblem(error: unknown): never {
  if (error instanceof RecordTooLarge) throw new Problem('payload_too_large', 'No usage event is as large as this.');
  if (!(error instanceof TopicsBusy)) throw error;
  throw new Problem('too_busy', 'Too much usage waits to become durable.', { headers: retryAfter(retryAfterSeconds) });
}
