import { examples, type AddCommand } from '../../command';
import type { ValidateOptions } from './validate-file';

export const addValidate: AddCommand = (rulebook, runs) => {
  rulebook
    .command('validate')
    .summary('find every fault of a rulebook')
    .description(
      'Reads a rulebook, JSON or YAML, as the service reads one that is published, and names each fault with its line, its JSON ' +
        'pointer, its code and what belongs there. Nothing is sent anywhere.',
    )
    .argument('<file>', 'the rulebook')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      examples(
        ['meterbook rulebook validate rulebook.yaml', 'exit code 3 where it has faults'],
        ['meterbook rulebook validate rulebook.yaml --json | jq .errors', 'the faults, for a program'],
      ),
    )
    .action(
      runs(async (surroundings, file: string, options: ValidateOptions) => {
        const { validateFile } = await import('./validate-file');
        return validateFile(file, options, surroundings);
      }),
    );
};
