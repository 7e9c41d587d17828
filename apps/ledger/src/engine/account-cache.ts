import type { LoadedAccount } from './loaded-account';

/** Share of the limit that one clean-up frees. */
const EVICTED_SHARE = 0.1;
/** Rounds for which a used account is spared by a clean-up. */
const SPARED_ROUNDS = 8;

/** Accounts kept in memory up to a limit; the least recently used are let go. */
export class AccountCache {
  private readonly accounts = new Map<string, LoadedAccount>();
  private countedBytes = 0;
  private round = 0;

  constructor(
    /** Bytes of account states kept in memory, about. */
    private readonly maxBytes: number,
  ) {}

  get size(): number {
    return this.accounts.size;
  }

  /** Bytes that they take, about. */
  get bytes(): number {
    return this.countedBytes;
  }

  /** Marks the start of a round of work: what was used in the last few rounds is not let go. */
  startRound(): void {
    this.round += 1;
    if (this.countedBytes > this.maxBytes) this.evict();
  }

  get(stream: string): LoadedAccount | undefined {
    const account = this.accounts.get(stream);
    if (account) account.usedInRound = this.round;
    return account;
  }

  /** Keeps an account that was read; where somebody else has read it meanwhile, theirs counts. */
  keep(account: LoadedAccount): LoadedAccount {
    const other = this.get(account.stream);
    if (other) return other;
    account.usedInRound = this.round;
    this.accounts.set(account.stream, account);
    this.measure(account);
    return account;
  }

  /** Counts anew what an account takes, after it was changed. One that was let go meanwhile does not count. */
  measure(account: LoadedAccount): void {
    if (this.accounts.get(account.stream) !== account) return;
    const { bytes } = account;
    this.countedBytes += bytes - account.countedBytes;
    account.countedBytes = bytes;
  }

  remove(stream: string): void {
    const account = this.accounts.get(stream);
    if (account) this.drop(account);
  }

  private drop(account: LoadedAccount): void {
    this.accounts.delete(account.stream);
    this.countedBytes -= account.countedBytes;
    account.countedBytes = 0;
  }

  private evict(): void {
    const target = this.maxBytes * (1 - EVICTED_SHARE);
    let rest = this.accounts.size;
    for (const [stream, account] of this.accounts) {
      if (this.countedBytes <= target || rest-- === 0) return;
      if (account.usedInRound <= this.round - SPARED_ROUNDS) this.drop(account);
      else {
        // Used lately: it goes to the end of the line, so that a long run of such accounts is passed only once.
        this.accounts.delete(stream);
        this.accounts.set(stream, account);
      }
    }
  }
}
