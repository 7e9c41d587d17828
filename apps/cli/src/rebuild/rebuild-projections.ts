import { financeProjections } from '@meterbook/finance/finance-projections';
import { financeLoops } from '@meterbook/finance/finance-loops';
import { ProjectionControl, type RebuildStatus } from '@meterbook/finance/projections/projection-control';
import { ProjectionReader } from '@meterbook/finance/projections/projection-reader';
import { comparePositions, type Position } from '@meterbook/event-store/event-store';
import { openStore } from '@meterbook/host/engines/engines';
import { folders } from '@meterbook/host/engines/folders';
import { FolderTaken, whileOwning } from '@meterbook/host/loops/while-owning';
import type { Clock } from '@meterbook/runtime/clock';
import { createLog } from '@meterbook/runtime/log';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { existingBooks } from '../books-folder';
import { Misused, type Surroundings } from '../command';
import { exitCodes, type ExitCode } from '../exit-code';
import type { Terminal } from '../terminal';

export interface RebuildOptions {
  readonly json?: true;
}

/** Random bytes of a rebuild's id. */
const REBUILD_ID_BYTES = 12;
/** How often is looked how far it is, and whether nobody else owns the folder any more, milliseconds. */
const LOOK_EVERY_MS = 200;
const SECOND_MS = 1000;

interface Books {
  readonly control: ProjectionControl;
  readonly reader: ProjectionReader;
  /** Where the books end as the command begins. */
  readonly end: Position;
}

/** Has projections of the books that the environment names filled anew, all of them where none is named. Throws `Misused`, `NoBooks`. */
export async function rebuildProjections(
  named: readonly string[],
  { json }: RebuildOptions,
  { environment, terminal, clock, interrupted }: Surroundings,
): Promise<ExitCode> {
  const projections = chosen(named);
  const configuration = existingBooks(environment);
  const log = createLog(configuration.LOG_LEVEL);
  const directory = folders(configuration).finance;
  const { store } = await openStore(configuration, clock, log);
  const control = ProjectionControl.shared(directory);
  const reader = new ProjectionReader(control, clock);
  const [asked, done] = [interrupted(), new AbortController()];
  const until = AbortSignal.any([asked, done.signal]);
  let working: Promise<void> | undefined;
  try {
    const end = await store.end();
    const loop = whileOwning(directory, (signal) => financeLoops(store, clock, directory, log).projections.run(signal));
    working = workWhereNobodyElseDoes(loop, clock, until);
    const rebuilt = rebuildAll(projections, { control, reader, end }, { clock, terminal }, until);
    const statuses = await Promise.race([rebuilt, working.then(() => rebuilt)]);
    if (asked.aborted) {
      terminal.note('Interrupted: what was asked for goes on with the next service or rebuild.');
      return exitCodes.interrupted;
    }
    if (json) terminal.json({ rebuilds: statuses });
    else for (const status of statuses) terminal.line(lineOf(status));
    return codeOf(statuses);
  } finally {
    done.abort();
    await working?.catch(() => undefined);
    reader.close();
    control.close();
    await store.close();
  }
}

function chosen(named: readonly string[]): readonly string[] {
  const names = financeProjections.map(({ name }) => name);
  const unknown = named.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Misused(`there is no projection "${unknown}"; there are: ${names.join(', ')}`);
  return named.length === 0 ? names : [...new Set(named)];
}

/** Does the work that a service would, for as long as no service does it. Rejects where the loop fails. */
async function workWhereNobodyElseDoes(
  loop: (signal: AbortSignal) => Promise<void>,
  clock: Clock,
  until: AbortSignal,
): Promise<void> {
  const ended = (): boolean => until.aborted;
  while (!ended()) {
    try {
      await loop(until);
    } catch (error) {
      if (ended()) return;
      if (!(error instanceof FolderTaken)) throw error;
    }
    await clock.sleep(LOOK_EVERY_MS, until);
  }
}

/** Asks for each once it stands where the books end, and waits until all have ended; where it is interrupted, what there is by then. */
async function rebuildAll(
  projections: readonly string[],
  books: Books,
  { clock, terminal }: { readonly clock: Clock; readonly terminal: Terminal },
  until: AbortSignal,
): Promise<readonly RebuildStatus[]> {
  const { control } = books;
  const random = new SystemRandom();
  const asked = new Map<string, string>();
  while (!until.aborted) {
    const behind = projections.filter((name) => !asked.has(name) && isBehind(name, books));
    for (const name of projections) {
      if (asked.has(name) || behind.includes(name)) continue;
      const rebuildId = Buffer.from(random.bytes(REBUILD_ID_BYTES)).toString('base64url');
      const running = control.request(name, rebuildId);
      if (running !== undefined) asked.set(name, running);
    }
    const statuses = [...asked].flatMap(([name, rebuildId]) => control.rebuild(name, rebuildId) ?? []);
    if (statuses.length === projections.length && statuses.every(({ state }) => state !== 'running')) return statuses;
    const share = statuses.reduce((sum, { progress }) => sum + progress, 0) / projections.length;
    if (behind.length > 0) terminal.progress(`waiting until ${behind.join(', ')} has caught up with the books`, null);
    else terminal.progress(`filling ${projections.join(', ')} anew${paceOf(statuses)}`, share);
    await clock.sleep(LOOK_EVERY_MS, until);
  }
  return [];
}

/** How fast those that are under way are, and how long the slowest of them still takes. */
function paceOf(statuses: readonly RebuildStatus[]): string {
  const running = statuses.filter(({ state, eventsPerSecond }) => state === 'running' && eventsPerSecond !== null);
  if (running.length === 0) return '';
  const events = running.reduce((sum, { eventsPerSecond }) => sum + (eventsPerSecond ?? 0), 0);
  const remainingMs = Math.max(...running.map((status) => status.remainingMs ?? 0));
  return `, ${events} events/s, ${Math.ceil(remainingMs / SECOND_MS)} s to go`;
}

/** What a projection holds is worth a comparison once it holds all that was booked before it was asked for, or where it holds what it will. */
function isBehind(name: string, { control, reader, end }: Books): boolean {
  if (control.failureOf(name) !== undefined) return false;
  return comparePositions(reader.progress(name)?.position ?? 'start', end) < 0;
}

function lineOf({ projection, state, identical, rows, checksum, difference, detail }: RebuildStatus): string {
  if (state === 'failed') return `${projection}: failed: ${detail ?? 'nobody knows why'}`;
  const found = `${rows ?? 0} rows, SHA-256 ${checksum ?? ''}`;
  if (identical === null) return `${projection}: swapped, and not compared: ${detail ?? ''} (${found})`;
  if (identical) return `${projection}: swapped, old and new are identical (${found})`;
  return `${projection}: swapped, old and new DIFFER (${found}): ${JSON.stringify(difference)}`;
}

function codeOf(statuses: readonly RebuildStatus[]): ExitCode {
  if (statuses.some(({ state }) => state === 'failed')) return exitCodes.notDone;
  return statuses.every(({ identical }) => identical === true) ? exitCodes.well : exitCodes.notWell;
}
