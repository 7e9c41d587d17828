import type { FoundCharge } from '@meterbook/domain/account/charging/reverse';
import { accountStream, type AccountName } from '@meterbook/books/account-stream';
import type { Accounts } from '../accounts';
import type { LoadedAccount } from '../loaded-account';

/** Reads after which the cache may let go of what was not used lately. */
const READS_PER_ROUND = 64;

/**
 * Accounts for whoever only looks at them, as of the head of their stream. They have a cache of their own, so that a long look
 * at many accounts does not push out those that commands are about.
 */
export class AccountReader {
  private reads = 0;

  constructor(private readonly accounts: Accounts) {}

  confirmed(name: AccountName): Promise<LoadedAccount> {
    this.reads += 1;
    if (this.reads % READS_PER_ROUND === 0) this.accounts.cache.startRound();
    return this.accounts.confirmed(accountStream(name));
  }

  /** The charge of a usage identity, however long ago. */
  findCharge(loaded: LoadedAccount, source: string, id: string): Promise<FoundCharge | undefined> {
    return this.accounts.findCharge(loaded, source, id);
  }
}
