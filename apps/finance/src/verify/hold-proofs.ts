import { HoldProof } from '@meterbook/domain/access/hold-proof';
import type { Account } from '@meterbook/domain/account/account';
import { decodeHoldEvent } from '@meterbook/books/hold-stream';
import { accountPrefix, holdPrefix } from '@meterbook/books/stream-kinds';
import type { StoredEvent } from '@meterbook/event-store/event-store';

/** The holds of the accounts of a pass, folded beside them. */
export class HoldProofs {
  /** By the account's stream; null for holds at fault: one fault is told, not what follows from it. */
  private readonly proofs = new Map<string, HoldProof | null>();

  /** Takes in the next event of a hold stream, on its account as it stood then; throws where it cannot be. */
  add(stored: StoredEvent, account: Account): void {
    const stream = accountOfHolds(stored.stream);
    const proof = this.proofs.get(stream) ?? (this.proofs.has(stream) ? null : new HoldProof());
    if (proof === null) return;
    this.proofs.set(stream, null);
    proof.add(decodeHoldEvent(stored), stored.revision, account);
    this.proofs.set(stream, proof);
  }

  /** Takes in what an account has settled with its last event. */
  noteSettled(stream: string, account: Account): void {
    this.proofs.get(stream)?.noteSettled(account);
  }

  /** Nothing is proved of the holds of an account that cannot be read, or whose own stream cannot be. */
  drop(stream: string): void {
    this.proofs.set(stream.startsWith(holdPrefix) ? accountOfHolds(stream) : stream, null);
  }
}

/** The stream of the account whose holds a stream keeps. */
export function accountOfHolds(stream: string): string {
  return accountPrefix + stream.slice(holdPrefix.length);
}
