import { existsSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { storeExtent, storeFile } from '@meterbook/event-store/embedded/store-extent';
import { topicExtent, topicFiles } from '@meterbook/topics/embedded/topic-extents';
import type { Configuration } from '@meterbook/runtime/configuration';
import { folders } from '../engines/folders';
import type { Extents } from './witness';

/** Which engines keep their files under `DATA_DIR`, and where; null where the engine is a server. */
export interface DataFolder {
  readonly directory: string;
  readonly store: string | null;
  readonly topics: string | null;
}

export function dataFolder(
  configuration: Pick<Configuration, 'DATA_DIR' | 'EVENTSTORE_URL' | 'KAFKA_BROKERS'>,
): DataFolder {
  const { store, topics } = folders(configuration);
  return {
    directory: configuration.DATA_DIR,
    store: configuration.EVENTSTORE_URL === null ? store : null,
    topics: configuration.KAFKA_BROKERS.length === 0 ? topics : null,
  };
}

/** How far the files of the engines go now; those that are missing are not named. Throws `FileDamaged`. */
export function extentsOf({ store, topics }: DataFolder): Extents {
  const extents = topics === null ? [] : topicFiles(topics).map((file) => [file, topicExtent(file)] as const);
  return {
    store: (store === null ? undefined : storeExtent(store)) ?? null,
    topics: Object.fromEntries(extents.flatMap(([file, extent]) => (extent ? [[file, extent]] : []))),
  };
}

/** Every database under the folder that holds nothing which could not be made again from the store and the topics. */
export function derivedFiles({ directory, topics }: DataFolder): string[] {
  if (!existsSync(directory)) return [];
  const kept = new Set([storeFile(folders({ DATA_DIR: directory }).store), ...(topics ? topicFiles(topics) : [])]);
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.db'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !kept.has(file));
}

/** A path as it is told to whoever operates the service: from `DATA_DIR` on. */
export function toldPath(directory: string, file: string): string {
  return file.startsWith(directory + sep) ? file.slice(directory.length + 1) : file;
}
