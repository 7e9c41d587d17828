import { comparePositions, type Position } from '@meterbook/event-store/event-store';
import type { DeliveryFile } from './delivery-file';

/** Deliveries that wait for one endpoint, at the most: what comes after is read from the store when there is room again. */
export const MAX_WAITING = 20_000;
/** Room for it is when no more than this many wait. */
export const ROOM_BELOW = 10_000;

/** Endpoints for which so much waits that nothing more is queued, and how far each is. */
export class BehindEndpoints {
  private readonly positions = new Map<string, Position | 'start'>();
  /** Those that have read alone as far as the rest, or further. */
  private readonly joining = new Set<string>();

  /** @param maxWaiting and `roomBelow` count deliveries; other numbers than the usual are for tests */
  constructor(
    private readonly maxWaiting = MAX_WAITING,
    private readonly roomBelow = ROOM_BELOW,
  ) {}

  /** Those that were behind when the file was closed. */
  restore(file: DeliveryFile): void {
    for (const { endpoint, position } of file.behind()) this.positions.set(endpoint, position);
  }

  has(endpoint: string): boolean {
    return this.positions.has(endpoint);
  }

  get count(): number {
    return this.positions.size;
  }

  /** Those that have room for more, with the place from which on they are to be read. */
  withRoom(file: DeliveryFile): readonly (readonly [endpoint: string, position: Position | 'start'])[] {
    return [...this.positions].filter(([endpoint]) => !file.hasWaiting(endpoint, this.roomBelow));
  }

  isFull(endpoint: string, file: DeliveryFile): boolean {
    return file.hasWaiting(endpoint, this.maxWaiting);
  }

  /** Something was queued for endpoints, up to a place: those for which too much waits now fall behind there. */
  note(endpoints: ReadonlySet<string>, position: Position, file: DeliveryFile): void {
    for (const endpoint of endpoints) {
      if (this.has(endpoint) || !this.isFull(endpoint, file)) continue;
      this.positions.set(endpoint, position);
      file.setBehind(endpoint, position);
    }
  }

  /** An endpoint was read alone up to a place. */
  advance(endpoint: string, position: Position, file: DeliveryFile, mayJoin: boolean): void {
    if (!this.has(endpoint)) return;
    this.positions.set(endpoint, position);
    file.setBehind(endpoint, position);
    if (mayJoin) this.joining.add(endpoint);
    else this.joining.delete(endpoint);
  }

  /** Lets those join who are as far as everybody else, who has read up to a place and nothing beyond it. */
  join(reached: Position | 'start', file: DeliveryFile): void {
    for (const endpoint of this.joining) {
      if (comparePositions(this.positions.get(endpoint) ?? 'start', reached) < 0) continue;
      this.drop(endpoint, file);
    }
  }

  /** The endpoint was removed, disabled, or is as far as the rest. */
  drop(endpoint: string, file: DeliveryFile): void {
    this.joining.delete(endpoint);
    if (this.positions.delete(endpoint)) file.dropBehind(endpoint);
  }
}
