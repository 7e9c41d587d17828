import { examples, type AddCommand } from '../command';
import type { BackupOptions } from './back-up-books';

export const addBackup: AddCommand = (program, runs) => {
  program
    .command('backup')
    .summary('copy the books into a folder, while a service runs')
    .description(
      'Copies what cannot be made again, the store and the topics under DATA_DIR, into a folder, and checks the store on the way. The ' +
        'next backup into the same folder adds what is new. A service may run meanwhile. Servers have backups of their own.',
    )
    .argument('<folder>', 'where the backup is: an empty folder, or the one of the last time')
    .option('--json', 'print what was copied as JSON')
    .addHelpText(
      'after',
      examples(
        ['meterbook backup /var/backups/meterbook', 'the whole of it at first, then what is new'],
        ['meterbook restore /var/backups/meterbook', 'puts it into an empty DATA_DIR'],
      ),
    )
    .action(
      runs(async (surroundings, folder: string, options: BackupOptions) => {
        const { backUpBooks } = await import('./back-up-books');
        return backUpBooks(folder, options, surroundings);
      }),
    );
};
