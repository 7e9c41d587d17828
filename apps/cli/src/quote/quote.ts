import { examples, type AddCommand } from '../command';
import type { QuoteOptions } from './asked-request';

export const addQuote: AddCommand = (program, runs) => {
  program
    .command('quote')
    .summary('tell what a request comes to, and why')
    .description(
      'Rates one request without booking anything: by a rulebook in a file, or by the one that is in force on a running service, there also ' +
        'for an account. It prints the amount, what it was before it was rounded, and the formula with its numbers.',
    )
    .argument('<model>', 'the model')
    .argument('[units...]', 'what it uses, as usage events name it: inputTokens=1000 outputTokens=500')
    .option('--rulebook <file>', 'by this rulebook, JSON or YAML')
    .option('--url <address>', 'by a running service')
    .option('--platform <name>', 'whose rulebook; with --url')
    .option('--token <token>', 'a token of the service; METERBOOK_TOKEN where it is left out')
    .option('--account <id>', 'for this account, with its tier and its own multiplier; with --url')
    .option('--field <name=value...>', 'a field of the request, such as service_tier=priority')
    .option('--tier <id>', 'for this tier; the first where it is left out')
    .option('--group <id>', "for this group; the model's where it is left out")
    .option('--channel <id>', 'through this channel')
    .option('--at <instant>', 'at this instant, RFC 3339; now where it is left out')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      examples(
        ['meterbook quote gpt-4o inputTokens=1200 outputTokens=350 --rulebook rulebook.yaml', 'by a file'],
        [
          'meterbook quote gpt-4o inputTokens=1200 --rulebook rulebook.yaml --field service_tier=priority',
          'by one of its rows',
        ],
        [
          'meterbook quote claude-sonnet inputTokens=1200 --url http://127.0.0.1:3000 --platform apibox --account acct-42',
          'as it would be charged now',
        ],
      ),
    )
    .action(
      runs(async (surroundings, model: string, units: readonly string[], options: QuoteOptions) => {
        const { quoteRequest } = await import('./quote-request');
        return quoteRequest(model, units, options, surroundings);
      }),
    );
};
