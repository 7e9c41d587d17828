import { existsSync, renameSync, rmSync } from 'node:fs';
import { storeExtent, storeFile, storeHolds, type StoreExtent } from '@meterbook/event-store/embedded/store-extent';
import { groupExtents, type GroupExtent, type TopicExtent } from '@meterbook/topics/embedded/topic-extents';
import { FileDamaged, hasTable, lookIntoDatabase } from '@meterbook/runtime/database-file';
import { isSqliteBusy } from '@meterbook/runtime/sqlite-failure';
import type { Log } from '@meterbook/runtime/log';
import { dataFolder, derivedFiles, extentsOf, toldPath, type DataFolder } from './data-folder';
import { FilesUnfit } from './files-unfit';
import { makeUsable } from './usable-folder';
import { readWitness, witnessFile, type Extents } from './witness';

/** Put behind the name of a derived file that cannot be read, so that it is made anew and can still be looked at. */
const SET_ASIDE = '.damaged';

/**
 * Before anything is opened: throws `PathUnfit` where folder or files cannot be written to, and `FilesUnfit` where a file that cannot be made again is damaged, is missing, or goes less far
 * than its partners have seen. A derived file that is no database any more is set aside, and its owner makes it anew.
 */
export function refuseUnfitFiles(configuration: Parameters<typeof dataFolder>[0], log: Log): void {
  if (existsSync(configuration.DATA_DIR)) makeUsable('DATA_DIR', configuration.DATA_DIR);
  const folder = dataFolder(configuration);
  // Read first: whatever another process writes meanwhile only adds to what it says.
  const witnessed = readWitness(folder.directory);
  setDamagedAside(folder, log);
  const reasons = reasonsAgainst(folder, witnessed);
  if (reasons.length > 0) throw new FilesUnfit(reasons);
}

function reasonsAgainst(folder: DataFolder, witnessed: Extents | undefined): string[] {
  // Read before what they are made from: both may grow while others work, and the latter never goes less far than it did.
  const folded = folder.store === null ? [] : foldedIn(folder);
  const groups = folder.topics === null ? [] : groupExtents(folder.topics);
  let now: Extents;
  try {
    now = extentsOf(folder);
  } catch (error) {
    if (!(error instanceof FileDamaged)) throw error;
    return [`${error.message} Restore the whole of ${folder.directory} from one backup.`];
  }
  return [
    ...(folder.store === null ? [] : storeReasons(folder, folder.store, witnessed?.store ?? null, folded)),
    ...(folder.topics === null
      ? []
      : [
          ...witnessedTopicReasons(folder, now.topics, witnessed?.topics ?? {}),
          ...groupReasons(folder, now.topics, groups),
        ]),
  ];
}

/** A derived file, and how many events of the embedded store it has folded. */
interface Folded {
  readonly file: string;
  readonly events: number;
}

function foldedIn(folder: DataFolder): Folded[] {
  return derivedFiles(folder).flatMap((file) => {
    const position = positionIn(file);
    return position === undefined ? [] : [{ file, events: position + 1 }];
  });
}

/** What speaks against a store: it is not the one that was seen, or it is shorter than what was made from it. */
function storeReasons(
  folder: DataFolder,
  store: string,
  witnessed: StoreExtent | null,
  folded: readonly Folded[],
): string[] {
  const told = (file: string): string => toldPath(folder.directory, file);
  const extent = storeExtent(store);
  const file = told(storeFile(store));
  const ends = extent ? `ends after ${extent.next} events` : 'is missing';
  const remedy = `Restore ${file}, or the whole folder from one backup; to begin new books use an empty DATA_DIR.`;
  if (witnessed && !storeHolds(store, witnessed)) {
    const seen = `the ${witnessed.next} events that ${told(witnessFile(folder.directory))} has seen`;
    const isLong = extent !== undefined && extent.next >= witnessed.next;
    return [isLong ? `${file} does not begin with ${seen}. ${remedy}` : `${file} ${ends}, short of ${seen}. ${remedy}`];
  }
  const ahead = folded
    .filter(({ events }) => events > (extent?.next ?? 0))
    .map((derived) => `${file} ${ends}, but ${told(derived.file)} has folded ${derived.events}. ${remedy}`);
  if (ahead.length > 0 || extent || folder.topics === null) return ahead;
  const busy = groupExtents(folder.topics).find(({ committed }) => committed.some((offset) => offset > 0));
  return busy ? [`${file} ${ends}, but ${told(busy.file)} says that records were booked. ${remedy}`] : [];
}

