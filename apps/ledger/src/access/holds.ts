import type { HoldPlaced } from '@meterbook/domain/access/events';
import { storedInstant } from '@meterbook/domain/time/instant';
import { decodeHoldEvent } from '@meterbook/books/hold-stream';
import { folded } from '@meterbook/event-store/damaged-streams';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Clock } from '@meterbook/runtime/clock';
import type { DamagedAccounts } from '../engine/damaged-accounts';
import { HoldLoader } from './hold-loader';
import type { LoadedHolds } from './loaded-holds';
import { fingerprintOf } from './request-index';

export interface HoldsLimits {
  /** Bytes of holds kept in memory, about. */
  readonly maxBytes: number;
  /** For how long the id of a held request means that request, milliseconds. */
  readonly rememberMs: number;
  /** Whether it is asked which requests were held. */
  readonly withRequests: boolean;
}

/** A hold as it was placed, and where it stands. */
export interface StoredHold {
  readonly event: HoldPlaced;
  readonly revision: number;
}

/** The `hold-` streams of accounts: those in memory, the most recently used ones, and the others read from the store. */
export class Holds {
  private readonly kept = new Map<string, { readonly holds: LoadedHolds; countedBytes: number }>();
  private readonly reading = new Map<string, Promise<LoadedHolds>>();
  private countedBytes = 0;
  private readonly loader: HoldLoader;

  constructor(
    private readonly store: EventStore,
    private readonly limits: HoldsLimits,
    private readonly clock: Clock,
    private readonly damaged: DamagedAccounts,
  ) {
    this.loader = new HoldLoader(store, clock, limits.rememberMs);
  }

  isInMemory(stream: string): boolean {
    return this.kept.has(stream);
  }

  /** As last known here; it may be behind its stream. Throws `StreamDamaged`. */
  load(stream: string): LoadedHolds | Promise<LoadedHolds> {
    const known = this.kept.get(stream)?.holds;
    if (known === undefined) return this.read(stream);
    this.keep(known);
    return known;
  }

  /** As of its stream's head. Throws `StreamDamaged`. */
  async confirmed(stream: string): Promise<LoadedHolds> {
    const head = await this.store.head(stream).catch((error: unknown) => this.damage(stream, error));
    const holds = await this.load(stream);
    if (head === 'no-stream' || head <= holds.book.revision) return holds;
    await this.loader.foldTail(holds).catch((error: unknown) => this.damage(stream, error));
    this.keep(holds);
    return holds;
  }

  /** Goes back to what is stored up to a revision, and reads what others have appended behind it. Throws `StreamDamaged`. */
  async rewind(holds: LoadedHolds, revision: number): Promise<void> {
    const { stream } = holds;
    try {
      if (await this.loader.rewind(holds, revision)) {
        await this.loader.foldTail(holds);
        this.keep(holds);
      } else this.forget(stream);
    } catch (error) {
      this.damage(stream, error);
    }
  }

  fingerprint(stream: string, requestId: string): number {
    return fingerprintOf(stream, requestId);
  }

  /** Whether its stream still ends where it was read to. */
  async isCurrent({ stream, book }: LoadedHolds): Promise<boolean> {
    const head = await this.store.head(stream).catch((error: unknown) => this.damage(stream, error));
    return (head === 'no-stream' ? -1 : head) === book.revision;
  }

  /** The request that was held under an id and still means it, as of what is loaded up to a revision; undefined where there is none. */
  async findRequest(holds: LoadedHolds, requestId: string): Promise<StoredHold | undefined> {
    const since = this.clock.now() - this.limits.rememberMs;
    for (const revision of holds.requests?.revisionsOf(this.fingerprint(holds.stream, requestId)) ?? []) {
      const placed = await this.placedAt(holds.stream, revision);
      if (placed?.requestId === requestId && storedInstant(placed.occurredAt) > since)
        return { event: placed, revision };
    }
    return undefined;
  }

  /** The hold that was placed at a revision; undefined where there is no such revision, or its event placed none. */
  async placedAt(stream: string, revision: number): Promise<HoldPlaced | undefined> {
    const stored = await this.at(stream, revision).catch((error: unknown) => this.damage(stream, error));
    const event = stored && folded(stream, () => decodeHoldEvent(stored));
    return event?.type === 'HoldPlaced' ? event : undefined;
  }

  private async at(stream: string, revision: number): Promise<StoredEvent | undefined> {
    for await (const stored of this.store.read(stream, revision, 'backward'))
      return stored.revision === revision ? stored : undefined;
    return undefined;
  }

  /** Counts anew what it takes in memory, as what was used last. */
  keep(holds: LoadedHolds): void {
    const { stream } = holds;
    this.forget(stream);
    const countedBytes = holds.bytes;
    this.kept.set(stream, { holds, countedBytes });
    this.countedBytes += countedBytes;
    for (const other of this.kept.keys()) {
      if (this.countedBytes <= this.limits.maxBytes || other === stream) return;
      this.forget(other);
    }
  }

  /** Lets go of what is known, for example after an append of unknown outcome. */
  forget(stream: string): void {
    const kept = this.kept.get(stream);
    if (kept === undefined) return;
    this.kept.delete(stream);
    this.countedBytes -= kept.countedBytes;
  }

  /** Notes that a stream cannot be read, and throws why; any other error goes on as it is. */
  damage(stream: string, error: unknown): never {
    this.forget(stream);
    if (error instanceof StreamDamaged) this.damaged.note(stream, error);
    throw error;
  }

  /** Whoever asks for it while it is read waits for the same reading. */
  private read(stream: string): Promise<LoadedHolds> {
    const under = this.reading.get(stream);
    if (under) return under;
    const reading = this.readNow(stream).finally(() => this.reading.delete(stream));
    this.reading.set(stream, reading);
    return reading;
  }

  private async readNow(stream: string): Promise<LoadedHolds> {
    const damage = this.damaged.current(stream);
    if (damage) throw damage;
    const holds = await this.loader
      .read(stream, this.limits.withRequests)
      .catch((error: unknown) => this.damage(stream, error));
    this.damaged.mended(stream);
    this.keep(holds);
    return holds;
  }
}
