import { examples, type AddCommand } from '../command';
import type { StartOptions } from './start-with';

export const addStart: AddCommand = (program, runs) => {
  program
    .command('start')
    .summary('run everything in this process')
    .description(
      'Runs ingest, ledger, tiers, finance and webhooks in this process, on files under DATA_DIR, until SIGTERM or Ctrl-C. The log ' +
        'is JSON lines on standard output; /docs shows the API. Each option stands for an environment variable and is stronger.',
    )
    .option('--port <number>', 'where to listen; 0 lets the system choose (PORT)')
    .option('--host <address>', 'on which address; without tokens a loopback address only (HOST)')
    .option('--data-dir <folder>', 'where the books are (DATA_DIR)')
    .option('--tokens <file>', 'JSON file of bearer tokens (METERBOOK_TOKENS)')
    .option('--presets', 'publish the five example rulebooks for platforms that have none (PRESETS=publish)')
    .addHelpText(
      'after',
      examples(
        ['meterbook start', 'on 127.0.0.1:3000, with the books in ./data'],
        ['meterbook start --presets --data-dir trial', 'to try it out, with rules to charge by'],
        ['meterbook start --host 0.0.0.0 --tokens tokens.json', 'for others, who show a token'],
      ),
    )
    .action(
      runs(async ({ environment }, options: StartOptions) => {
        const { startWith } = await import('./start-with');
        await startWith(options, environment);
        return null;
      }),
    );
};
