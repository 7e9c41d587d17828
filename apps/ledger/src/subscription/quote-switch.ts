import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { refused } from '@meterbook/domain/account/decision';
import { quoteAnswer, type SwitchAnswer } from '@meterbook/domain/account/subscription/answers';
import { quoteSwitch } from '@meterbook/domain/account/subscription/switch';
import { versionInForce } from '@meterbook/domain/rulebook/rulebook';
import { formatInstant, instantMs } from '@meterbook/domain/time/instant';
import type { AccountName } from '@meterbook/books/account-stream';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { Clock } from '@meterbook/runtime/clock';
import { AccountReader } from '../engine/commands/account-reader';
import { toRefusalProblem, unknownAccount } from '../refusals';
import type { SwitchQuoteQuery } from './subscription.dto';

/** What a switch would credit, without making it. */
export class QuoteSwitch extends Query<SwitchAnswer> {
  constructor(
    readonly name: AccountName,
    readonly how: SwitchQuoteQuery,
  ) {
    super();
  }
}

@QueryHandler(QuoteSwitch)
export class QuoteSwitchHandler implements IQueryHandler<QuoteSwitch> {
  constructor(
    private readonly reader: AccountReader,
    private readonly rulebooks: Rulebooks,
    private readonly clock: Clock,
  ) {}

  async execute({ name, how: { plan, at } }: QuoteSwitch): Promise<SwitchAnswer> {
    const rulebooks = await this.rulebooks.confirmed(name.platform);
    const { account } = await this.reader.confirmed(name);
    if (!account) throw unknownAccount(name.account);
    const atMs = at === undefined ? Math.max(this.clock.now(), account.lastCommandAt) : instantMs(at);
    const version = versionInForce(rulebooks, atMs);
    if (!version) throw toRefusalProblem(refused('no_rulebook', `No rulebook is in force at ${formatInstant(atMs)}.`));
    const quote = quoteSwitch(account, plan, atMs, version.rulebook);
    if (quote.kind === 'refused') throw toRefusalProblem(quote);
    return quoteAnswer(quote);
  }
}
