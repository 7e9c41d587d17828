import { examples, type AddCommand } from '../command';
import type { RestoreOptions } from './restore-books';

export const addRestore: AddCommand = (program, runs) => {
  program
    .command('restore')
    .summary('put a backup into an empty DATA_DIR')
    .description(
      'Copies the last whole backup of a folder into DATA_DIR, which has to be empty, and checks the store on the way. The service then ' +
        'makes everything else again, and charges what the topics hold and the store does not know.',
    )
    .argument('<folder>', 'a folder that meterbook backup has written')
    .option('--json', 'print what was copied as JSON')
    .addHelpText(
      'after',
      examples(
        ['DATA_DIR=/var/lib/meterbook meterbook restore /var/backups/meterbook', 'before the service is started there'],
        ['DATA_DIR=drill meterbook restore /var/backups/meterbook', 'a drill: meterbook verify proves the copy'],
      ),
    )
    .action(
      runs(async (surroundings, folder: string, options: RestoreOptions) => {
        const { restoreBooks } = await import('./restore-books');
        return restoreBooks(folder, options, surroundings);
      }),
    );
};
