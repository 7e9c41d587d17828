import {
  comparePositions,
  type EventStore,
  type Position,
  type StoredEvent,
  type StoreFault,
  type StreamDamage,
} from '@meterbook/event-store/event-store';
import { accountPrefix, holdPrefix } from '@meterbook/books/stream-kinds';
import { AccountProof } from './account-proof';
import { CheckpointClaims, checkpointPrefix, faultOf } from './checkpoint-claims';
import { closingClaimIn, type ClosingClaim } from './closing-claims';
import { accountOfHolds, HoldProofs } from './hold-proofs';
import { proveClosings } from './prove-closings';

/** Accounts folded at a time; a store with more of them is read once for each so many. About 2 KiB each. */
const MAX_ACCOUNTS_PER_PASS = 100_000;
/** Faults listed in one report. */
const MAX_FAULTS = 1000;
/** What is folded: accounts, and their holds beside them. */
const folded = [accountPrefix, holdPrefix];
/** Events after which is told how far it is. */
const TOLD_EVERY = 10_000;

export interface VerifyReport {
  readonly ok: boolean;
  readonly streams: number;
  readonly events: number;
  readonly faults: readonly StoreFault[];
  /** Streams of somebody else on the same store that were passed over; absent where there are none. */
  readonly foreignStreams?: number;
}

/** How far a verification has come. */
export interface VerifyProgress {
  readonly step: 'bytes' | 'accounts';
  /** Events that this step has looked at, and how many there are; null on a store whose positions do not count them. */
  readonly events: number;
  readonly of: number | null;
}

export interface VerifyOptions {
  readonly accountsPerPass?: number;
  /** Events of the store, where that is known. */
  readonly of?: number | null;
  /** Told now and then. */
  readonly onProgress?: (progress: VerifyProgress) => void;
}

/**
 * Proves the books from the stored bytes: first every hash and frame; then every account is folded again, so that what
 * each event states (balances, entries that sum to zero, checkpoints, what is noted of its holds) is what the events before it come
 * to; then the books are made once more up to the moments that closings speak of.
 *
 * Memory is bounded: a pass folds the accounts in the order of their birth until it holds so many, and the next pass
 * starts at the first that it left out. Nobody needs to remember which accounts have been proved.
 */
export async function verifyStore(store: EventStore, options: VerifyOptions = {}): Promise<VerifyReport> {
  const end = await store.end();
  const { accountsPerPass = MAX_ACCOUNTS_PER_PASS, of = null, onProgress = () => undefined } = options;
  const verification = new Verification(store, end, accountsPerPass, (seen) =>
    onProgress({ step: 'accounts', events: seen, of }),
  );
  let audited = 0;
  const { streams, events, faults } = await store.audit((event) => {
    if (++audited % TOLD_EVERY === 0) onProgress({ step: 'bytes', events: audited, of });
    verification.noteCheckpoint(event);
    verification.noteClosing(event);
  });
  for (let after: Position | 'start' | undefined = 'start'; after !== undefined;)
    after = await verification.pass(after);
  verification.finish();
  await verification.proveClosings();
  const all = distinct([...faults, ...verification.faults]).slice(0, MAX_FAULTS);
  const { foreignStreams } = store.condition();
  return { ok: all.length === 0, streams, events, faults: all, ...(foreignStreams > 0 && { foreignStreams }) };
}

class Verification {
  readonly faults: StoreFault[] = [];
  private readonly claims = new CheckpointClaims();
  private readonly closings: ClosingClaim[] = [];
  private readonly damaged = new Set<string>();

  constructor(
    private readonly store: EventStore,
    private readonly end: Position | 'start',
    private readonly accountsPerPass: number,
    private readonly onSeen: (events: number) => void,
  ) {}

  noteCheckpoint(event: StoredEvent): void {
    if (!event.stream.startsWith(checkpointPrefix) || comparePositions(event.position, this.end) > 0) return;
    try {
      this.claims.note(event);
    } catch (error) {
      this.fault(event, messageOf(error));
    }
  }

  noteClosing(event: StoredEvent): void {
    if (comparePositions(event.position, this.end) > 0) return;
    try {
      const claim = closingClaimIn(event);
      if (claim) this.closings.push(claim);
    } catch (error) {
      this.fault(event, messageOf(error));
    }
  }

  /** What closings say is what the books come to, up to the moments they speak of. */
  async proveClosings(): Promise<void> {
    try {
      await proveClosings(this.store, this.end, this.closings, (fault) => {
        if (this.faults.length < MAX_FAULTS) this.faults.push(fault);
      });
    } catch (error) {
      const detail = `closings cannot be checked: ${messageOf(error)}`;
      this.faults.push({ stream: null, revision: null, position: this.end, detail });
    }
  }

