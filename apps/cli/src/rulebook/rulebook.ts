import { examples, type AddCommand } from '../command';
import { addDiff } from './diff/diff';
import { addImport } from './import/import';
import { addPublish } from './publish/publish';
import { addValidate } from './validate/validate';

/** What can be done with a rulebook, in the order of the help. */
const subcommands: readonly AddCommand[] = [addImport, addValidate, addDiff, addPublish];

export const addRulebook: AddCommand = (program, runs) => {
  const rulebook = program
    .command('rulebook')
    .summary('import, check, compare and publish rulebooks')
    .description(
      'A rulebook is a file, JSON or YAML, of what a platform sells and at which prices (docs/rulebook.md). Price lists of LiteLLM, ' +
        'new-api and models.dev become one by `import` (docs/price-lists.md).',
    )
    .addHelpText(
      'after',
      examples(
        ['meterbook rulebook import --from litellm prices.json -o rulebook.yaml', 'a public price list'],
        ['meterbook rulebook validate rulebook.yaml', 'every fault, with its line'],
        ['meterbook rulebook diff now.yaml next.yaml', 'what gets dearer, and by how much'],
        ['meterbook rulebook publish rulebook.yaml --url http://127.0.0.1:3000', 'the next version'],
      ),
    );
  for (const add of subcommands) add(rulebook, runs);
};
