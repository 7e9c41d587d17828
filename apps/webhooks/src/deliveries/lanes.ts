import type { Clock } from '@meterbook/runtime/clock';

/** Deliveries under way at a time, of all endpoints; to those of one platform; and to endpoints that failed or were slow the last time. */
export const MAX_UNDER_WAY = 128;
export const MAX_OF_A_PLATFORM = 48;
export const MAX_SLOW = 32;
/** An endpoint that takes longer than this is slow, milliseconds. */
const SLOW_MS = 2_000;

interface Lane {
  /** When it may be served again, milliseconds since 1970; undefined where nothing waits. */
  dueAt: number | undefined;
  underWay: boolean;
  /** Woken while it was under way. */
  wokenMeanwhile: boolean;
  isSlow: boolean;
  deliveredAt: number;
}

/** Which endpoints are to be served, and who of them may be at a time: one that is slow or fails takes no place from the others. */
export class Lanes {
  private readonly lanes = new Map<string, Lane>();
  private sleeping = new AbortController();

  /** Something waits for them now. */
  wake(endpoints: Iterable<string>): void {
    for (const key of endpoints) {
      const lane = this.lane(key);
      lane.dueAt = 0;
      lane.wokenMeanwhile = lane.underWay;
    }
    this.sleeping.abort();
  }

  /** The endpoint was removed. */
  forget(key: string): void {
    this.lanes.delete(key);
  }

  /** Those that are due and for whom there is room, from now on under way. The ones that waited longest come first. */
  start(nowMs: number): readonly string[] {
    const room = new Room(this.lanes);
    const started: string[] = [];
    for (const [key, lane] of this.lanes) {
      if (lane.underWay || lane.dueAt === undefined || lane.dueAt > nowMs || !room.take(key, lane)) continue;
      lane.underWay = true;
      lane.wokenMeanwhile = false;
      started.push(key);
    }
    // Whoever was served goes behind those who were not.
    for (const key of started) {
      const lane = this.lane(key);
      this.lanes.delete(key);
      this.lanes.set(key, lane);
    }
    return started;
  }

  /** It is not under way any more, and due again at an instant; undefined where nothing waits for it. */
  done(
    key: string,
    {
      dueAt,
      tookMs,
      failed,
    }: { readonly dueAt: number | undefined; readonly tookMs?: number; readonly failed?: boolean },
  ): void {
    const lane = this.lanes.get(key);
    if (!lane) return;
    lane.underWay = false;
    lane.dueAt = lane.wokenMeanwhile ? 0 : dueAt;
    if (failed !== undefined) lane.isSlow = failed || (tookMs ?? 0) > SLOW_MS;
    if (lane.dueAt !== undefined) this.sleeping.abort();
  }

  noteDelivered(key: string, nowMs: number): void {
    this.lane(key).deliveredAt = nowMs;
  }

  /** Whether the endpoint has taken anything since an instant, as far as this process knows. */
  deliveredSince(key: string, sinceMs: number): boolean {
    return (this.lanes.get(key)?.deliveredAt ?? -Infinity) >= sinceMs;
  }

  /** Sleeps until somebody is woken or due. */
  async pause(clock: Clock, longestMs: number, signal: AbortSignal): Promise<void> {
    const { sleeping } = this;
    if (!sleeping.signal.aborted) await clock.sleep(longestMs, AbortSignal.any([signal, sleeping.signal]));
    else await clock.sleep(0, signal);
    if (sleeping.signal.aborted) this.sleeping = new AbortController();
  }

  private lane(key: string): Lane {
    const known = this.lanes.get(key);
    if (known) return known;
    const lane: Lane = {
      dueAt: undefined,
      underWay: false,
      wokenMeanwhile: false,
      isSlow: false,
      deliveredAt: -Infinity,
    };
    this.lanes.set(key, lane);
    return lane;
  }
}

/** The places that are free. */
class Room {
  private all = MAX_UNDER_WAY;
  private slow = MAX_SLOW;
  private readonly ofPlatform = new Map<string, number>();

  constructor(lanes: ReadonlyMap<string, Lane>) {
    for (const [key, lane] of lanes) if (lane.underWay) this.take(key, lane);
  }

  take(key: string, { isSlow }: Lane): boolean {
    const platform = key.slice(0, key.indexOf('/'));
    const taken = this.ofPlatform.get(platform) ?? 0;
    if (this.all === 0 || taken >= MAX_OF_A_PLATFORM || (isSlow && this.slow === 0)) return false;
    this.all -= 1;
    this.ofPlatform.set(platform, taken + 1);
    if (isSlow) this.slow -= 1;
    return true;
  }
}