  /** Folds accounts born after a position; where the next pass has to start, or undefined when all are done. */
  async pass(after: Position | 'start'): Promise<Position | 'start' | undefined> {
    /** Null for an account at fault: one fault is told, not what follows from it. */
    const proofs = new Map<string, AccountProof | null>();
    const holds = new HoldProofs();
    let next: Position | 'start' | undefined;
    let last = after;
    const done = new AbortController();
    let seen = 0;
    try {
      if (comparePositions(after, this.end) >= 0) return undefined;
      for await (const { events, damaged, position } of this.store.subscribe(folded, after, done.signal)) {
        for (const event of events) {
          if (++seen % TOLD_EVERY === 0) this.onSeen(seen);
          if (event.stream.startsWith(holdPrefix)) {
            await this.proveHold(holds, proofs, event, after === 'start');
            continue;
          }
          if (event.revision === 0 && !proofs.has(event.stream)) {
            if (proofs.size < this.accountsPerPass) proofs.set(event.stream, new AccountProof());
            else next ??= last;
          }
          const proof = proofs.get(event.stream);
          if (proof) proofs.set(event.stream, this.prove(proof, event, holds));
          last = event.position;
        }
        for (const damage of damaged) this.noteDamage(damage, proofs, holds);
        if (comparePositions(position, this.end) >= 0) break;
      }
      for (const [stream, proof] of proofs) this.finishProof(stream, proof);
      return next;
    } catch (error) {
      this.faults.push({
        stream: null,
        revision: null,
        position: last,
        detail: `accounts cannot be read beyond this: ${messageOf(error)}`,
      });
      return undefined;
    } finally {
      done.abort();
    }
  }

  /** A stream is told of once, however many passes come by it, and its checkpoints prove nothing. */
  private noteDamage(
    { stream, position, damage }: StreamDamage,
    proofs: Map<string, AccountProof | null>,
    holds: HoldProofs,
  ): void {
    this.claims.drop(stream);
    holds.drop(stream);
    if (stream.startsWith(accountPrefix)) proofs.set(stream, null);
    if (this.damaged.has(stream) || comparePositions(position, this.end) > 0) return;
    this.damaged.add(stream);
    if (this.faults.length < MAX_FAULTS) this.faults.push({ stream, revision: null, position, detail: damage });
  }

  /** Claims that no account came by are about what is not there. */
  finish(): void {
    for (const claim of this.claims.rest()) this.fault(claim, `its account has no revision ${claim.accountRevision}`);
  }

  /** Holds of accounts of another pass are proved there; the first pass also sees those of an account that never was. */
  private async proveHold(
    holds: HoldProofs,
    proofs: ReadonlyMap<string, AccountProof | null>,
    event: StoredEvent,
    isFirstPass: boolean,
  ): Promise<void> {
    const stream = accountOfHolds(event.stream);
    const proof = proofs.get(stream);
    try {
      if (proof?.account) holds.add(event, proof.account);
      else if (proof === undefined && event.revision === 0 && isFirstPass) await this.expectOpened(stream);
    } catch (error) {
      this.fault(event, messageOf(error));
    }
  }

  private async expectOpened(stream: string): Promise<void> {
    if ((await this.store.head(stream)) === 'no-stream') throw new Error('its account was never opened');
  }

  private prove(proof: AccountProof, event: StoredEvent, holds: HoldProofs): AccountProof | null {
    try {
      proof.add(event);
      if (proof.account) holds.noteSettled(event.stream, proof.account);
    } catch (error) {
      holds.drop(event.stream);
      this.fault(event, messageOf(error));
      this.claims.drop(event.stream);
      return null;
    }
    for (const claim of this.claims.take(event.stream, event.revision)) {
      const fault = proof.account && faultOf(claim, proof.account, event.hash);
      if (fault !== undefined) this.fault(claim, fault);
    }
    return proof;
  }

  private finishProof(stream: string, proof: AccountProof | null): void {
    try {
      proof?.finish();
    } catch (error) {
      this.fault(
        { stream, revision: proof?.account?.revision ?? 0, position: proof?.position ?? '' },
        messageOf(error),
      );
    }
  }

  private fault(
    { stream, revision, position }: { stream: string; revision: number; position: string },
    detail: string,
  ): void {
    if (this.faults.length < MAX_FAULTS) this.faults.push({ stream, revision, position, detail });
  }
}

/** What reading every byte and folding every account have both found stands there once. */
function distinct(faults: readonly StoreFault[]): StoreFault[] {
  const texts = new Set<string>();
  return faults.filter(({ stream, position, detail }) => {
    const text = JSON.stringify([stream, position, detail]);
    if (texts.has(text)) return false;
    texts.add(text);
    return true;
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
