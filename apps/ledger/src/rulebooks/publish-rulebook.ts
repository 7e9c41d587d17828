import { hash } from 'node:crypto';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { RulebookPublished } from '@meterbook/domain/rulebook/events';
import { canonicalJson } from '@meterbook/domain/rulebook/canonical-json';
import type { RulebookFault } from '@meterbook/domain/rulebook/fault';
import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import { formatInstant } from '@meterbook/domain/time/instant';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import { Written } from '@meterbook/http/request/written';
import { Clock } from '@meterbook/runtime/clock';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { decideVersion } from './decide-version';
import { NamesContended, PlatformNames } from '@meterbook/books/platform-names';
import { maxPublishAttempts } from './publish-limits';
import type { VersionDto } from './rulebook.dto';

/** Content becomes the next version of a platform's rules; the latest version again stays as it is. */
export class PublishRulebook extends Command<Written<VersionDto>> {
  constructor(
    readonly platform: string,
    readonly content: unknown,
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
    private readonly clock: Clock,
  ) {}

  async execute({ platform, content, sender }: PublishRulebook): Promise<Written<VersionDto>> {
    const candidate = { platform, content, now: this.clock.now(), sha256Of };
    for (let attempt = 0; attempt < maxPublishAttempts; attempt++) {
      const versions = await this.rulebooks.confirmed(platform);
      const decision = decideVersion(candidate, versions);
      if (decision.kind === 'refused') throw invalidRulebook(decision.faults, decision.more);
      if (decision.kind === 'published before') return new Written(ofEarlier(decision.version), true);
      // A platform that has versions was noted before the first of them.
      if (versions.length === 0) await this.names.note(platform, sender).catch(tooBusyIfContended);
      const { rulebook, ...head } = decision.event;
      const version = { ...head, text: JSON.stringify(rulebook) };
      if (await this.rulebooks.append(platform, version, sender)) return new Written(ofEvent(decision.event), false);
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

export function sha256Of(content: Readonly<Record<string, unknown>>): string {
  return hash('sha256', canonicalJson(content), 'hex');
}

function invalidRulebook(faults: readonly RulebookFault[], more: number): Problem {
  const [first] = faults;
  const detail = first
    ? `${first.pointer === '' ? 'The rulebook' : first.pointer}: ${first.detail}.`
    : 'The rulebook is faulty.';
  const others = more > 0 ? ` ${more} more faults are not listed.` : '';
  return new Problem('invalid_rulebook', `${detail}${others}`, { errors: faults });
}

function ofEvent({ version, sha256, effectiveFrom }: RulebookPublished): VersionDto {
  return { version, sha256, effectiveFrom };
}

function ofEarlier({ version, sha256, effectiveFrom }: PublishedRulebook): VersionDto {
  return { version, sha256, effectiveFrom: formatInstant(effectiveFrom) };
}
