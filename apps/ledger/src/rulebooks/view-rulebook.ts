import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { formatInstant } from '@meterbook/domain/time/instant';
import { Problem } from '@meterbook/http/problem/problem';
import type { RawBody } from '@meterbook/http/request/raw-body';
import { Clock } from '@meterbook/runtime/clock';
import { unknownPlatform } from '@meterbook/http/request/known-platform';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { decideVersion } from './decide-version';
import { readable } from './publish-rulebook';
import { RulebookReading } from '@meterbook/http/rulebook/rulebook-reading';
import type { ValidationDto } from './rulebook.dto';

/** A version of a platform's rules, the latest where none is named: the JSON text of a `PublishedRulebookDto`. */
export class ViewRulebook extends Query<string> {
  constructor(
    readonly platform: string,
    readonly version: number | undefined,
  ) {
    super();
  }
}

@QueryHandler(ViewRulebook)
export class ViewRulebookHandler implements IQueryHandler<ViewRulebook> {
  constructor(private readonly rulebooks: Rulebooks) {}

  async execute({ platform, version }: ViewRulebook): Promise<string> {
    const { versions, lastNumber } = await this.rulebooks.published(platform);
    if (lastNumber === 0) throw unknownPlatform(platform);
    const found = version === undefined ? versions.at(-1) : versions.find((each) => each.version === version);
    if (!found) throw unknownVersion(platform, versions.at(-1)?.version);
    const { version: number, sha256, effectiveFrom } = found;
    const head = JSON.stringify({ version: number, sha256, effectiveFrom: formatInstant(effectiveFrom) });
    // The text as it is stored: parsing megabytes to write them again would hold everybody else up.
    return `${head.slice(0, -1)},"rulebook":${await found.text()}}`;
  }
}

/** A version that was never published, or was withdrawn. */
export function unknownVersion(platform: string, latest: number | undefined): Problem {
  const detail =
    latest === undefined
      ? `Every version of ${platform} is withdrawn.`
      : `The latest version of ${platform} is ${latest}.`;
  return new Problem('unknown_rulebook_version', detail);
}

/** Whether content could be published now, and what is wrong with it. */
export class ValidateRulebook extends Query<ValidationDto> {
  constructor(
    readonly platform: string,
    readonly body: RawBody,
    readonly caller: string,
  ) {
    super();
  }
}

@QueryHandler(ValidateRulebook)
export class ValidateRulebookHandler implements IQueryHandler<ValidateRulebook> {
  constructor(
    private readonly rulebooks: Rulebooks,
    private readonly reading: RulebookReading,
    private readonly clock: Clock,
  ) {}

  async execute({ platform, body, caller }: ValidateRulebook): Promise<ValidationDto> {
    const content = readable(await this.reading.read(caller, body));
    const candidate = { platform, content, now: this.clock.now() };
    const versions = await this.rulebooks.confirmed(platform);
    const decision = decideVersion(candidate, { versions, lastNumber: this.rulebooks.lastNumber(platform) });
    if (decision.kind !== 'refused') return { valid: true, errors: [] };
    const { faults: errors, more } = decision;
    return more > 0 ? { valid: false, errors, more } : { valid: false, errors };
  }
}
