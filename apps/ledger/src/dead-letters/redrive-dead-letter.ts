import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { AgeWindow } from '@meterbook/domain/usage/age-window';
import type { Principal } from '@meterbook/http/auth/principal';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import { Clock } from '@meterbook/runtime/clock';
import { RecordTooLarge, Topics, TopicsBusy } from '@meterbook/topics/topics';
import { toRedriven } from '@meterbook/messages/dead-letter';
import { DeadLetterIndex } from './dead-letter-index';
import type { RedrivenDto } from './dead-letter.dto';
import { TOPICS } from '@meterbook/messages/topic-table';

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
    // What only waited for its stream to be mended was accepted in time.
    const isLate = this.window.refusal(found.occurredAt, this.clock.now()) === 'usage_too_old';
    if (isLate && found.letter.reason !== 'stream_damaged')
      throw new Problem('usage_too_old', `Its usage occurred more than ${this.window.days} days ago.`);
    await this.topics.publish(TOPICS.usage, [toRedriven(found.letter, this.clock.now())]).catch(orProblem);
    return { id };
  }
}

/** One whose platform cannot be read is for those who may see all. */
function maySee(principal: Principal, platform: string | null): boolean {
  return platform === null ? principal.platforms === null : principal.mayUse(platform);
}

function orProblem(error: unknown): never {
  if (error instanceof RecordTooLarge) throw new Problem('payload_too_large', 'No usage event is as large as this.');
  if (!(error instanceof TopicsBusy)) throw error;
  throw new Problem('too_busy', 'Too much usage waits to become durable.', { headers: retryAfter(retryAfterSeconds) });
}
