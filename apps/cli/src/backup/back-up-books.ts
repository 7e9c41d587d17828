import { resolve } from 'node:path';
import { copyBooks, extentsIn } from '@meterbook/host/files/copy-books';
import { dataFolder, extentsOf } from '@meterbook/host/files/data-folder';
import { BACKUP_NOTE, writeWitness } from '@meterbook/host/files/witness';
import { whileOwning } from '@meterbook/host/loops/while-owning';
import { readConfiguration } from '@meterbook/runtime/configuration';
import { existingBooks } from '../books-folder';
import { Misused, type Surroundings } from '../command';
import { exitCodes, type ExitCode } from '../exit-code';
import { printCopy, reportOf, toldTurns, unlessInterrupted } from './copied';

export interface BackupOptions {
  readonly json?: true;
}

/** Adds to a backup what the books under `DATA_DIR` have more than it. Throws `Misused`, `NoBooks`, and what `copyBooks` does. */
export async function backUpBooks(
  named: string,
  { json }: BackupOptions,
  { environment, terminal, interrupted }: Surroundings,
): Promise<ExitCode> {
  const from = dataFolder(existingBooks(environment));
  if (from.store === null && from.topics === null)
    throw new Misused('store and topics are on servers, which have backups of their own: there are no files to copy');
  const directory = resolve(named);
  if (directory === resolve(from.directory)) throw new Misused('a folder is no backup of itself');
  const to = { ...dataFolder(readConfiguration({ ...environment, DATA_DIR: directory, LOG_LEVEL: 'fatal' })) };
  const turn = toldTurns('copying', terminal, interrupted());
  let code: ExitCode = exitCodes.notDone;
  const work = whileOwning(directory, async () => {
    // The topics' ends are read before the store's: whatever they hold that was booked by then is in it.
    const extents = extentsOf(from);
    const copied = await copyBooks(from, to, extents, turn);
    const there = extentsIn(directory, from.directory, extents);
    writeWitness(directory, there, BACKUP_NOTE);
    code = printCopy('Backed up into', reportOf(directory, there, copied), terminal, json === true);
  });
  return unlessInterrupted(async () => {
    await work(new AbortController().signal);
    return code;
  }, terminal);
}
