/** Names remembered; with more, a stream that was forgotten is looked at again. */
const MAX_REMEMBERED = 100_000;

/** Streams of somebody else whose names begin like ours: their first event was not written by the ledger. */
export class ForeignStreams {
  private readonly names = new Set<string>();
  private met = 0;

  /** How many were met; one that was forgotten in between counts again. */
  get count(): number {
    return this.met;
  }

  has(stream: string): boolean {
    return this.names.has(stream);
  }

  add(stream: string): void {
    if (this.names.has(stream)) return;
    if (this.names.size >= MAX_REMEMBERED) this.names.clear();
    this.names.add(stream);
    this.met += 1;
  }
}
