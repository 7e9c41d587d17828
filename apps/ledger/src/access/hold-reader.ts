import { dropExpired, dropSettled } from '@meterbook/domain/access/hold-book';
import type { Account } from '@meterbook/domain/account/account';
import { zero, type Decimal } from '@meterbook/domain/amount/decimal';
import type { AccountName } from '@meterbook/books/account-stream';
import { holdStream } from '@meterbook/books/hold-stream';
import type { Clock } from '@meterbook/runtime/clock';
import type { AccountReader } from '../engine/commands/account-reader';
import type { Holds } from './holds';

/** An account at its head, and what its live holds have set aside. */
export interface AccountWithHolds {
  /** Undefined where it was never opened. */
  readonly account: Account | undefined;
  /** In the wallet's currency. */
  readonly held: Decimal;
}

/** The holds of an account, for a look at it. */
export interface HeldMoney {
  /** The account that they were decided on. */
  readonly accountRevision: number;
  /** What is live of them, in the wallet's currency. */
  readonly of: (account: Account) => Decimal;
}

/** Accounts with their holds, for whoever only looks at them. */
export class HoldReader {
  constructor(
    private readonly holds: Holds,
    private readonly accounts: AccountReader,
    private readonly clock: Clock,
  ) {}

  /** The account as of now, and what is held of it. */
  async confirmed(name: AccountName): Promise<AccountWithHolds> {
    const [heldOf, first] = await Promise.all([this.holdsOf(name), this.accounts.confirmed(name)]);
    // Holds that were decided on a newer account are of that one.
    const { account } = first.revision < heldOf.accountRevision ? await this.accounts.confirmed(name) : first;
    return { account, held: account === undefined ? zero : heldOf.of(account) };
  }

  /** An account's holds as of now, for whoever has the account itself, as it was or is later. */
  async holdsOf(name: AccountName): Promise<HeldMoney> {
    const { book } = await this.holds.confirmed(holdStream(name));
    const of = (account: Account): Decimal => {
      if (book.revision < 0) return zero;
      dropExpired(book, this.clock.now());
      dropSettled(book, account);
      return book.held;
    };
    return { accountRevision: book.accountRevision, of };
  }
}
