import { DamagedStreams } from '@meterbook/event-store/damaged-streams';
import type { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Clock } from '@meterbook/runtime/clock';

/** Pauses before a damaged stream is read again; each doubles the one before. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Streams whose pauses are kept; of more, each is read again at every question. */
const MAX_KEPT = 10_000;

interface Pause {
  readonly error: StreamDamaged;
  readonly lookAgainAt: number;
  readonly pauseMs: number;
}

/** Accounts whose streams cannot be read: named once, and read again after a growing pause, so that nobody else pays for them. */
export class DamagedAccounts {
  /** For the log, the metrics and the health check. */
  readonly streams = new DamagedStreams();
  private readonly pauses = new Map<string, Pause>();

  constructor(private readonly clock: Clock) {}

  /** What was wrong with a stream that is not to be read again yet. */
  current(stream: string): StreamDamaged | undefined {
    if (this.pauses.size === 0) return undefined;
    const pause = this.pauses.get(stream);
    return pause && this.clock.now() < pause.lookAgainAt ? pause.error : undefined;
  }

  note(stream: string, error: StreamDamaged): void {
    const before = this.pauses.get(stream);
    if (!before && this.pauses.size >= MAX_KEPT) return;
    const pauseMs = before ? Math.min(before.pauseMs * 2, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
    this.pauses.set(stream, { error, pauseMs, lookAgainAt: this.clock.now() + pauseMs });
    this.streams.note(stream, error);
  }

  /** The stream was read again, whole. */
  mended(stream: string): void {
    if (this.pauses.delete(stream)) this.streams.mended(stream);
  }
}
