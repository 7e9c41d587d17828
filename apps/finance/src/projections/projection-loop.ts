import { accountPrefix } from '@meterbook/books/stream-kinds';
import { DamagedStreams } from '@meterbook/event-store/damaged-streams';
import { comparePositions, type EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';
import { BesideEvents } from './beside-events';
import { EventReader } from './event-reader';
import { FoldGroup } from './fold-group';
import { LiveProjection, type LoopParts } from './live-projection';
import type { Projection } from './projection';
import { ProjectionControl } from './projection-control';
import type { Progress } from './projection-file';
import { rebuild } from './rebuild';

/** How often is looked whether a rebuild was asked for, and whether there is a projection to follow for, milliseconds. */
const LOOK_EVERY_MS = 100;

/**
 * Hop 6: folds every account event into the projections. Those at the live position share one subscription and one decode; one that
 * is new, of another version, rebuilt or has failed catches up alone and joins. One loop at a time owns a finance directory.
 */
export class ProjectionLoop {
  /** The streams that one of the projections stands without. */
  readonly damaged = new DamagedStreams();
  private live: readonly LiveProjection[] = [];

  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly directory: string,
    private readonly projections: readonly Projection[],
    private readonly log: Log,
  ) {}

  /** How far the projection that is most behind has come; null while the loop does not run. */
  progress(): Progress | null {
    const all = this.live.map(({ progress }) => progress).filter((progress) => progress !== undefined);
    if (all.length === 0 || all.length < this.live.length) return null;
    return all.reduce((least, other) => (comparePositions(other.position, least.position) < 0 ? other : least));
  }

  /** The loop: folds until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, clock, log, damaged } = this;
    const control = ProjectionControl.own(this.directory, log);
    const parts = { store, clock, log, control, damaged };
    const ending = new AbortController();
    const running = AbortSignal.any([signal, ending.signal]);
    const group = new FoldGroup();
    const live = this.projections.map((projection) => new LiveProjection(projection, group, parts));
    this.live = live;
    const tasks: Promise<void>[] = [];
    try {
      // The one that has come furthest is the first in the group: the others catch up with it.
      for (const one of inOrder(live)) tasks.push(one.run(running), this.rebuildWhenAsked(one, parts, running));
      await this.followGroup(group, running);
    } finally {
      ending.abort();
      await Promise.allSettled(tasks);
      this.live = [];
      control.close();
    }
  }

  private async followGroup(group: FoldGroup, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { formation, position } = group;
      const [reader, beside] = [new EventReader(), new BesideEvents(this.store)];
      if (position === undefined) await this.clock.sleep(LOOK_EVERY_MS, signal);
      else
        for await (const batch of this.store.subscribe([accountPrefix], position, signal)) {
          const read = await beside.completed(reader.read(batch));
          if (group.formation !== formation || group.position === undefined) break;
          group.take(read);
          // Whatever else this thread does gets its turn, also while there is much to catch up with.
          if (batch.events.length > 0) await this.clock.sleep(0, signal);
        }
    }
  }

  private async rebuildWhenAsked(live: LiveProjection, parts: LoopParts, signal: AbortSignal): Promise<void> {
    const { control, clock, log } = parts;
    while (!signal.aborted) {
      try {
        const asked = control.running(live.projection.name);
        if (asked && live.progress) await rebuild(live, asked.rebuildId, parts, signal);
      } catch (error) {
        log.error({ projection: live.projection.name, err: error }, 'A rebuild could not even say that it failed.');
      }
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
  }
}

/** Those that have come furthest first; one that cannot be opened is tried again when it runs. */
function inOrder(live: readonly LiveProjection[]): LiveProjection[] {
  for (const one of live) {
    try {
      one.open();
    } catch {
      // Whoever runs it opens it again, and tells.
    }
  }
  return [...live].sort((a, b) => comparePositions(b.position, a.position));
}
