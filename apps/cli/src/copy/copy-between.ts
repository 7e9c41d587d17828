import { comparePositions, type EventStore } from '@meterbook/event-store/event-store';
import { AppendOutcomeUnknown, StoreUnavailable } from '@meterbook/event-store/store-failure';
import type { StreamDigests } from '@meterbook/event-store/stream-digests';
import { verifyStore, type VerifyReport } from '@meterbook/finance/verify/verify-store';
import { openStore } from '@meterbook/host/engines/engines';
import { dataFolder, extentsOf } from '@meterbook/host/files/data-folder';
import { writeWitness, type Extents } from '@meterbook/host/files/witness';
import { createLog } from '@meterbook/runtime/log';
import { othersTurn } from '@meterbook/runtime/system-turn';
import { CopyInterrupted } from '../backup/copied';
import { NoBooks } from '../books-folder';
import { copyEvents } from './copy-events';
import { CopyRefused } from './copy-refused';
import { refuseOtherKeys, copyKeys } from './copy-keys';
import type { CopyTools } from './copy-tools';
import { haveOneTopics, type Deployment } from './deployment';
import { holdingsOf, refuseOthers, type Holdings } from './store-holdings';
import { OpenedTopics } from './opened-topics';

/** What stands in the witness while a copy is not whole: no hash is called so, and no service starts on it. */
const UNFINISHED = 'copying';
/** Differences that are reported; there may be as many as there are streams. */
const MAX_DIFFERENCES = 1000;

/** What a copy came to. */
export interface CopyReport {
  readonly from: string;
  readonly to: string;
  /** Streams and events that are copied, on the side of the source. */
  readonly streams: number;
  readonly events: number;
  /** Of them, those that were added this time. */
  readonly added: number;
  /** Records of dead letters that were read; null where both sides have the same topics. */
  readonly deadLetters: number | null;
  /** Of a line `{stream} {revision} {hash}` for each stream, by name; hexadecimal. */
  readonly sha256: string;
  /** What is otherwise in the copy, a sentence each. */
  readonly differences: readonly string[];
  /** What the proof of the copy came to. */
  readonly proved: VerifyReport;
}

/** Copies events, dead letters and keys, and compares. Throws `CopyRefused`, and `CopyInterrupted`: begun again, it goes on. */
export async function copyBetween(from: Deployment, to: Deployment, tools: CopyTools): Promise<CopyReport> {
  const log = createLog('fatal');
  const opened: EventStore[] = [];
  const topics = haveOneTopics(from, to) ? null : await OpenedTopics.open(from, to, tools);
  try {
    const { store: source } = await openStore(from.configuration, tools.clock, log);
    opened.push(source);
    const { store: target } = await openStore(to.configuration, tools.clock, log);
    opened.push(target);
    const end = await source.end();
    const held = await lookedAt(from, to, { source, target }, tools);
    await topics?.refuseUnfit(held.source.wasRelayed);
    refuseOtherKeys(from, to);
    witness(to, held.source.digests);
    copyKeys(from, to);
    const of = held.source.digests.events;
    const there = { store: target, name: to.store, holds: held.target.digests };
    const added = await copyEvents(source, end, there, async (seen) => {
      tell(tools, 'copying', seen, of);
      await othersTurn();
    });
    const deadLetters = topics === null ? null : await topics.copyDeadLetters();
    await topics?.refuseUncharged(held.source.wasRelayed);
    if (comparePositions(await source.end(), end) !== 0) throw wentOn(from);
    const copied = await holdingsOf(target, to.store, (events) => tell(tools, 'comparing', events, of));
    const differences = [...first(held.source.digests.differencesFrom(copied.digests), MAX_DIFFERENCES)];
    const proved = await verifyStore(target, {
      of,
      onProgress: ({ events }) => tools.terminal.progress(`proving: ${events} events`, events / of),
    });
    if (differences.length === 0) witness(to);
    const { streams, events } = held.source.digests;
    const sha256 = held.source.digests.sha256();
    return { from: from.store, to: to.store, streams, events, added, deadLetters, sha256, differences, proved };
  } catch (error) {
    throw asTold(error);
  } finally {
    await topics?.close();
    for (const store of opened) await store.close();
  }
}

/** Reads both sides whole. Throws `CopyRefused` where the source is damaged, or the target holds something else than a part of it. */
async function lookedAt(
  from: Deployment,
  to: Deployment,
  stores: { readonly source: EventStore; readonly target: EventStore },
  tools: CopyTools,
): Promise<{ readonly source: Holdings; readonly target: Holdings }> {
  const target = await holdingsOf(stores.target, to.store, (events) =>
    tell(tools, 'looking at what is there', events, null),
  );
  const forks = new Set<string>();
  const source = await holdingsOf(
    stores.source,
    from.store,
    (events) => tell(tools, 'checking what is to be copied', events, null),
    ({ stream, revision, hash }) => {
      const head = target.digests.head(stream);
      if (head?.revision === revision && head.hash !== hash) forks.add(stream);
    },
  );
  // Under another prefix, or on another server, a store looks empty.
  if (source.digests.events === 0) throw new NoBooks(from.store);
  refuseOthers(target, source.digests, to.store, [...forks]);
  return { source, target };
}

/** Notes how far files go that are copied to: all of the source while the copy is not whole, then what they hold. */
function witness({ configuration }: Deployment, unfinished?: StreamDigests): void {
  const folder = dataFolder(configuration);
  if (folder.store === null && folder.topics === null) return;
  const now = extentsOf(folder);
  const store = unfinished && folder.store !== null ? { next: unfinished.events, hash: UNFINISHED } : now.store;
  const extents: Extents = { ...now, store };
  writeWitness(folder.directory, extents);
}

function tell({ terminal, asked }: CopyTools, what: string, events: number, of: number | null): void {
  if (asked.aborted) throw new CopyInterrupted();
  terminal.progress(`${what}: ${events} events`, of === null || of === 0 ? null : events / of);
}

function wentOn({ store }: Deployment): CopyRefused {
  return new CopyRefused(
    `${store} was written to meanwhile: the copy does not hold all of it.`,
    'Stop the services of --from, and give the same command again: it goes on where it is.',
  );
}

/** A store that is away is one of two: the message has to say so, and that nothing is lost by it. */
function asTold(error: unknown): unknown {
  const remedy =
    'See that both stores can be reached and written; then give the same command again: it goes on where it was.';
  if (error instanceof StoreUnavailable)
    return new CopyRefused(`A store cannot be reached or written: ${error.why}.`, remedy);
  return error instanceof AppendOutcomeUnknown ? new CopyRefused(`${error.message}.`, remedy) : error;
}

function* first<T>(all: Iterable<T>, count: number): Iterable<T> {
  let given = 0;
  for (const one of all) {
    if (given++ === count) return;
    yield one;
  }
}
