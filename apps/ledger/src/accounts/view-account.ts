import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { PastAccount } from '@meterbook/domain/account/as-of';
import { zero } from '@meterbook/domain/amount/decimal';
import { formatInstant, instantMs } from '@meterbook/domain/time/instant';
import { decodeAccountEvent } from '@meterbook/books/account-event';
import { folded } from '@meterbook/event-store/damaged-streams';
import { EventStore } from '@meterbook/event-store/event-store';
import { Clock } from '@meterbook/runtime/clock';
import { Turns } from '@meterbook/runtime/turns';
import { HoldReader, type AccountWithHolds } from '../access/hold-reader';
import { accountStream, type AccountName } from '@meterbook/books/account-stream';
import { invalidParameter, unknownAccount } from '../refusals';
import { Rulebooks } from '@meterbook/books/rulebooks';
import type { AccountDto, ViewAccountQuery } from './account-view.dto';
import { showAccount } from './show-account';

/** An account now, or as of a past instant of business time. */
export class ViewAccount extends Query<AccountDto> {
  constructor(
    readonly name: AccountName,
    readonly how: ViewAccountQuery,
  ) {
    super();
  }
}

@QueryHandler(ViewAccount)
export class ViewAccountHandler implements IQueryHandler<ViewAccount> {
  constructor(
    private readonly store: EventStore,
    private readonly holds: HoldReader,
    private readonly rulebooks: Rulebooks,
    private readonly clock: Clock,
  ) {}

  async execute({ name, how: { asOf, display } }: ViewAccount): Promise<AccountDto> {
    const now = this.clock.now();
    const at = asOf === undefined ? now : instantMs(asOf);
    if (at > now) throw invalidParameter('asOf', 'must not lie in the future');
    const [rulebooks, { account, held }] = await Promise.all([
      this.rulebooks.confirmed(name.platform),
      asOf === undefined ? this.holds.confirmed(name) : this.past(name, at),
    ]);
    if (!account) throw unknownAccount(name.account);
    const shown = showAccount(name, account, rulebooks, at, held, display);
    return asOf === undefined ? shown : Object.assign(shown, { asOf: formatInstant(at), basis: 'occurred' });
  }

  /** Holds are of now, and left aside. */
  private async past(name: AccountName, atMs: number): Promise<AccountWithHolds> {
    const past = new PastAccount(atMs);
    const turns = new Turns(this.clock);
    for await (const stored of this.store.read(accountStream(name), 'start', 'forward')) {
      folded(stored.stream, () => past.add(decodeAccountEvent(stored), stored.revision));
      await turns.next();
    }
    return { account: past.account(), held: zero };
  }
}
