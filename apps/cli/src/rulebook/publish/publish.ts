import { examples, type AddCommand } from '../../command';
import type { PublishOptions } from './publish-file';

export const addPublish: AddCommand = (rulebook, runs) => {
  rulebook
    .command('publish')
    .summary('publish a rulebook on a running service')
    .description(
      "Checks a rulebook, sends it to a service as its platform's next version, and shows version and SHA-256. To publish the same content " +
        'again is harmless: the service answers with the version that has it.',
    )
    .argument('<file>', 'the rulebook, JSON or YAML')
    .requiredOption('--url <address>', 'the service, such as http://127.0.0.1:3000')
    .option('--token <token>', 'a token that may publish; METERBOOK_TOKEN where it is left out')
    .option('--platform <name>', 'whose rules they become; what the file says where it is left out')
    .option('--effective-from <instant>', 'from when on they are in force, RFC 3339; what the file says, else now')
    .option('--dry-run', 'find out whether it could be published, and publish nothing')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      examples(
        [
          'meterbook rulebook publish rulebook.yaml --url http://127.0.0.1:3000 --dry-run',
          'exit code 3 where it would be refused',
        ],
        [
          'meterbook rulebook publish rulebook.yaml --url https://meterbook.example.com --effective-from 2027-01-01T00:00:00Z',
          'from the new year on',
        ],
      ),
    )
    .action(
      runs(async (surroundings, file: string, options: PublishOptions) => {
        const { publishFile } = await import('./publish-file');
        return publishFile(file, options, surroundings);
      }),
    );
};
