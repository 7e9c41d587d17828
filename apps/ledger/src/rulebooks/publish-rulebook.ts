import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { RulebookFault } from '@meterbook/domain/rulebook/fault';
import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import { formatInstant } from '@meterbook/domain/time/instant';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import type { RawBody } from '@meterbook/http/request/raw-body';
import { Written } from '@meterbook/http/request/written';
import { Clock } from '@meterbook/runtime/clock';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { decideVersion } from './decide-version';
import { NamesContended, PlatformNames } from '@meterbook/books/platform-names';
import { MAX_PUBLISH_ATTEMPTS } from './publish-limits';
import type { ReadContent } from '@meterbook/http/rulebook/read-content';
import { RulebookReading } from '@meterbook/http/rulebook/rulebook-reading';
import type { VersionDto } from './rulebook.dto';

/** Content becomes the next version of a platform's rules; the latest version again stays as it is. */
export class PublishRulebook extends Command<Written<VersionDto>> {
  constructor(
    readonly platform: string,
    readonly body: RawBody,
    readonly sender: EventMetadata,
  ) {
    super();
  }
}

@CommandHandler(PublishRulebook)
export class PublishRulebookHandler implements ICommandHandler<PublishRulebook> {
  constructor(
    private readonly rulebooks: Rulebooks,
    private readonly names: PlatformNames,
    private readonly reading: RulebookReading,
    private readonly clock: Clock,
  ) {}

  async execute({ platform, body, sender }: PublishRulebook): Promise<Written<VersionDto>> {
    const content = readable(await this.reading.read(sender.actor ?? '', body));
    const candidate = { platform, content, now: this.clock.now() };
    for (let attempt = 0; attempt < MAX_PUBLISH_ATTEMPTS; attempt++) {
      const versions = await this.rulebooks.confirmed(platform);
      const lastNumber = this.rulebooks.lastNumber(platform);
      const decision = decideVersion(candidate, { versions, lastNumber });
      if (decision.kind === 'refused') throw invalidRulebook(decision.faults, decision.more);
      if (decision.kind === 'published before') return new Written(ofEarlier(decision.version), true);
      // A platform that has versions was noted before the first of them.
      if (lastNumber === 0) await this.names.note(platform, sender).catch(tooBusyIfContended);
      const { version, effectiveFrom, sha256 } = decision.version;
      if (await this.rulebooks.append(platform, versions, decision.version, sender))
        return new Written({ version, sha256, effectiveFrom }, false);
    }
    throw tooBusy();
  }
}

function tooBusy(): Problem {
  return new Problem('too_busy', 'Too many others publish just now.', { headers: retryAfter(1) });
}

function tooBusyIfContended(error: unknown): never {
  throw error instanceof NamesContended ? tooBusy() : error;
}

/** The content, unless its bytes are neither JSON nor YAML. */
export function readable(content: ReadContent): Exclude<ReadContent, { kind: 'unreadable' }> {
  if (content.kind === 'unreadable') throw new Problem(content.code, content.detail);
  return content;
}

function invalidRulebook(faults: readonly RulebookFault[], more: number): Problem {
  const [first] = faults;
  const detail = first
    ? `${first.pointer === '' ? 'The rulebook' : first.pointer}: ${first.detail}.`
    : 'The rulebook is faulty.';
  const others = more > 0 ? ` ${more} more faults are not listed.` : '';
  return new Problem('invalid_rulebook', `${detail}${others}`, { errors: faults });
}

function ofEarlier({ version, sha256, effectiveFrom }: PublishedRulebook): VersionDto {
  return { version, sha256, effectiveFrom: formatInstant(effectiveFrom) };
}
