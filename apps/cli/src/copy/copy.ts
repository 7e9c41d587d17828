import { examples, type AddCommand } from '../command';
import type { CopyOptions } from './copy-deployment';

export const addCopy: AddCommand = (program, runs) => {
  program
    .command('copy')
    .summary('move a deployment between files and servers')
    .description(
      'Copies the books of one deployment into another: from files to EventStoreDB and Kafka, or back. Every event keeps its place in its ' +
        'stream, its hash and when it was booked, so that reports and closings stay what they were; dead letters go along. The services of ' +
        'both have to be stopped. What was interrupted goes on where it was. In the end both stores are compared, stream by stream, and the copy is proved.',
    )
    .requiredOption('--from <deployment>', 'a DATA_DIR, or a file of settings, a line NAME=value each')
    .requiredOption('--to <deployment>', 'the same, of the deployment that is filled; it has to be empty')
    .option('--json', 'print what was copied as JSON')
    .addHelpText(
      'after',
      examples(
        [
          'meterbook copy --from /var/lib/meterbook --to servers.env',
          'servers.env has DATA_DIR, EVENTSTORE_URL and KAFKA_BROKERS',
        ],
        ['meterbook copy --from servers.env --to /var/lib/meterbook', 'and back, into an empty folder'],
      ),
    )
    .action(
      runs(async (surroundings, options: CopyOptions) => {
        const { copyDeployment } = await import('./copy-deployment');
        return copyDeployment(options, surroundings);
      }),
    );
};
