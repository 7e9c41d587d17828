import { Option } from 'commander';
import { examples, type AddCommand } from '../../command';
import type { DiffOptions } from './diff-files';

export const addDiff: AddCommand = (rulebook, runs) => {
  rulebook
    .command('diff')
    .summary('tell which models get dearer or cheaper')
    .description(
      'Compares two rulebooks by what they charge: each price of each model, what a typical request comes to, which models are new or ' +
        'gone, and whether currency, rounding or another part changed. Names are compared as they would be found, by name or pattern.',
    )
    .argument('<old>', 'the rulebook of now')
    .argument('<new>', 'the rulebook to be')
    .option(
      '--units <unit=count...>',
      'a typical request to a model priced by tokens; inputTokens=1000 outputTokens=500 where it is left out',
    )
    .option('--at <instant>', 'when a typical request occurs, RFC 3339; now where it is left out')
    .option('--exit-code', 'exit with 3 where anything differs')
    .addOption(
      new Option('--fail-on <what...>', 'exit with 3 where there is such a difference').choices([
        'dearer',
        'cheaper',
        'new',
        'gone',
        'currency',
        'rounding',
        'other',
      ]),
    )
    .option('--json', 'print the comparison as JSON')
    .addHelpText(
      'after',
      examples(
        ['meterbook rulebook diff now.yaml next.yaml', 'what changes for customers'],
        ['meterbook rulebook diff now.yaml next.yaml --fail-on dearer gone currency', 'for CI: nothing may get dearer'],
        [
          'meterbook rulebook diff now.yaml next.yaml --units inputTokens=20000 cacheReadTokens=15000 outputTokens=800',
          'by your own requests',
        ],
      ),
    )
    .action(
      runs(async (surroundings, old: string, next: string, options: DiffOptions) => {
        const { diffFiles } = await import('./diff-files');
        return diffFiles(old, next, options, surroundings);
      }),
    );
};
