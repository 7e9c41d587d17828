import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { formatInstant } from '@meterbook/domain/time/instant';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import { unknownPlatform } from '@meterbook/http/request/known-platform';
import { Clock } from '@meterbook/runtime/clock';
import { MAX_PUBLISH_ATTEMPTS } from './publish-limits';
import { unknownVersion } from './view-rulebook';

/** A version that is still to come never will be in force. Once done it stays so, and is done again without effect. */
export class WithdrawVersion extends Command<undefined> {
  constructor(
    readonly platform: string,
    readonly version: number,
    readonly sender: EventMetadata,
  ) {
    super();
  }
}

@CommandHandler(WithdrawVersion)
export class WithdrawVersionHandler implements ICommandHandler<WithdrawVersion> {
  constructor(
    private readonly rulebooks: Rulebooks,
    private readonly clock: Clock,
  ) {}

  async execute({ platform, version, sender }: WithdrawVersion): Promise<undefined> {
    for (let attempt = 0; attempt < MAX_PUBLISH_ATTEMPTS; attempt++) {
      if (await this.isDone(platform, version, this.clock.now())) return;
      if (!(await this.rulebooks.withdraw(platform, version, sender))) continue;
      // By the store's time it may have come into force meanwhile: then it stays.
      if (await this.isDone(platform, version, Infinity)) return;
    }
    throw new Problem('too_busy', 'Too many others publish just now.', { headers: retryAfter(1) });
  }

  /** Whether it is withdrawn already. Throws where it never will be: there is no such version, or it is in force by an instant. */
  private async isDone(platform: string, number: number, atMs: number): Promise<boolean> {
    const published = await this.rulebooks.published(platform);
    if (published.isWithdrawn(number)) return true;
    if (published.lastNumber === 0) throw unknownPlatform(platform);
    const version = published.versions.find((each) => each.version === number);
    if (!version) throw unknownVersion(platform, published.versions.at(-1)?.version);
    if (version.effectiveFrom > atMs) return false;
    const since = formatInstant(version.effectiveFrom);
    throw new Problem('version_in_force', `Version ${number} of ${platform} is in force since ${since}, and stays.`);
  }
}
