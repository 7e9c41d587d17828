import { existsSync, readdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { copyBooks, extentsIn } from '@meterbook/host/files/copy-books';
import { dataFolder } from '@meterbook/host/files/data-folder';
import { keptFiles } from '@meterbook/host/files/kept-files';
import { makeUsable } from '@meterbook/host/files/usable-folder';
import { BACKUP_NOTE, readWitness, WITNESS, writeWitness, type Extents } from '@meterbook/host/files/witness';
import { readConfiguration } from '@meterbook/runtime/configuration';
import type { Surroundings } from '../command';
import type { ExitCode } from '../exit-code';
import { printCopy, reportOf, toldTurns, unlessInterrupted } from './copied';

export interface RestoreOptions {
  readonly json?: true;
}

/** What a restore leaves behind where it is interrupted, and what it may therefore find. */
const RESTORED = ['store', 'topics', WITNESS, ...keptFiles.map(dirname)];

/** There is no whole backup where the command was told to look. */
export class NoBackup extends Error {
  override readonly name = 'NoBackup';
  readonly remedy = 'Name a folder into which meterbook backup has copied to its end.';

  constructor(folder: string) {
    super(`There is no whole backup in ${folder}.`);
  }
}

/** The folder to restore into holds something. Nothing was changed. */
export class NotEmpty extends Error {
  override readonly name = 'NotEmpty';
  readonly remedy = 'Set DATA_DIR to an empty folder, or move away what is in this one.';

  constructor(folder: string) {
    super(`${folder} is not empty.`);
  }
}

/** Copies a backup into `DATA_DIR`. Throws `NoBackup`, `NotEmpty`, and what `copyBooks` does. */
export async function restoreBooks(
  named: string,
  { json }: RestoreOptions,
  { environment, terminal, interrupted }: Surroundings,
): Promise<ExitCode> {
  const configuration = readConfiguration({ ...environment, LOG_LEVEL: 'fatal' });
  const directory = resolve(named);
  const from = dataFolder({ ...configuration, DATA_DIR: directory });
  const backedUp = readWitness(directory, BACKUP_NOTE);
  if (!backedUp) throw new NoBackup(directory);
  const to = dataFolder(configuration);
  const extents = extentsIn(to.directory, directory, backedUp);
  refuseOccupied(to.directory, extents);
  makeUsable('DATA_DIR', to.directory);
  // Noted before anything is copied: a service that is started on a part of it refuses to go on without the rest.
  writeWitness(to.directory, extents);
  const turn = toldTurns('restoring', terminal, interrupted());
  return unlessInterrupted(async () => {
    const copied = await copyBooks(from, to, backedUp, turn);
    return printCopy('Restored into', reportOf(to.directory, extents, copied), terminal, json === true);
  }, terminal);
}

/** An empty folder, or the part of the same backup that an interrupted restore has left. */
function refuseOccupied(directory: string, extents: Extents): void {
  const found = existsSync(directory) ? readdirSync(directory) : [];
  if (found.length === 0) return;
  const isPart = found.every((name) => RESTORED.includes(name));
  if (!isPart || !isDeepStrictEqual(readWitness(directory), extents)) throw new NotEmpty(directory);
}
