/** The consumers of one adapter: each ends when it is told to, and all of them when the adapter is closed. */
export class OpenConsumers {
  private readonly running = new Map<AbortController, Promise<void>>();
  private closing: Promise<void> | undefined;

  /** Throws once `close` was called. */
  refuseWhenClosed(): void {
    if (this.closing) throw new Error('the topics are closed');
  }

  /** Runs a consumer until its caller aborts it or the adapter is closed; rejects with what ends it otherwise. */
  async run(signal: AbortSignal, consume: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.refuseWhenClosed();
    if (signal.aborted) return;
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    signal.addEventListener('abort', abort);
    const ended = consume(stop.signal).finally(() => {
      signal.removeEventListener('abort', abort);
      this.running.delete(stop);
    });
    this.running.set(stop, ended);
    await ended;
  }

  /** Stops every consumer, waits for its handlers, and lets go of the engine: once, however often it is called. */
  close(letGo: () => Promise<void>): Promise<void> {
    this.closing ??= this.stop(letGo);
    return this.closing;
  }

  private async stop(letGo: () => Promise<void>): Promise<void> {
    for (const stop of this.running.keys()) stop.abort();
    // Whoever called `consume` hears of its error; here it only has to have ended.
    await Promise.allSettled(this.running.values());
    await letGo();
  }
}