function witnessedTopicReasons(
  folder: DataFolder,
  now: Extents['topics'],
  witnessed: Extents['topics'],
): readonly string[] {
  return Object.entries(witnessed).flatMap(([file, seen]) => {
    const difference = differenceOf(now[file], seen);
    if (difference === null) return [];
    const [told, witness] = [file, witnessFile(folder.directory)].map((path) => toldPath(folder.directory, path));
    return [
      `${told} ${difference} ${witness} has seen: what was accepted would be lost. Restore ${told}; ` +
        `where it is lost for good, delete ${witness} to go on without it.`,
    ];
  });
}

/** How a topic falls short of what was seen of it; null where it does not. */
function differenceOf(now: TopicExtent | undefined, seen: TopicExtent): string | null {
  if (seen.ends.every((end) => end === 0)) return null;
  if (!now) return 'is missing, which';
  if (now.id !== null && seen.id !== null && now.id !== seen.id) return 'is another file than';
  const partition = seen.ends.findIndex((end, at) => (now.ends[at] ?? 0) < end);
  return partition < 0
    ? null
    : `ends at offset ${now.ends[partition] ?? 0} of partition ${partition}, before the ${seen.ends[partition]} that`;
}

function groupReasons(folder: DataFolder, topics: Extents['topics'], groups: readonly GroupExtent[]): string[] {
  return groups.flatMap(({ file, topicFile, committed }) => {
    const topic = topics[topicFile];
    const partition = committed.findIndex((offset, at) => offset > (topic?.ends[at] ?? 0));
    if (partition < 0) return [];
    const [group, told] = [file, topicFile].map((path) => toldPath(folder.directory, path));
    const ends = topic ? `ends at offset ${topic.ends[partition] ?? 0} of partition ${partition}` : 'is missing';
    return [
      `${told} ${ends}, but ${group} has done with ${committed[partition]}: new records would be passed over. Restore ${told}; ` +
        `where it is lost for good, delete ${group} and the group begins with what there is.`,
    ];
  });
}

/** Looks into a derived file, but into none that another process holds, as the owner of a folder holds its lock: that one has looked. */
function lookUnlessHeld<T>(file: string, look: Parameters<typeof lookIntoDatabase<T>>[1]): T | undefined {
  try {
    return lookIntoDatabase(file, look, 0);
  } catch (error) {
    if (isSqliteBusy(error)) return undefined;
    throw error;
  }
}

/** The position that the rows of a derived file stand for; undefined where it keeps none of the embedded store's. */
function positionIn(file: string): number | undefined {
  const text = lookUnlessHeld(file, (database) => {
    const columns = hasTable(database, 'progress')
      ? database.prepare<[], string>(`SELECT name FROM pragma_table_info('progress')`).pluck().all()
      : [];
    return columns.includes('position')
      ? database
          .prepare<[], string | null>(
            "SELECT max(CAST(position AS INTEGER)) FROM progress WHERE position GLOB '[0-9]*'",
          )
          .pluck()
          .get()
      : undefined;
  });
  return text === undefined || text === null ? undefined : Number(text);
}

function setDamagedAside(folder: DataFolder, log: Log): void {
  for (const file of derivedFiles(folder)) {
    try {
      lookUnlessHeld(file, () => undefined);
    } catch (error) {
      if (!(error instanceof FileDamaged)) throw error;
      log.error({ err: error }, 'A derived file is damaged. It is set aside and made anew.');
      renameSync(file, file + SET_ASIDE);
      for (const part of ['-wal', '-shm']) rmSync(file + part, { force: true });
    }
  }
}
