import { examples, type AddCommand } from '../command';
import type { RebuildOptions } from './rebuild-projections';

export const addRebuild: AddCommand = (program, runs) => {
  program
    .command('rebuild')
    .summary('fill projections anew, and compare')
    .description(
      'Fills each projection of finance again from the first event, compares old and new row by row, and puts the new one in the place ' +
        'of the old. A service that runs on the same DATA_DIR does the work and answers meanwhile; where none runs, this does it.',
    )
    .argument('[projections...]', 'which of them; all where none is named')
    .option('--json', 'print what became of each as JSON')
    .addHelpText(
      'after',
      examples(
        ['meterbook rebuild', 'exit code 3 where old and new were not the same'],
        ['meterbook rebuild trial-balance --json', 'rows, checksum and the first difference'],
      ),
    )
    .action(
      runs(async (surroundings, projections: readonly string[], options: RebuildOptions) => {
        const { rebuildProjections } = await import('./rebuild-projections');
        return rebuildProjections(projections, options, surroundings);
      }),
    );
};
