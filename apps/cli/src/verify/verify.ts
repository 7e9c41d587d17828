import { examples, type AddCommand } from '../command';
import type { VerifyOptions } from './verify-books';

export const addVerify: AddCommand = (program, runs) => {
  program
    .command('verify')
    .summary('prove the books from their stored bytes')
    .description(
      'Reads every event of the store, checks every hash, folds every account and its holds again, and compares what each event states with what ' +
        'the events before it come to. Nothing is written. A service may run meanwhile.',
    )
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      examples(
        ['DATA_DIR=/var/lib/meterbook meterbook verify', 'exit code 3 where anything is wrong'],
        ['meterbook verify --json | jq .faults', 'what is wrong, for a program'],
      ),
    )
    .action(
      runs(async (surroundings, options: VerifyOptions) => {
        const { verifyBooks } = await import('./verify-books');
        return verifyBooks(options, surroundings);
      }),
    );
};
