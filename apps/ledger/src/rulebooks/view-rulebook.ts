import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { RulebookPublished } from '@meterbook/domain/rulebook/events';
import { decodeEvent } from '@meterbook/books/event-codec';
import { EventStore } from '@meterbook/event-store/event-store';
import { Problem } from '@meterbook/http/problem/problem';
import { Clock } from '@meterbook/runtime/clock';
import { eventAt } from '@meterbook/books/account-stream';
import { unknownPlatform } from '../refusals';
import { rulebookPrefix, Rulebooks } from '@meterbook/books/rulebooks';
import { decideVersion } from './decide-version';
import { sha256Of } from './publish-rulebook';
import type { RulebookDto, ValidationDto } from './rulebook.dto';

/** A version of a platform's rules, the latest where none is named. */
export class ViewRulebook extends Query<RulebookDto> {
  constructor(
    readonly platform: string,
    readonly version: number | undefined,
  ) {
    super();
  }
}

@QueryHandler(ViewRulebook)
export class ViewRulebookHandler implements IQueryHandler<ViewRulebook> {
  constructor(
    private readonly store: EventStore,
    private readonly rulebooks: Rulebooks,
  ) {}

  async execute({ platform, version }: ViewRulebook): Promise<RulebookDto> {
    const { length } = await this.rulebooks.confirmed(platform);
    if (length === 0) throw unknownPlatform(platform);
    const asked = version ?? length;
    if (asked > length)
      throw new Problem('unknown_rulebook_version', `The latest version of ${platform} is ${length}.`);
    // The stream holds nothing but versions: the first one stands at revision 0.
    const stored = await eventAt(this.store, `${rulebookPrefix}${platform}`, asked - 1);
    const { sha256, effectiveFrom, rulebook } = decodeEvent<RulebookPublished>(stored);
    return { version: asked, sha256, effectiveFrom, rulebook };
  }
}

/** Whether content could be published now, and what is wrong with it. */
export class ValidateRulebook extends Query<ValidationDto> {
  constructor(
    readonly platform: string,
    readonly content: unknown,
  ) {
    super();
  }
}

@QueryHandler(ValidateRulebook)
export class ValidateRulebookHandler implements IQueryHandler<ValidateRulebook> {
  constructor(
    private readonly rulebooks: Rulebooks,
    private readonly clock: Clock,
  ) {}

  async execute({ platform, content }: ValidateRulebook): Promise<ValidationDto> {
    const candidate = { platform, content, now: this.clock.now(), sha256Of };
    const decision = decideVersion(candidate, await this.rulebooks.confirmed(platform));
    if (decision.kind !== 'refused') return { valid: true, errors: [] };
    const { faults: errors, more } = decision;
    return more > 0 ? { valid: false, errors, more } : { valid: false, errors };
  }
}
