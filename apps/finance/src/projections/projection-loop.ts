import { comparePositions, type EventStore, type SubscriptionBatch } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import { accountPrefix } from './booked-event';
import { SetSnapshots } from './compare-sets';
import type { Projection } from './projection';
import { ProjectionControl, type RebuildStatus } from './projection-control';
import { ProjectionFile, removeProjectionFile, type Progress } from './projection-file';

/**
 * Hop 6: folds every account event into a set of projections, in one pass, and fills a second set beside the first when a
 * rebuild is asked for. One loop at a time owns a finance directory; readers come and go.
 */
export class ProjectionLoop {
  /** The live file, and after it the rebuilt one from when it has caught up: both take every batch from then on. */
  private files: ProjectionFile[] = [];
  private rebuilding: Promise<void> | undefined;
  /** Why the last rebuild could not even say that it failed. */
  private broken: Error | undefined;

  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly directory: string,
    private readonly projections: readonly Projection[],
  ) {}

  /** How far the live set has come; null while the loop does not run. */
  progress(): Progress | null {
    return this.files[0]?.progress ?? null;
  }

  /** The loop: folds until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const control = new ProjectionControl(this.directory);
    const ending = new AbortController();
    const end = (): void => ending.abort();
    signal.addEventListener('abort', end);
    try {
      this.broken = undefined;
      this.files = [this.openLive(control)];
      for await (const batch of this.store.subscribe([accountPrefix], this.live().progress.position, signal)) {
        this.throwIfBroken();
        for (const file of this.files) file.fold(batch);
        this.startRebuild(control, ending.signal);
        // Whatever else this thread does gets its turn, also while there is much to catch up with.
        if (batch.events.length > 0) await this.clock.sleep(0, signal);
      }
    } finally {
      signal.removeEventListener('abort', end);
      ending.abort();
      await this.rebuilding;
      for (const file of this.files) file.close();
      this.files = [];
      control.close();
    }
  }

  private openLive(control: ProjectionControl): ProjectionFile {
    control.removeOthers();
    const path = control.livePath();
    const found = path === undefined ? undefined : ProjectionFile.open(path, this.projections);
    if (found) return found;
    const made = ProjectionFile.create(control.nextPath(), this.projections);
    control.swap(null, null);
    control.removeOthers();
    return made;
  }

  private throwIfBroken(): void {
    if (this.broken) throw this.broken;
  }

  private live(): ProjectionFile {
    const [live] = this.files;
    if (!live) throw new Error('the projection loop does not run');
    return live;
  }

  private startRebuild(control: ProjectionControl, signal: AbortSignal): void {
    if (this.rebuilding) return;
    const asked = control.running();
    if (!asked) return;
    this.rebuilding = this.rebuild(control, asked, signal)
      .catch((error: unknown) => {
        this.broken = error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => {
        this.rebuilding = undefined;
      });
  }

  private async rebuild(control: ProjectionControl, { rebuildId }: RebuildStatus, signal: AbortSignal): Promise<void> {
    const path = control.nextPath();
    let next: ProjectionFile | undefined;
    try {
      next = ProjectionFile.create(path, this.projections);
      const snapshots = await this.fill(next, control, rebuildId, signal);
      const tables = this.projections.flatMap((projection) => projection.tables);
      const result = await snapshots.compare(tables, this.clock, signal).finally(() => snapshots.close());
      const old = this.live();
      control.swap(rebuildId, result);
      this.files = [next];
      old.close();
      removeProjectionFile(old.path);
    } catch (error) {
      // An interrupted rebuild stays asked for and starts over with the next run.
      if (!signal.aborted) control.fail(rebuildId, error instanceof Error ? error.message : String(error));
      this.files = this.files.filter((file) => file !== next);
      next?.close();
      removeProjectionFile(path);
    }
  }

  /** Folds from the first event to exactly where the live set stands, and lets both go on together from there. */
  private async fill(
    next: ProjectionFile,
    control: ProjectionControl,
    rebuildId: string,
    signal: AbortSignal,
  ): Promise<SetSnapshots> {
    const caughtUp = (): boolean => next.progress.position === this.live().progress.position;
    const join = (): SetSnapshots => {
      const { position, watermark } = this.live().progress;
      // At the same position both know as much of what cannot come any more.
      if (position !== 'start') next.fold({ events: [], damaged: [], position, caughtUp: true, observedAt: watermark });
      this.files.push(next);
      return new SetSnapshots(this.live().path, next.path);
    };
    if (caughtUp()) return join();
    for await (const batch of this.store.subscribe([accountPrefix], 'start', signal)) {
      const target = this.live().progress;
      next.fold(upTo(batch, target.position));
      const progress = target.events === 0 ? 1 : Math.min(1, next.progress.events / target.events);
      control.advance(rebuildId, next.progress.position, target.position, progress);
      if (caughtUp()) return join();
      await this.clock.sleep(0, signal);
    }
    throw new Error('the projection loop ends');
  }
}

/** What of a batch stands at or before a position. */
function upTo(batch: SubscriptionBatch, position: string): SubscriptionBatch {
  if (comparePositions(batch.position, position) <= 0) return batch;
  const events = batch.events.filter((event) => comparePositions(event.position, position) <= 0);
  return { ...batch, events, position, caughtUp: false };
}
