import type { Position } from '@meterbook/event-store/event-store';
import { removeDatabase } from '@meterbook/runtime/disposable-file';
import { catchUp } from './catch-up';
import { SetSnapshots, type Comparison } from './compare-sets';
import type { LiveProjection, LoopParts } from './live-projection';
import type { RebuildResult } from './projection-control';
import { ProjectionFile } from './projection-file';

/** Damaged streams that are named in what is told of a rebuild. */
const MAX_NAMED = 10;
const SECOND_MS = 1000;

/**
 * Fills a second file beside the live one, compares both at exactly the same position, and puts it in the other's place. It needs
 * nothing of the live one but the position where it stands, so it goes on while that one fails.
 */
export async function rebuild(
  live: LiveProjection,
  rebuildId: string,
  parts: LoopParts,
  signal: AbortSignal,
): Promise<void> {
  const { control } = parts;
  const { projection } = live;
  const path = control.nextPath(projection.name);
  let next: ProjectionFile | undefined;
  live.isRebuilt = true;
  try {
    next = ProjectionFile.create(path, projection);
    const compared = await fillAndCompare(live, next, rebuildId, parts, signal);
    const result = resultOf(live, compared, next);
    const second = next;
    await meet(live, next, parts, signal, () => {
      knowAsMuch(second, live);
      second.close();
      next = undefined;
      control.swap(projection.name, rebuildId, result);
      live.isRebuilt = false;
      live.reopen();
    });
  } catch (error) {
    // An interrupted rebuild stays asked for and starts over with the next run.
    if (!signal.aborted) control.fail(rebuildId, error instanceof Error ? error.message : String(error));
  } finally {
    live.isRebuilt = false;
    if (next) {
      next.close();
      removeDatabase(path);
    }
  }
}

async function fillAndCompare(
  live: LiveProjection,
  next: ProjectionFile,
  rebuildId: string,
  parts: LoopParts,
  signal: AbortSignal,
): Promise<Comparison> {
  const { control, clock } = parts;
  const snapshots: SetSnapshots[] = [];
  const startedAt = clock.now();
  const advance = (): void => {
    const [all, { events, position }] = [live.progress?.events ?? 0, next.progress];
    const seconds = (clock.now() - startedAt) / SECOND_MS;
    const eventsPerSecond = seconds > 0 && events > 0 ? Math.round(events / seconds) : null;
    control.advance({
      rebuildId,
      position,
      target: live.position,
      progress: all === 0 ? 1 : Math.min(1, events / all),
      events,
      eventsPerSecond,
      remainingMs: eventsPerSecond ? Math.max(0, Math.round(((all - events) / eventsPerSecond) * SECOND_MS)) : null,
    });
  };
  await meet(
    live,
    next,
    parts,
    signal,
    () => snapshots.push(new SetSnapshots(livePath(live, parts), next.path)),
    advance,
  );
  const [both] = snapshots;
  signal.throwIfAborted();
  if (!both) throw new Error('the two files have not met');
  return both.compare(live.projection.tables, clock, signal).finally(() => both.close());
}

/** Folds the second file up to where the live one stands; `met` is called while both stand there. */
async function meet(
  live: LiveProjection,
  next: ProjectionFile,
  { store, clock }: LoopParts,
  signal: AbortSignal,
  met: () => void,
  advance: () => void = () => undefined,
): Promise<void> {
  const position = (): Position => next.progress.position;
  const fold: Parameters<typeof catchUp>[0]['fold'] = (batch) => {
    next.fold(batch);
    advance();
  };
  await catchUp({ position, fold, target: () => live.position, arrived: met }, store, clock, signal);
  signal.throwIfAborted();
}

function livePath(live: LiveProjection, { control }: LoopParts): string {
  const path = control.livePath(live.projection.name);
  if (path === undefined) throw new Error('there is no live file to compare with');
  return path;
}

/** At the same position both know as much of what cannot come any more. */
function knowAsMuch(next: ProjectionFile, live: LiveProjection): void {
  const { position, watermark } = live.progress ?? next.progress;
  next.fold({ events: [], damaged: [], position, last: null, caughtUp: true, observedAt: watermark });
}

function resultOf(live: LiveProjection, compared: Comparison, next: ProjectionFile): RebuildResult {
  const { count } = next.damaged;
  if (count === 0) return { ...compared, detail: null };
  const names = next.damaged.list('', MAX_NAMED).map(({ stream }) => stream);
  const more = count > names.length ? ` and ${count - names.length} more` : '';
  const detail = `${live.projection.name} stands without ${count} damaged streams: ${names.join(', ')}${more}`;
  return { ...compared, identical: null, difference: null, detail };
}
