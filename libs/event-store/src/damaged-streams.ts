import type { StreamDamage } from './event-store';
import { StreamDamaged } from './store-failure';

/** Names that are remembered, and so told of once each and counted; damage beyond them is passed over without a word. */
export const MAX_NAMED_STREAMS = 10_000;

export type NamedDamage = Pick<StreamDamage, 'stream' | 'damage'>;

/** The streams that a reader goes on without, each told of once. A reader that starts again looks again. */
export class DamagedStreams {
  private readonly known = new Map<string, string>();
  private readonly listeners: ((damage: NamedDamage) => void)[] = [];

  get count(): number {
    return this.known.size;
  }

  has(stream: string): boolean {
    return this.known.has(stream);
  }

  /** Tells of what is damaged from now on, and at once of what is so already. */
  listen(listener: (damage: NamedDamage) => void): void {
    this.listeners.push(listener);
    for (const [stream, damage] of this.known) listener({ stream, damage });
  }

  /** Notes that a stream cannot be read or folded, and why; the first reason stays. */
  note(stream: string, why: unknown): void {
    if (this.known.has(stream) || this.known.size >= MAX_NAMED_STREAMS) return;
    const damage = damageIn(why);
    this.known.set(stream, damage);
    for (const listener of this.listeners) listener({ stream, damage });
  }

  /** A stream that can be read again. */
  mended(stream: string): void {
    this.known.delete(stream);
  }
}

/** What a fold of one stream's events comes to; whatever it throws is damage of that stream. It does no I/O, so nothing in it is worth a retry. */
export function folded<Result>(stream: string, fold: () => Result): Result {
  try {
    return fold();
  } catch (error) {
    if (error instanceof StreamDamaged) throw error;
    throw new StreamDamaged(stream, damageIn(error), error);
  }
}

function damageIn(why: unknown): string {
  if (why instanceof StreamDamaged) return why.damage;
  return why instanceof Error ? why.message : String(why);
}
