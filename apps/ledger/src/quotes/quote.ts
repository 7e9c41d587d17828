import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Account } from '@meterbook/domain/account/account';
import { refused } from '@meterbook/domain/account/decision';
import { tierAt } from '@meterbook/domain/account/standing/tier-at';
import { toText } from '@meterbook/domain/amount/decimal';
import { explain } from '@meterbook/domain/rating/explain';
import { rate } from '@meterbook/domain/rating/rate';
import { RATING_RULES } from '@meterbook/domain/rating/rating-rules';
import type { Rated, RatingTerms } from '@meterbook/domain/rating/rated';
import { findModel } from '@meterbook/domain/rulebook/find-model';
import { versionInForce, type PublishedRulebook, type Rulebook } from '@meterbook/domain/rulebook/rulebook';
import { formatInstant, instantMs } from '@meterbook/domain/time/instant';
import { Clock } from '@meterbook/runtime/clock';
import { AccountReader } from '../engine/commands/account-reader';
import type { AccountName } from '@meterbook/books/account-stream';
import { toRefusalProblem, unknownAccount } from '../refusals';
import { Rulebooks } from '@meterbook/books/rulebooks';
import type { QuoteBody, QuoteDto } from './quote.dto';

/** A price, without booking anything. */
export class Quote extends Query<QuoteDto> {
  constructor(
    readonly platform: string,
    readonly body: QuoteBody,
  ) {
    super();
  }
}

@QueryHandler(Quote)
export class QuoteHandler implements IQueryHandler<Quote> {
  constructor(
    private readonly rulebooks: Rulebooks,
    private readonly reader: AccountReader,
    private readonly clock: Clock,
  ) {}

  async execute({ platform, body }: Quote): Promise<QuoteDto> {
    const at = typeof body.at === 'string' ? instantMs(body.at) : this.clock.now();
    const version = versionInForce(await this.rulebooks.confirmed(platform), at);
    if (!version) throw toRefusalProblem(refused('no_rulebook', `No rulebook is in force at ${formatInstant(at)}.`));
    const account =
      typeof body.account === 'string' ? await this.account({ platform, account: body.account }) : undefined;
    const { model, units, group = null, channel = null, fields } = body;
    const terms = termsOf(version.rulebook, body, account, this.clock.now());
    const rated = rate(version.rulebook, { model, units, group, channel, fields: fields ?? {}, at }, terms);
    if (rated.kind === 'refused') throw toRefusalProblem(rated);
    return toDto(rated, version, units);
  }

  private async account(name: AccountName): Promise<Account> {
    const { account } = await this.reader.confirmed(name);
    if (!account) throw unknownAccount(name.account);
    return account;
  }
}

/** A given tier beats the account's as it is now; with neither it is the first one. */
function termsOf(
  rulebook: Rulebook,
  { model, tier }: QuoteBody,
  account: Account | undefined,
  nowMs: number,
): RatingTerms {
  const customMultiplier = account?.standing.customMultiplier ?? null;
  if (typeof tier !== 'string')
    return { tier: account ? tierAt(account, rulebook, nowMs) : rulebook.tiers[0].id, customMultiplier };
  if (findModel(rulebook, model) && !rulebook.tiers.some(({ id }) => id === tier))
    throw toRefusalProblem(refused('unknown_tier', `${tier} is no tier of the rulebook in force.`));
  return { tier, customMultiplier };
}

function toDto(
  { tier, group, price, factors, ...rated }: Rated,
  { version, rulebook }: PublishedRulebook,
  units: QuoteBody['units'],
): QuoteDto {
  const { currency } = rulebook;
  const amount = toText(rated.amount);
  const unrounded = toText(rated.unrounded);
  return {
    amount,
    unrounded,
    currency,
    tier,
    group,
    rulebookVersion: version,
    factors: factors.map(([name, value, source]) => ({ name, value, source })),
    explain: explain({ rating: RATING_RULES, price, factors, unrounded, amount, currency, units, tier, group }),
  };
}
