import type { Clock } from '@meterbook/runtime/clock';

/** Deliveries under way at a time, of all endpoints; to those of one platform; and to endpoints that failed or were slow the last time. */
export const MAX_UNDER_WAY = 128;
export const MAX_OF_A_PLATFORM = 48;
export const MAX_SLOW = 32;
/** An endpoint that takes longer than this is slow, milliseconds. */
const SLOW_MS = 2_000;

interface Lane {
  /** When it may be served again, milliseconds since 1970. */
  dueAt: number;
  underWay: boolean;
  /** Woken while it was under way. */
  wokenMeanwhile: boolean;
}

/** Which endpoints are to be served, and who of them may be at a time: one that is slow or fails takes no place from the others. */
export class Lanes {
  /** Those that something waits for, the ones that waited longest first. */
  private readonly lanes = new Map<string, Lane>();
  private readonly slow = new Set<string>();
  private readonly deliveredAt = new Map<string, number>();
  private readonly room = new Room();
  private sleeping = new AbortController();

  /** Deliveries that are being sent just now. */
  get underWay(): number {
    return this.room.count;
  }

  /** Something waits for them now. */
  wake(endpoints: Iterable<string>): void {
    for (const key of endpoints) {
      const lane = this.lanes.get(key);
      if (!lane) this.lanes.set(key, { dueAt: 0, underWay: false, wokenMeanwhile: false });
      else if (lane.underWay) lane.wokenMeanwhile = true;
      else lane.dueAt = 0;
    }
    this.sleeping.abort();
  }

  /** The endpoint was removed. */
  forget(key: string): void {
    if (this.lanes.get(key)?.underWay !== true) this.lanes.delete(key);
    this.slow.delete(key);
    this.deliveredAt.delete(key);
  }

  /** Those that are due and for whom there is room, from now on under way. */
  start(nowMs: number): readonly string[] {
    const started: string[] = [];
    for (const [key, lane] of this.lanes) {
      if (this.room.isFull) break;
      if (lane.underWay || lane.dueAt > nowMs || !this.room.take(key, this.slow.has(key))) continue;
      lane.underWay = true;
      started.push(key);
    }
    // Whoever was served goes behind those who were not.
    for (const key of started) {
      const lane = this.lanes.get(key);
      this.lanes.delete(key);
      if (lane) this.lanes.set(key, lane);
    }
    return started;
  }

  /** It is not under way any more, and due again at an instant; undefined where nothing waits for it. */
  done(key: string, dueAt: number | undefined): void {
    this.room.leave(key);
    const lane = this.lanes.get(key);
    if (!lane) return;
    const next = lane.wokenMeanwhile ? 0 : dueAt;
    if (next === undefined) this.lanes.delete(key);
    else Object.assign(lane, { dueAt: next, underWay: false, wokenMeanwhile: false });
    this.sleeping.abort();
  }

  /** How an attempt went, which took so many milliseconds and ended at an instant. */
  note(key: string, outcome: { readonly delivered: boolean; readonly tookMs: number; readonly atMs: number }): void {
    if (outcome.delivered) this.deliveredAt.set(key, outcome.atMs);
    if (outcome.delivered && outcome.tookMs <= SLOW_MS) this.slow.delete(key);
    else this.slow.add(key);
  }

  /** Whether the endpoint has taken anything since an instant, as far as this process knows. */
  deliveredSince(key: string, sinceMs: number): boolean {
    return (this.deliveredAt.get(key) ?? -Infinity) >= sinceMs;
  }

  /** Sleeps until somebody is woken, or the longest time, milliseconds, has passed. */
  async pause(clock: Clock, longestMs: number, signal: AbortSignal): Promise<void> {
    const { sleeping } = this;
    await clock.sleep(sleeping.signal.aborted ? 0 : longestMs, AbortSignal.any([signal, sleeping.signal]));
    if (sleeping.signal.aborted) this.sleeping = new AbortController();
  }
}

/** The places that are taken, and by whom. */
class Room {
  private readonly taken = new Map<string, { readonly platform: string; readonly isSlow: boolean }>();
  private readonly ofPlatform = new Map<string, number>();
  private slow = 0;

  get count(): number {
    return this.taken.size;
  }

  get isFull(): boolean {
    return this.taken.size >= MAX_UNDER_WAY;
  }

  take(key: string, isSlow: boolean): boolean {
    const platform = key.slice(0, key.indexOf('/'));
    const count = this.ofPlatform.get(platform) ?? 0;
    if (this.isFull || count >= MAX_OF_A_PLATFORM || (isSlow && this.slow >= MAX_SLOW)) return false;
    this.taken.set(key, { platform, isSlow });
    this.ofPlatform.set(platform, count + 1);
    if (isSlow) this.slow += 1;
    return true;
  }

  leave(key: string): void {
    const place = this.taken.get(key);
    if (!place) return;
    this.taken.delete(key);
    const left = (this.ofPlatform.get(place.platform) ?? 1) - 1;
    if (left > 0) this.ofPlatform.set(place.platform, left);
    else this.ofPlatform.delete(place.platform);
    if (place.isSlow) this.slow -= 1;
  }
}
