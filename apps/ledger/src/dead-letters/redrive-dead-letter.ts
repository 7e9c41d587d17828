import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { AgeWindow } from '@meterbook/domain/usage/age-window';
import type { Principal } from '@meterbook/http/auth/principal';
import { Problem } from '@meterbook/http/problem/problem';
import { Written } from '@meterbook/http/request/written';
import { toRedriven } from '@meterbook/messages/dead-letter';
import { TOPICS } from '@meterbook/messages/topic-table';
import { Clock } from '@meterbook/runtime/clock';
import { RecordTooLarge, Topics } from '@meterbook/topics/topics';
import { DeadLetterIndex } from './dead-letter-index';
import type { RedrivenDto } from './dead-letter.dto';
import { isTooOld, topicProblem } from './offering';
import { maySee, unknownLetter } from './seen-letters';

/** How long nothing more is done for a letter that was offered and of which nothing was heard since. */
const UNDER_WAY_MS = 60_000;
/** Letters whose offer is remembered, at the most. */
const MAX_UNDER_WAY = 10_000;

interface Offer {
  /** The letter's place in the index when it was offered. */
  readonly place: number;
  readonly at: number;
}

/** A dead letter is offered once more, as if its usage had been sent again. Again is repeated while nothing was heard of it. */
export class RedriveDeadLetter extends Command<Written<RedrivenDto>> {
  constructor(
    readonly principal: Principal,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(RedriveDeadLetter)
export class RedriveDeadLetterHandler implements ICommandHandler<RedriveDeadLetter> {
  private readonly underWay = new Map<string, Offer>();

  constructor(
    private readonly index: DeadLetterIndex,
    private readonly topics: Topics,
    private readonly clock: Clock,
    private readonly window: AgeWindow,
  ) {}

  async execute({ principal, id }: RedriveDeadLetter): Promise<Written<RedrivenDto>> {
    const found = this.index.find(id);
    if (!found) return this.dealtWith(principal, id);
    if (!maySee(principal, found.letter.platform)) throw unknownLetter(id);
    const now = this.clock.now();
    if (isTooOld(found, this.window, now))
      throw new Problem('usage_too_old', `Its usage occurred more than ${this.window.days} days ago.`);
    if (this.isUnderWay(id, found.place, now)) return redriven(id, true);
    this.note(id, { place: found.place, at: now });
    try {
      await this.topics.publish(TOPICS.usage, [toRedriven(found.letter, now)]);
    } catch (error) {
      this.underWay.delete(id);
      if (error instanceof RecordTooLarge)
        throw new Problem('payload_too_large', 'No usage event is as large as this.');
      throw topicProblem(error);
    }
    return redriven(id, false);
  }

  /** One that has left the list was redriven before. */
  private dealtWith(principal: Principal, id: string): Written<RedrivenDto> {
    const platform = this.index.platformOfSettled(id);
    if (platform === undefined || !maySee(principal, platform)) throw unknownLetter(id);
    return redriven(id, true);
  }

  private isUnderWay(id: string, place: number, now: number): boolean {
    const offer = this.underWay.get(id);
    return offer !== undefined && offer.place === place && Math.abs(now - offer.at) < UNDER_WAY_MS;
  }

  private note(id: string, offer: Offer): void {
    this.underWay.delete(id);
    this.underWay.set(id, offer);
    const [oldest] = this.underWay.keys();
    if (this.underWay.size > MAX_UNDER_WAY && oldest !== undefined) this.underWay.delete(oldest);
  }
}

function redriven(id: string, repeated: boolean): Written<RedrivenDto> {
  return new Written({ id }, repeated, 202);
}
