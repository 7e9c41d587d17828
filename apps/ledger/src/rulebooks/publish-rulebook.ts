import { hash } from 'node:crypto';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { RulebookPublished } from '@meterbook/domain/rulebook/events';
import { canonicalJson } from '@meterbook/domain/rulebook/canonical-json';
import type { RulebookFault } from '@meterbook/domain/rulebook/fault';
import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import { formatInstant } from '@meterbook/domain/time/instant';
import { encodeEvent, type EventMetadata } from '@meterbook/books/event-codec';
import { EventStore } from '@meterbook/event-store/event-store';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import { Written } from '@meterbook/http/request/written';
import { Clock } from '@meterbook/runtime/clock';
import { rulebookPrefix, Rulebooks } from '@meterbook/books/rulebooks';
import { decideVersion, type VersionDecision } from './decide-version';
import { PlatformNames } from './platform-names';
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
    private readonly store: EventStore,
    private readonly rulebooks: Rulebooks,
    private readonly names: PlatformNames,
    private readonly clock: Clock,
  ) {}

  async execute({ platform, content, sender }: PublishRulebook): Promise<Written<VersionDto>> {
    const candidate = { platform, content, now: this.clock.now(), sha256Of };
    for (let attempt = 0; attempt < maxPublishAttempts; attempt++) {
      const decision = decideVersion(candidate, await this.rulebooks.confirmed(platform));
      if (decision.kind === 'refused') throw invalidRulebook(decision.faults, decision.more);
      if (decision.kind === 'published before') return new Written(ofEarlier(decision.version), true);
      await this.names.note(platform, sender);
      if (await this.append(platform, decision, sender)) return new Written(ofEvent(decision.event), false);
    }
    throw new Problem('too_busy', 'Too many others publish for this platform just now.', { headers: retryAfter(1) });
  }

  /** False when another version came first. */
  private async append(
    platform: string,
    { event }: Extract<VersionDecision, { kind: 'published' }>,
    sender: EventMetadata,
  ): Promise<boolean> {
    const stream = `${rulebookPrefix}${platform}`;
    const { revision, hash: previousHash } = await this.rulebooks.confirmedStream(platform);
    if (revision !== event.version - 2) return false;
    const events = [encodeEvent(stream, revision + 1, previousHash, event, sender)];
    const expectedRevision = revision < 0 ? 'no-stream' : revision;
    const [outcome] = await this.store.append([{ stream, expectedRevision, events }]);
    return outcome?.kind === 'appended';
  }
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
