import { accountStream, type AccountName, type FoundCharge } from '../accounts/account-stream';
import type { Accounts } from '../accounts/accounts';
import type { LoadedAccount } from '../accounts/loaded-account';

/** Reads after which the cache may let go of what was not used lately. */
const readsPerRound = 64;

/**
 * Accounts for whoever only looks at them, as of the head of their stream. Reads of one account take turns, and they have a
 * cache of their own: what the writer is about to fold must not be folded under its hands.
 */
export class AccountReader {
  private readonly turns = new Map<string, Promise<unknown>>();
  private reads = 0;

  constructor(private readonly accounts: Accounts) {}

  confirmed(name: AccountName): Promise<LoadedAccount> {
    const stream = accountStream(name);
    this.reads += 1;
    if (this.reads % readsPerRound === 0) this.accounts.startRound();
    const before = this.turns.get(stream) ?? Promise.resolve();
    const read = before.then(() => this.accounts.confirmed(stream));
    const turn: Promise<unknown> = read.then(
      () => this.end(stream, turn),
      () => this.end(stream, turn),
    );
    this.turns.set(stream, turn);
    return read;
  }

  /** The charge of a usage identity, however long ago. */
  findCharge(loaded: LoadedAccount, source: string, id: string): Promise<FoundCharge | undefined> {
    return this.accounts.findCharge(loaded, source, id);
  }

  private end(stream: string, turn: Promise<unknown>): void {
    if (this.turns.get(stream) === turn) this.turns.delete(stream);
  }
}
