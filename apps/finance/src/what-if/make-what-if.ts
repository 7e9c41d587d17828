import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { within, type RulebookFault } from '@meterbook/domain/rulebook/fault';
import { instantMs } from '@meterbook/domain/time/instant';
import { Problem } from '@meterbook/http/problem/problem';
import type { RawBody } from '@meterbook/http/request/raw-body';
import { readRequest, requestProblem } from '@meterbook/http/request/read-request';
import { Written } from '@meterbook/http/request/written';
import type { ReadWithin } from '@meterbook/http/rulebook/read-content';
import { RulebookReading } from '@meterbook/http/rulebook/rulebook-reading';
import { Clock } from '@meterbook/runtime/clock';
import { KnownFacts, type PlatformFacts } from '../projections/platform-facts';
import { defaultZone } from '../reports/axes';
import { labelOf, whatIfDimensions } from './group-of';
import type { WhatIfQuestion } from './question';
import { WhatIfBody, type WhatIfMadeDto } from './what-if.dto';
import { WhatIfs } from './what-ifs';

/** The member of the body that is a rulebook. */
const RULEBOOK = 'rulebook';

/** Asks what would have been charged, had other rules been in force. */
export class MakeWhatIf extends Command<Written<WhatIfMadeDto>> {
  constructor(
    readonly platform: string,
    readonly body: RawBody,
    readonly caller: string,
  ) {
    super();
  }
}

@CommandHandler(MakeWhatIf)
export class MakeWhatIfHandler implements ICommandHandler<MakeWhatIf> {
  constructor(
    private readonly reading: RulebookReading,
    private readonly facts: KnownFacts,
    private readonly whatIfs: WhatIfs,
    private readonly clock: Clock,
  ) {}

  async execute({ platform, body, caller }: MakeWhatIf): Promise<Written<WhatIfMadeDto>> {
    const read = await this.reading.readWithin(caller, body, RULEBOOK);
    if (read.kind === 'unreadable') throw new Problem(read.code, read.detail);
    if (read.kind !== 'within') throw invalidRulebook(read.kind === 'invalid' ? read.faults : [], 0);
    const asked = readRequest(WhatIfBody, JSON.parse(read.others));
    const { whatIfId } = asked;
    const question = questionOf(platform, asked, this.clock.now());
    const earlier = this.whatIfs.find(platform, whatIfId);
    if (earlier && earlier.digest !== read.digest)
      throw new Problem('idempotency_conflict', `${whatIfId} was used before with other content.`);
    if (earlier) return new Written({ whatIfId }, true, 202);
    const facts = await this.facts.of(platform);
    const { currency } = facts;
    if (currency === null) throw new Problem('no_rulebook', 'The platform has no rulebook.');
    const rulebook = supposed(read, platform, currency);
    refuseUnknownLabels(question, facts, rulebook?.labels ?? []);
    const { digest } = read;
    // Somebody may have asked for the same meanwhile.
    if (!this.whatIfs.find(platform, whatIfId))
      this.whatIfs.add({
        platform,
        whatIfId,
        digest,
        currency,
        question,
        rulebook: rulebook?.text ?? null,
      });
    return new Written({ whatIfId }, false, 202);
  }
}

/** Throws `invalid_request`. */
function questionOf(
  platform: string,
  { from: fromText, to: toText, zone = defaultZone, groupBy = [] }: WhatIfBody,
  now: number,
): WhatIfQuestion {
  const from = instantMs(fromText);
  const to = toText === undefined ? Math.max(now, from) : instantMs(toText);
  const wrong = groupBy.findIndex(
    (name, at) => groupBy.indexOf(name) !== at || (labelOf(name) === undefined && !whatIfDimensions.includes(name)),
  );
  if (from > to)
    throw requestProblem([{ pointer: '/from', code: 'invalid_value', detail: 'lies after the end of the span' }]);
  if (wrong >= 0)
    throw requestProblem([
      {
        pointer: within('/groupBy', wrong),
        code: 'invalid_value',
        detail: `must be one of ${whatIfDimensions.join(', ')} or label:{key}, each once`,
      },
    ]);
  return { platform, from, to, zone, groupBy };
}

/** The rulebook of a body; null where it has none. Throws `invalid_rulebook`. */
function supposed(
  { content }: ReadWithin,
  platform: string,
  currency: string,
): { readonly text: string; readonly labels: readonly string[] } | null {
  if (content === null) return null;
  if (content.kind === 'invalid') throw invalidRulebook(content.faults, content.more);
  if (content.platform !== platform)
    throw invalidRulebook([{ pointer: '/platform', code: 'invalid_value', detail: `it is about ${platform}` }], 0);
  if (content.currency !== currency)
    throw invalidRulebook(
      [{ pointer: '/currency', code: 'invalid_value', detail: `it never changes from ${currency}` }],
      0,
    );
  return content;
}

function refuseUnknownLabels({ groupBy }: WhatIfQuestion, facts: PlatformFacts, named: readonly string[]): void {
  for (const name of groupBy) {
    const label = labelOf(name);
    if (label !== undefined && !facts.names(label) && !named.includes(label))
      throw new Problem('unknown_label', `No rulebook names the label ${label}.`);
  }
}

function invalidRulebook(faults: readonly RulebookFault[], more: number): Problem {
  const errors = faults.map((fault) => ({ ...fault, pointer: `/${RULEBOOK}${fault.pointer}` }));
  const [first] = errors;
  const others = more > 0 ? ` ${more} more faults are not listed.` : '';
  return new Problem('invalid_rulebook', `${first?.pointer ?? ''}: ${first?.detail ?? 'it is faulty'}.${others}`, {
    errors,
    ...(more > 0 && { members: { more } }),
  });
}
