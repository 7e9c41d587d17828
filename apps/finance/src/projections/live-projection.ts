import { MAX_NAMED_STREAMS, type DamagedStreams } from '@meterbook/event-store/damaged-streams';
import type { EventStore, Position } from '@meterbook/event-store/event-store';
import { backoffMs } from '@meterbook/runtime/backoff';
import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';
import { sqliteCode } from '@meterbook/runtime/sqlite-failure';
import { removeDatabase } from '@meterbook/runtime/disposable-file';
import { catchUp } from './catch-up';
import type { Damage, ReadBatch } from './event-reader';
import type { FoldGroup, GroupMember } from './fold-group';
import { FoldFailed } from './fold-failed';
import type { Projection } from './projection';
import type { ProjectionControl } from './projection-control';
import { ProjectionFile, type Progress } from './projection-file';
import { refuseOtherStore } from './same-store';

/** Delay before a projection that failed is opened again; each further one doubles it. */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;

export interface LoopParts {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly control: ProjectionControl;
  /** Told of every stream that a projection goes on without. */
  readonly damaged: DamagedStreams;
}

/**
 * One projection while the loop runs: its live file catches up alone, whether it is new, of another version, was away or has
 * failed, and then follows the store with the group. Its failures are its own.
 */
export class LiveProjection implements GroupMember {
  /** True while a second file is filled: then nobody else makes one. */
  isRebuilt = false;
  private file: ProjectionFile | undefined;
  private known: Progress | undefined;
  private attempt = new AbortController();
  private failure: Error | undefined;
  private fails = false;
  /** Streams that were told of. */
  private readonly told = new Set<string>();

  constructor(
    readonly projection: Projection,
    private readonly group: FoldGroup,
    private readonly parts: LoopParts,
  ) {
    this.parts.control.removeOthers(projection.name);
    // A failure of an earlier run is told until this one has folded something.
    this.fails = parts.control.failureOf(projection.name) !== undefined;
  }

  /** How far its live file has come, also while it fails; undefined before it was first opened. */
  get progress(): Progress | undefined {
    return this.file?.progress ?? this.known;
  }

  get position(): Position {
    return this.progress?.position ?? 'start';
  }

  /** Follows the store until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.parts;
    const ended = (): boolean => signal.aborted;
    for (let failures = 0; !ended();) {
      try {
        await this.follow(this.open(), signal);
        failures = 0;
      } catch (error) {
        if (ended()) return;
        failures += 1;
        const delayMs = backoffMs({ firstMs: FIRST_DELAY_MS, longestMs: LONGEST_DELAY_MS }, failures);
        this.tellFailure(error, delayMs);
        await clock.sleep(delayMs, signal);
      } finally {
        this.letGo();
      }
    }
  }

  /** Opens the live file, or an empty one where it is of no use. */
  open(): ProjectionFile {
    if (this.file) return this.file;
    const { control, log } = this.parts;
    const { name } = this.projection;
    const path = control.livePath(name);
    const found = path === undefined || this.isUseless() ? undefined : ProjectionFile.open(path, this.projection);
    if (!found && path !== undefined) {
      if (this.isRebuilt) throw new Error(`${path} is of no use; the rebuild that is under way takes its place`);
      log.warn(
        { projection: name, file: path },
        'A file is missing, damaged or of another version, and is filled anew.',
      );
    }
    this.file = found ?? this.renewed();
    this.failure = undefined;
    this.tellAllDamage(this.file);
    return this.file;
  }

  take(batch: ReadBatch): void {
    try {
      this.fold(batch);
    } catch (error) {
      this.failure = toError(error);
      this.group.leave(this);
      this.attempt.abort();
    }
  }

  /** Lets go of the live file, since another one has taken its place, and goes on with that. */
  reopen(): void {
    const old = this.file?.path;
    this.letGo();
    this.failure = undefined;
    this.attempt.abort();
    if (old !== undefined) removeDatabase(old);
  }

  private async follow(file: ProjectionFile, signal: AbortSignal): Promise<void> {
    this.attempt = new AbortController();
    const attempt = AbortSignal.any([signal, this.attempt.signal]);
    const { store, clock } = this.parts;
    await refuseOtherStore(file, store);
    const parts = {
      position: () => this.position,
      fold: (batch: ReadBatch) => this.fold(batch),
      target: () => this.group.position,
      arrived: () => this.group.join(this),
    };
    await catchUp(parts, store, clock, attempt);
    if (!attempt.aborted) await new Promise((resolve) => attempt.addEventListener('abort', resolve, { once: true }));
    if (this.failure) throw this.failure;
  }

  private fold(batch: ReadBatch): void {
    if (!this.file) throw new Error(`${this.projection.name} is not open`);
    for (const damage of this.file.fold(batch)) this.tellDamage(damage);
    if (!this.fails) return;
    this.fails = false;
    this.parts.control.noteFailure(this.projection.name, null);
    this.parts.log.info({ projection: this.projection.name }, 'A projection moves on again.');
  }

  private renewed(): ProjectionFile {
    const { control } = this.parts;
    const { name } = this.projection;
    const old = control.livePath(name);
    const made = ProjectionFile.create(control.nextPath(name), this.projection);
    control.swap(name, null, null);
    if (old !== undefined) removeDatabase(old);
    return made;
  }

  /** True where the last failure was of the file itself. */
  private isUseless(): boolean {
    const code = sqliteCode(this.failure) ?? sqliteCode(this.failure?.cause) ?? '';
    return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB';
  }

  private letGo(): void {
    this.group.leave(this);
    this.known = this.progress;
    this.file?.close();
    this.file = undefined;
  }

  private tellFailure(error: unknown, retryInMs: number): void {
    this.failure = toError(error);
    this.fails = true;
    const { control, log } = this.parts;
    const { name } = this.projection;
    const at = error instanceof FoldFailed ? error.at : null;
    const event = at && { stream: at.stream, revision: at.revision, position: at.position, type: at.event.type };
    log.error({ projection: name, ...event, err: error, retryInMs }, 'A projection does not move on.');
    control.noteFailure(name, this.failure.message);
  }

  /** What a file stands without; a stream that it does not stand without any more has been mended. */
  private tellAllDamage({ damaged }: ProjectionFile): void {
    const before = [...this.told];
    this.told.clear();
    for (const damage of damaged.list('', MAX_NAMED_STREAMS)) this.tellDamage(damage);
    for (const stream of before) if (!this.told.has(stream)) this.parts.damaged.mended(stream);
  }

  private tellDamage({ stream, detail }: Damage): void {
    if (this.told.size < MAX_NAMED_STREAMS) this.told.add(stream);
    this.parts.damaged.note(stream, detail);
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error), { cause: error });
}
